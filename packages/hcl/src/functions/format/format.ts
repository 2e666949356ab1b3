import { dynamicType, listType, stringType } from '../../values/type.ts';
import {
  type ListValue,
  listValue,
  type SetValue,
  stringValue,
  type TupleValue,
  unknownValue,
  type Value,
} from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import { FunctionError, type HclFunction, type Parameter } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { checkTextSize } from '../support/limits.ts';
import { formatValue } from './format-value.ts';
import { parseFormat, type Verb } from './verb.ts';

const formatParameter: Parameter = { name: 'format', type: stringType };
const rest: Parameter = { name: 'args', type: dynamicType, allowNull: true, allowUnknown: true };

export const format: HclFunction = {
  name: 'format',
  description:
    'A text made from a format, whose verbs stand for the arguments: %s text, %d whole number, %f decimal fractions, ' +
    '%g either, %e exponents, %b %o %x other bases, %t true or false, %q JSON string, %v anything, %#v JSON, %% a ' +
    'percent sign. Between % and the letter may be flags, width, .precision and [argument number].',
  parameters: [formatParameter],
  rest,
  examples: [
    { call: 'format("Hello, %s!", "Ander")', gives: '"Hello, Ander!"' },
    { call: 'format("There are %d lights", 4)', gives: '"There are 4 lights"' },
    { call: 'format("%-5s|%05.1f|%#v", "ab", 3.14159, ["x", 1])', gives: '"ab   |003.1|[\\"x\\",1]"' },
    { call: 'format("%[2]s %[1]s", "world", "hello")', gives: '"hello world"' },
  ],
  resultType: () => stringType,
  call: ([template, ...args]) => {
    if (!args.every(isWhollyKnown)) return unknownValue(stringType);
    return stringValue(render(parseFormat(textOf(template)), args));
  },
};

export const formatlist: HclFunction = {
  name: 'formatlist',
  description:
    'A list of texts made from a format as by `format`, one for each element of the lists among the arguments; other ' +
    'arguments are the same in each.',
  parameters: [formatParameter],
  rest,
  examples: [
    {
      call: 'formatlist("Hello, %s!", ["Valentina", "Ander"])',
      gives: '["Hello, Valentina!", "Hello, Ander!"]',
      loose: true,
    },
    { call: 'formatlist("%s:%d", "host", [80, 443])', gives: '["host:80", "host:443"]', loose: true },
  ],
  resultType: () => listType(stringType),
  call: ([template, ...args]) => {
    const parts = parseFormat(textOf(template));
    const length = commonLength(args);
    if (args.some(isUnknownSequence)) return unknownValue(listType(stringType));
    const texts: Value[] = [];
    let size = 0;
    for (let index = 0; index < length; index++) {
      const given = args.map((arg) => (isSequence(arg) ? arg.items[index]! : arg));
      if (given.every(isWhollyKnown)) {
        const text = render(parts, given, index);
        size += text.length;
        checkTextSize(size);
        texts.push(stringValue(text));
      } else {
        texts.push(unknownValue(stringType));
      }
    }
    return listValue(stringType, texts);
  },
};

/** How many texts the sequences among the arguments ask for; one without any. */
function commonLength(args: readonly Value[]): number {
  let length: number | undefined;
  let chooser = 0;
  for (const [index, arg] of args.entries()) {
    const own = lengthOf(arg);
    if (own === undefined) continue;
    if (length !== undefined && own !== length) {
      throw new FunctionError(
        `Argument ${index + 1} after the format has ${own} elements, but argument ${chooser + 1} has ${length}; ` +
          'they must have the same number.',
        index + 1,
      );
    }
    if (length === undefined) [length, chooser] = [own, index];
  }
  return length ?? 1;
}

function lengthOf(value: Value): number | undefined {
  if (isSequence(value)) return value.items.length;
  return value.kind === 'unknown' && value.type.kind === 'tuple' ? value.type.elements.length : undefined;
}

function isSequence(value: Value): value is ListValue | SetValue | TupleValue {
  return value.kind === 'list' || value.kind === 'set' || value.kind === 'tuple';
}

/** Unknown, and perhaps something that has elements. */
function isUnknownSequence(value: Value): boolean {
  return value.kind === 'unknown' && ['list', 'set', 'tuple', 'dynamic'].includes(value.type.kind);
}

function render(parts: readonly (string | Verb)[], args: readonly Value[], iteration?: number): string {
  let result = '';
  let used = 0;
  for (const part of parts) {
    if (typeof part === 'string') {
      result += part;
      continue;
    }
    const value = args[part.argument - 1];
    if (!value) {
      throw new FunctionError(
        `"${part.raw}" at offset ${part.offset} of the format needs argument ${part.argument}, but there ` +
          `${args.length === 1 ? 'is 1' : `are ${args.length}`}.`,
      );
    }
    used = Math.max(used, part.argument);
    result += formatValue(part, value);
    checkTextSize(result.length);
  }
  if (used < args.length && !(iteration !== undefined && args.length === 0)) {
    throw new FunctionError(
      used === 0
        ? 'There are arguments, but the format has no verbs such as %s.'
        : `There are ${args.length} arguments, but the format uses only ${used}.`,
      used + 1,
    );
  }
  return result;
}
