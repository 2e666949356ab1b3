/**
 * Upper, lower and title case of single characters. JavaScript's own methods follow Unicode's full mappings, where
 * one character can become several ("ß" becomes "SS") and its neighbours matter; Packer's functions follow the simple
 * ones: https://www.unicode.org/reports/tr44/#Casemapping
 */

export function simpleUpper(text: string): string {
  return mapped(text, upperOf);
}

export function simpleLower(text: string): string {
  return mapped(text, lowerOf);
}

/** The title case of one character, which differs from upper case for a few letters such as "ǆ". */
export function simpleTitle(character: string): string {
  const digraph = titleDigraphs.get(character);
  if (digraph !== undefined) return digraph;
  // Georgian has capitals, but not at the start of words.
  if (/[\u10d0-\u10ff]/.test(character)) return character;
  return upperOf(character);
}

function mapped(text: string, map: (character: string) => string): string {
  let result = '';
  for (const character of text) result += map(character);
  return result;
}

function upperOf(character: string): string {
  const upper = character.toUpperCase();
  return isOne(upper) ? upper : (greekUpper(character) ?? character);
}

function lowerOf(character: string): string {
  const lower = character.toLowerCase();
  return isOne(lower) ? lower : character === 'İ' ? 'i' : character;
}

function isOne(text: string): boolean {
  return text.length === 1 || (text.length === 2 && text.codePointAt(0)! > 0xffff);
}

/** Greek letters with an iota below have capitals of their own, although the full mapping writes the iota out. */
function greekUpper(character: string): string | undefined {
  const code = character.charCodeAt(0);
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCharCode(code | 8);
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCharCode(code + 9);
  return undefined;
}

const titleDigraphs: ReadonlyMap<string, string> = new Map(
  [
    ['Ǆ', 'ǅ', 'ǆ'],
    ['Ǉ', 'ǈ', 'ǉ'],
    ['Ǌ', 'ǋ', 'ǌ'],
    ['Ǳ', 'ǲ', 'ǳ'],
  ].flatMap(([upper, title, lower]) => [upper, title, lower].map((form) => [form!, title!] as const)),
);
