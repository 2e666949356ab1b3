import { listType, numberType, stringType } from '../../values/type.ts';
import { type ListValue, listValue, stringValue, unknownValue } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf, wholeNumberOf } from '../support/arguments.ts';
import { checkItemCount, checkTextSize } from '../support/limits.ts';

export const split: HclFunction = {
  name: 'split',
  description: 'The parts of a text between the separators. An empty separator gives the single characters.',
  parameters: [
    { name: 'separator', type: stringType },
    { name: 'str', type: stringType },
  ],
  examples: [
    { call: 'split(",", "foo,bar,baz")', gives: '["foo", "bar", "baz"]', loose: true },
    { call: 'split(",", "")', gives: '[""]', loose: true },
  ],
  resultType: () => listType(stringType),
  call: ([separator, str]) => {
    const text = textOf(str);
    const parts = textOf(separator) === '' ? [...text] : text.split(textOf(separator));
    checkItemCount(parts.length);
    return listValue(stringType, parts.map(stringValue));
  },
};

export const join: HclFunction = {
  name: 'join',
  description: 'All elements of the lists as one text, with the separator between them.',
  parameters: [{ name: 'separator', type: stringType }],
  rest: { name: 'lists', type: listType(stringType) },
  examples: [
    { call: 'join(", ", ["foo", "bar"])', gives: '"foo, bar"' },
    { call: 'join("-", ["a", "b"], ["c"])', gives: '"a-b-c"' },
  ],
  resultType: () => stringType,
  call: ([separator, ...lists]) => {
    if (lists.length === 0) throw new FunctionError('At least one list is needed after the separator.');
    if (!lists.every(isWhollyKnown)) return unknownValue(stringType);
    const parts: string[] = [];
    let size = 0;
    for (const [index, list] of lists.entries()) {
      for (const [position, item] of (list as ListValue).items.entries()) {
        if (item.kind !== 'string') {
          throw new FunctionError(
            `Element ${position} of the list is null; only strings can be joined.`,
            index + 1,
          );
        }
        parts.push(item.value);
        size += item.value.length + textOf(separator).length;
      }
    }
    checkTextSize(size);
    return stringValue(parts.join(textOf(separator)));
  },
};

export const indent: HclFunction = {
  name: 'indent',
  description: 'The text with that many spaces put in front of each line but the first.',
  parameters: [
    { name: 'spaces', type: numberType },
    { name: 'str', type: stringType },
  ],
  examples: [{ call: 'indent(2, "[\\n  foo,\\n]")', gives: '"[\\n    foo,\\n  ]"' }],
  resultType: () => stringType,
  call: ([spaces, str]) => {
    const count = wholeNumberOf(spaces, 0);
    if (count < 0) throw new FunctionError('The number of spaces must not be negative.', 0);
    const lines = textOf(str).split('\n');
    checkTextSize(textOf(str).length + (lines.length - 1) * count);
    return stringValue(lines.length === 1 ? textOf(str) : lines.join(`\n${' '.repeat(count)}`));
  },
};
