import { decodeJson, encodeJson, JsonError } from '../../values/json.ts';
import { dynamicType, stringType } from '../../values/type.ts';
import { stringValue, unknownValue, type Value } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { checkTextSize } from '../support/limits.ts';

export const jsondecode: HclFunction = {
  name: 'jsondecode',
  description: 'The value that a JSON text says: objects stay objects, arrays become tuples.',
  parameters: [{ name: 'str', type: stringType }],
  examples: [
    { call: 'jsondecode("{\\"hello\\": \\"world\\"}")', gives: '{ hello = "world" }' },
    { call: 'jsondecode("[1, true, null]")', gives: '[1, true, null]' },
  ],
  resultType: ([str]) => (str!.kind === 'unknown' ? dynamicType : decoded(str!).type),
  call: ([str]) => decoded(str!),
};

function decoded(source: Value): Value {
  return refusing(() => decodeJson(textOf(source)));
}

export const jsonencode: HclFunction = {
  name: 'jsonencode',
  description:
    'The value as a JSON text. Keys are sorted; `<`, `>` and `&` are escaped, so that it is safe in HTML.',
  parameters: [{ name: 'val', type: dynamicType, allowNull: true, allowUnknown: true, allowDynamic: true }],
  examples: [
    { call: 'jsonencode({ hello = "world" })', gives: '"{\\"hello\\":\\"world\\"}"' },
    { call: 'jsonencode(["<", 1.5, null])', gives: '"[\\"\\\\u003c\\",1.5,null]"' },
  ],
  resultType: () => stringType,
  call: ([val]) => {
    if (!isWhollyKnown(val!)) return unknownValue(stringType);
    const text = refusing(() => encodeJson(val!));
    checkTextSize(text.length);
    return stringValue(text);
  },
};

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new FunctionError(`The JSON is not acceptable: ${error.message}.`, 0);
  }
}
