import { dynamicType, stringType } from '../../values/type.ts';
import { stringValue, unknownValue, type Value } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { decodeYaml, YamlDecodeError } from '../yaml/decode-yaml.ts';
import { emitYaml, YamlEncodeError } from '../yaml/emit-yaml.ts';

export const yamldecode: HclFunction = {
  name: 'yamldecode',
  description: 'The value that a YAML text says: mappings become objects, sequences tuples.',
  parameters: [{ name: 'src', type: stringType }],
  examples: [
    { call: 'yamldecode("hello: world")', gives: '{ hello = "world" }' },
    {
      call: 'yamldecode("a: &x\\n  b: [1, yes]\\nc:\\n  <<: *x\\n  d: 2001-12-14")',
      gives: '{ a = { b = [1, true] }, c = { b = [1, true], d = "2001-12-14T00:00:00Z" } }',
    },
  ],
  resultType: ([src]) => (src!.kind === 'unknown' ? dynamicType : decoded(src!).type),
  call: ([src]) => decoded(src!),
};

function decoded(source: Value): Value {
  try {
    return decodeYaml(textOf(source));
  } catch (error) {
    if (!(error instanceof YamlDecodeError)) throw error;
    throw new FunctionError(error.message, 0);
  }
}

export const yamlencode: HclFunction = {
  name: 'yamlencode',
  description: 'The value as a YAML text.',
  parameters: [{ name: 'value', type: dynamicType, allowNull: true, allowDynamic: true }],
  examples: [
    { call: 'yamlencode({ a = ["x", 1, null] })', gives: '"\\"a\\":\\n- \\"x\\"\\n- 1\\n- null\\n"' },
    { call: 'yamlencode({ a = "b\\nc\\n" })', gives: '"\\"a\\": |\\n  b\\n  c\\n"' },
  ],
  resultType: () => stringType,
  call: ([value]) => {
    if (!isWhollyKnown(value!)) return unknownValue(stringType);
    try {
      return stringValue(emitYaml(value!));
    } catch (error) {
      if (!(error instanceof YamlEncodeError)) throw error;
      throw new FunctionError(error.message, 0);
    }
  },
};
