import { dynamicType, listType, objectType, stringType, type Type, tupleType } from '../../values/type.ts';
import {
  listValue,
  nullValue,
  objectValue,
  stringValue,
  tupleValue,
  type Value,
} from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { type Captures, RegexBudgetError } from '../regex/matcher.ts';
import { Regex } from '../regex/regex.ts';
import { RegexSyntaxError } from '../regex/syntax-tree.ts';
import { textOf } from '../support/arguments.ts';
import { checkItemCount, checkTextSize } from '../support/limits.ts';

const parameters = [
  { name: 'pattern', type: stringType },
  { name: 'string', type: stringType },
];

export const regex: HclFunction = {
  name: 'regex',
  description:
    'The first match of a pattern (in the syntax of Go) in a text: a text; or, if the pattern has groups, a tuple of what ' +
    'they match; or, if they have names, an object. It is an error if nothing matches.',
  parameters,
  examples: [
    { call: 'regex("[a-z]+", "53453453.345345aaabbbccc23454")', gives: '"aaabbbccc"' },
    { call: 'regex("(\\\\d+)-(\\\\d+)", "2019-02")', gives: '["2019", "02"]' },
    {
      call: 'regex("^(?:(?P<scheme>[^:/?#]+):)?(?://(?P<host>[^/?#]*))?", "https://example.com/doc")',
      gives: '{ host = "example.com", scheme = "https" }',
    },
  ],
  resultType: ([pattern]) => (pattern!.kind === 'unknown' ? dynamicType : matchType(compile(pattern!, 0))),
  call: ([pattern, string]) => {
    const compiled = compile(pattern!, 0);
    const match = guarded(() => compiled.find(textOf(string)));
    if (!match) throw new FunctionError('The pattern matches no part of the text.');
    return matchValue(compiled, textOf(string), match);
  },
};

export const regexall: HclFunction = {
  name: 'regexall',
  description:
    'A list of all matches of a pattern in a text, each as `regex` gives it. Empty if nothing matches.',
  parameters,
  examples: [
    { call: 'regexall("[a-z]+", "1234abcd5678efgh9")', gives: '["abcd", "efgh"]', loose: true },
    { call: 'length(regexall("[a-z]+", "123456789"))', gives: '0' },
  ],
  resultType: ([pattern]) =>
    listType(pattern!.kind === 'unknown' ? dynamicType : matchType(compile(pattern!, 0))),
  call: ([pattern, string]) => {
    const compiled = compile(pattern!, 0);
    const text = textOf(string);
    const matches = guarded(() => {
      const found: Value[] = [];
      for (const match of compiled.findAll(text)) {
        found.push(matchValue(compiled, text, match));
        checkItemCount(found.length * (match.length / 2));
      }
      return found;
    });
    return listValue(matchType(compiled), matches);
  },
};

export const regex_replace: HclFunction = {
  name: 'regex_replace',
  description:
    'A text with all matches of a pattern replaced. In the replacement `$1` stands for what the first group matched, ' +
    '`${name}` for a group with a name, `$$` for a dollar sign.',
  parameters: [
    { name: 'str', type: stringType },
    { name: 'pattern', type: stringType },
    { name: 'replace', type: stringType },
  ],
  examples: [
    { call: 'regex_replace("hello world", "o", "0")', gives: '"hell0 w0rld"' },
    { call: 'regex_replace("ami-1234", "(\\\\w+)-(\\\\d+)", "$2/$1")', gives: '"1234/ami"' },
    { call: 'regex_replace("ab", "(?P<first>a)", "$${first}x")', gives: '"axb"' },
  ],
  resultType: () => stringType,
  call: ([str, pattern, replacement]) => {
    const compiled = compile(pattern!, 1);
    return guarded(() => stringValue(compiled.replaceAll(textOf(str), textOf(replacement), checkTextSize)));
  },
};

/** Patterns are mostly few, and used with many texts. */
const compiledPatterns = new Map<string, Regex>();

function compile(pattern: Value, argument: number): Regex {
  const source = textOf(pattern);
  const known = compiledPatterns.get(source);
  if (known) return known;
  try {
    const compiled = new Regex(source);
    if (compiledPatterns.size >= 100) compiledPatterns.clear();
    compiledPatterns.set(source, compiled);
    return compiled;
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    throw new FunctionError(error.message, argument);
  }
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RegexBudgetError)) throw error;
    throw new FunctionError(error.message);
  }
}

function matchType({ groupNames }: Regex): Type {
  if (groupNames.length === 0) return stringType;
  const named = groupNames.filter((name) => name !== undefined);
  if (named.length === 0) return tupleType(groupNames.map(() => stringType));
  if (named.length === groupNames.length) return objectType(named.map((name) => [name, stringType]));
  throw new FunctionError(
    'Either all groups of the pattern must have names, or none; (?:...) is no group.',
    0,
  );
}

function matchValue({ groupNames }: Regex, text: string, match: Captures): Value {
  if (groupNames.length === 0) return stringValue(text.slice(match[0], match[1]));
  const groups = groupNames.map((_, index) => {
    const start = match[index * 2 + 2]!;
    return start < 0 ? nullValue(stringType) : stringValue(text.slice(start, match[index * 2 + 3]));
  });
  const [first] = groupNames;
  if (first === undefined) return tupleValue(groups);
  return objectValue(new Map(groups.map((group, index) => [groupNames[index]!, group])));
}
