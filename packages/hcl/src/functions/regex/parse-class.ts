import {
  type CharacterSet,
  CharacterSetBuilder,
  perlClasses,
  posixClasses,
  unicodeClass,
} from './character-set.ts';
import { type PatternText, syntaxError } from './pattern-text.ts';

/**
 * A class such as `[^a-z\d[:punct:]]`, whose `[` has been read.
 * @throws RegexSyntaxError
 */
export function parseClass(text: PatternText, fold: boolean): CharacterSet {
  const { source } = text;
  const builder = new CharacterSetBuilder(fold);
  const negated = source[text.offset] === '^';
  if (negated) text.offset++;
  // A "]" at the start is a character.
  for (let first = true; first || source[text.offset] !== ']'; first = false) {
    if (text.offset >= source.length) throw syntaxError(text, 'the "]" of a class is missing');
    if (posixClass(text, builder)) continue;
    if (source[text.offset] === '\\') {
      text.offset++;
      if (perlOrUnicodeClass(text, builder)) continue;
      text.offset--;
    }
    const low = classCharacter(text);
    let high = low;
    if (source[text.offset] === '-' && text.offset + 1 < source.length && source[text.offset + 1] !== ']') {
      text.offset++;
      high = classCharacter(text);
      if (high < low) throw syntaxError(text, 'a range in a class ends before it starts');
    }
    builder.addRange(low, high);
  }
  text.offset++;
  return builder.build(negated);
}

function classCharacter(text: PatternText): number {
  const character = text.source[text.offset++];
  if (character === undefined) throw syntaxError(text, 'the "]" of a class is missing');
  return character === '\\' ? parseEscape(text) : character.codePointAt(0)!;
}

function posixClass(text: PatternText, builder: CharacterSetBuilder): boolean {
  const { source, offset } = text;
  if (source[offset] !== '[' || source[offset + 1] !== ':') return false;
  const end = source.findIndex(
    (character, index) => index > offset + 1 && character === ':' && source[index + 1] === ']',
  );
  if (end < 0) return false;
  const name = source.slice(offset + 2, end).join('');
  const negated = name.startsWith('^');
  const plain = negated ? name.slice(1) : name;
  if (!Object.hasOwn(posixClasses, plain)) {
    throw syntaxError(
      text,
      `there is no class [:${name}:]; there are ${Object.keys(posixClasses).join(', ')}`,
    );
  }
  builder.addClass(posixClasses[plain]!, negated);
  text.offset = end + 2;
  return true;
}

/** Reads `d`, `S`, `pL`, `P{Greek}` and the like after a backslash, if they are there. */
export function perlOrUnicodeClass(text: PatternText, builder: CharacterSetBuilder): boolean {
  const letter = text.source[text.offset];
  if (letter === undefined) return false;
  const lower = letter.toLowerCase();
  if (Object.hasOwn(perlClasses, lower)) {
    text.offset++;
    builder.addClass(perlClasses[lower]!, letter !== lower);
    return true;
  }
  if (lower !== 'p') return false;
  text.offset++;
  let name = text.source[text.offset++];
  if (name === '{') {
    const end = text.source.indexOf('}', text.offset);
    if (end < 0) throw syntaxError(text, 'a "}" is missing');
    name = text.source.slice(text.offset, end).join('');
    text.offset = end + 1;
  }
  const inverted = name?.startsWith('^') ?? false;
  const source = unicodeClass(inverted ? name!.slice(1) : (name ?? ''));
  if (source === undefined) throw syntaxError(text, `"${name ?? ''}" is no category or script of Unicode`);
  builder.addClass(source, (letter === 'P') !== inverted);
  return true;
}

const controlLetters: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/**
 * The character that an escape stands for, whose backslash has been read.
 * @throws RegexSyntaxError
 */
export function parseEscape(text: PatternText): number {
  const { source } = text;
  const character = source[text.offset++];
  if (character === undefined) throw syntaxError(text, 'there is a lone backslash at the end');
  if (Object.hasOwn(controlLetters, character)) return controlLetters[character]!;
  if (character === 'x') return hexEscape(text);
  if (/[0-7]/.test(character)) {
    const rest = /^[0-7]{0,2}/.exec(source.slice(text.offset, text.offset + 2).join(''))![0];
    if (character !== '0' && rest === '') throw syntaxError(text, 'references to groups are not supported');
    text.offset += rest.length;
    return Number.parseInt(character + rest, 8);
  }
  if (/^[\x00-\x7f]$/.test(character) && !/[0-9A-Za-z]/.test(character)) return character.charCodeAt(0);
  throw syntaxError(text, `there is no escape \\${character}`);
}

function hexEscape(text: PatternText): number {
  const ahead = text.source.slice(text.offset, text.offset + 12).join('');
  const match = /^(?:\{([0-9A-Fa-f]{1,8})\}|([0-9A-Fa-f]{2}))/.exec(ahead);
  const code = match ? Number.parseInt(match[1] ?? match[2]!, 16) : Number.NaN;
  if (!match || code > 0x10ffff)
    throw syntaxError(text, '\\x needs two hexadecimal digits, or a code point in {}');
  text.offset += match[0].length;
  return code;
}
