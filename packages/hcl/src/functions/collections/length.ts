import { BigFloat } from '../../values/big-float.ts';
import { dynamicType, numberType } from '../../values/type.ts';
import { typeWords } from '../../values/type-words.ts';
import { numberValue, unknownValue, type Value } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { graphemeCount } from '../support/grapheme.ts';
import { hasKnownLength } from '../support/sequences.ts';

const kinds = new Set(['string', 'list', 'set', 'map', 'tuple', 'object', 'dynamic']);

export const length: HclFunction = {
  name: 'length',
  description: 'How many elements a list, set, map or object has, or how many characters a text has.',
  parameters: [{ name: 'value', type: dynamicType, allowUnknown: true, allowDynamic: true }],
  examples: [
    { call: 'length(["a", "b"])', gives: '2' },
    { call: 'length({ a = "b" })', gives: '1' },
    { call: 'length("hello")', gives: '5' },
    { call: 'length("👍🏽")', gives: '1' },
  ],
  resultType: ([value]) => {
    if (kinds.has(value!.type.kind)) return numberType;
    throw new FunctionError(
      `A ${typeWords(value!.type)} has no length; only texts and collections have one.`,
      0,
    );
  },
  call: ([value]) => {
    const count = lengthOf(value!);
    return count === undefined ? unknownValue(numberType) : numberValue(BigFloat.integer(count));
  },
};

function lengthOf(value: Value): number | undefined {
  const { type } = value;
  // These are known before their elements are.
  if (type.kind === 'tuple') return type.elements.length;
  if (type.kind === 'object') return type.attributes.size;
  if (!hasKnownLength(value)) return undefined;
  if (value.kind === 'map') return value.entries.size;
  if (value.kind === 'list' || value.kind === 'set') return value.items.length;
  return graphemeCount(textOf(value));
}
