import type { Random } from '../../packages/hcl/src/testing/random.ts';
import { tokensOf, wordPlaces } from './tokens.ts';

/** What mutations draw from: the texts of the same language. */
export interface Corpus {
  readonly texts: readonly string[];
  /** Words of all the texts. */
  readonly words: readonly string[];
}

export function corpusOf(texts: readonly string[]): Corpus {
  const words = new Set(texts.flatMap((text) => tokensOf(text).filter((token) => /\S/.test(token))));
  return { texts, words: [...words] };
}

type Mutation = (text: string, random: Random, corpus: Corpus) => string;

/**
 * A text of the corpus with one to four changes, the same for the same random numbers. Half of the mutants are changed
 * only in ways that mostly keep the syntax whole: what is behind it should be reached too.
 */
export function mutant(random: Random, corpus: Corpus): string {
  const changes = random.below(2) === 0 ? gentle : mutations;
  let text = random.pick(corpus.texts);
  for (let left = 1 + random.below(4); left > 0; left--) text = random.pick(changes)(text, random, corpus);
  return text;
}

const mutations: readonly Mutation[] = [
  flipBytes,
  deleteWords,
  repeatWords,
  swapWords,
  exchangeWord,
  exchangeWord,
  oddWord,
  oddWord,
  oddCharacter,
  truncate,
  dropLines,
  repeatLines,
  nest,
  hugeNumber,
  longText,
  emptyValue,
  splice,
];

const gentle: readonly Mutation[] = [
  exchangeAlike,
  exchangeAlike,
  exchangeAlike,
  oddQuoted,
  oddQuoted,
  hugeNumber,
];

/** A word in place of another of its kind: quoted, a number or a name. */
function exchangeAlike(text: string, random: Random, { words }: Corpus): string {
  return atWord(text, random, (tokens, at) => {
    const kind = kindOfWord(tokens[at]!);
    if (kind !== 'other') tokens[at] = random.pick(words.filter((word) => kindOfWord(word) === kind));
  });
}

function kindOfWord(word: string): 'quoted' | 'number' | 'name' | 'other' {
  if (word.startsWith('"') && word.length > 1) return 'quoted';
  if (/^[\d.]+$/.test(word)) return 'number';
  return /^\w/.test(word) ? 'name' : 'other';
}

/** Something odd inside of a quoted text, which stays one. */
function oddQuoted(text: string, random: Random): string {
  const quoted = [...text.matchAll(/"(?:[^"\\\n]|\\.)*"/g)];
  if (quoted.length === 0) return text;
  const { index, 0: old } = random.pick(quoted);
  const inner = JSON.stringify(random.pick([...oddWords, ...oddCharacters])).slice(1, -1);
  const place = random.pick([1, old.length - 1]);
  return text.slice(0, index + place) + inner + text.slice(index + place);
}

/** As a file with damaged bytes is read: what is no UTF-8 any more becomes U+FFFD. */
function flipBytes(text: string, random: Random): string {
  const bytes = Buffer.from(text);
  for (let left = 1 + random.below(8); left > 0 && bytes.length > 0; left--) {
    const at = random.below(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << random.below(8));
  }
  return bytes.toString('utf8');
}

/** Calls `change` with the tokens and the place of a word; texts without words stay. */
function atWord(text: string, random: Random, change: (tokens: string[], at: number) => void): string {
  const tokens = tokensOf(text);
  const places = wordPlaces(tokens);
  if (places.length > 0) change(tokens, random.pick(places));
  return tokens.join('');
}

function deleteWords(text: string, random: Random): string {
  return atWord(text, random, (tokens, at) => tokens.splice(at, 1 + random.below(6)));
}

function repeatWords(text: string, random: Random): string {
  return atWord(text, random, (tokens, at) => {
    tokens.splice(at, 0, ...tokens.slice(at, at + 1 + random.below(6)));
  });
}

function swapWords(text: string, random: Random): string {
  const tokens = tokensOf(text);
  const places = wordPlaces(tokens);
  if (places.length < 2) return text;
  const [first, second] = [random.pick(places), random.pick(places)];
  [tokens[first], tokens[second]] = [tokens[second]!, tokens[first]!];
  return tokens.join('');
}

function exchangeWord(text: string, random: Random, { words }: Corpus): string {
  return atWord(text, random, (tokens, at) => {
    tokens[at] = random.pick(words);
  });
}

/** Words that mean something special to some reader, or to JavaScript. */
const oddWords = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'undefined', 'NaN', '-Infinity', 'length'],
  ...['{{', '}}', '{{-', '{{/*', '${', '%{', '$${', '~}', '<<EOT', '<<-EOT\n', 'EOT', '*/', '/*', '//', '#'],
  ...[
    '"',
    "'",
    '`',
    '\\',
    '\\u0000',
    '\\ud800',
    '\\x',
    '"\\"',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    ':',
    ',',
    '=',
    '=>',
  ],
  ...[
    '&a',
    '*a',
    '!!binary x',
    '!!python/object',
    '<<: *a',
    '---\n',
    '...\n',
    '- ',
    '? ',
    '|\n',
    '>-\n',
    '%YAML 9\n',
  ],
  ...['\t', '\r\n', '\r', '\n', '\n\n', ' '.repeat(300)],
  ...[
    '../../../../etc/passwd',
    '/dev/null',
    '~/',
    '%s%n',
    'C:\\x',
    'https://',
    'file://',
    '0',
    '-1',
    'true',
    'null',
  ],
];

function oddWord(text: string, random: Random): string {
  return atWord(text, random, (tokens, at) => {
    tokens.splice(at, random.below(2), random.pick(oddWords));
  });
}

const oddCharacters = [
  ...['\0', '\x01', '\x07', '\x1b[31m', '\x7f', '\u0085', '\u00a0', '\ufeff', '\u2028', '\u2029', '\u202e'],
  ...[
    '\ud800',
    '\udfff',
    '\uffff',
    '\u0301'.repeat(50),
    '\u{1f468}\u200d\u{1f469}',
    '\u{1f1e9}',
    'é',
    'ß',
    'İ',
    '”',
  ],
];

function oddCharacter(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + random.pick(oddCharacters) + text.slice(at);
}

function truncate(text: string, random: Random): string {
  return text.slice(0, random.below(text.length + 1));
}

function dropLines(text: string, random: Random): string {
  const lines = text.split('\n');
  lines.splice(random.below(lines.length), 1 + random.below(4));
  return lines.join('\n');
}

function repeatLines(text: string, random: Random): string {
  const lines = text.split('\n');
  const at = random.below(lines.length);
  const part = lines.slice(at, at + 1 + random.below(4));
  const times = random.pick([1, 2, 30]);
  lines.splice(at, 0, ...Array.from({ length: times }, () => part).flat());
  return lines.join('\n');
}

const nestings = [
  ['[', ']'],
  ['{', '}'],
  ['(', ')'],
  ['{"a":', '}'],
  ['{a: ', '}'],
  ['- ', ''],
  ['"${', '}"'],
  ['!', ''],
  ['-', ''],
  ['a.', ''],
  ['x ? x : ', ''],
  ['[for x in x: ', ']'],
  ['%{ if true }', '%{ endif }'],
  ['{{ if true }}', '{{ end }}'],
  ['{{ (', ') }}'],
  ['a {\n', '\n}'],
  ['f(', ')'],
] as const;

/** Of what nesting adds, in characters. */
const largest = 50_000;

function nest(text: string, random: Random): string {
  return atWord(text, random, (tokens, at) => {
    const [open, close] = random.pick(nestings);
    const most = Math.floor(largest / (open.length + close.length));
    const depth = Math.min(most, random.pick([2, 20, 300, 3_000, 30_000]));
    tokens[at] = open.repeat(depth) + tokens[at] + close.repeat(depth);
  });
}

const hugeNumbers = [
  ...[
    '1e999',
    '-1e999',
    '1e-999',
    '9'.repeat(30),
    '9'.repeat(5_000),
    '1e99999999999',
    '-0',
    '0x1f',
    '0777',
    '1_000',
  ],
  ...['1.', '.5', '00', '4294967296', '9007199254740993', '2147483648', '0.1e', '1e+'],
];

function hugeNumber(text: string, random: Random): string {
  const numbers = [...text.matchAll(/\d+(?:\.\d+)?/g)];
  if (numbers.length === 0) return text;
  const { index, 0: old } = random.pick(numbers);
  return text.slice(0, index) + random.pick(hugeNumbers) + text.slice(index + old.length);
}

function longText(text: string, random: Random): string {
  const length = random.pick([1_000, 20_000, 80_000]);
  const piece = random.pick(['a', 'é', ' ', '"', '\\', '{{', '${', 'ab ', '\n', 'a:', '*', '\u{1f600}', '1']);
  const at = random.below(text.length + 1);
  return text.slice(0, at) + piece.repeat(length / piece.length) + text.slice(at);
}

function emptyValue(text: string, random: Random): string {
  return atWord(text, random, (tokens, at) => {
    tokens[at] = random.pick([
      'null',
      '""',
      '[]',
      '{}',
      '~',
      '',
      '0',
      'false',
      '[null]',
      '{"":""}',
      '{{}}',
      '"${}"',
    ]);
  });
}

function splice(text: string, random: Random, { texts }: Corpus): string {
  const other = random.pick(texts);
  return text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1));
}
