import { stripVTControlCharacters } from 'node:util';

/**
 * A line that a program printed, safe to show on a terminal: what a carriage return overwrote is gone, and so are
 * escape sequences and control characters, which could move the cursor or worse.
 */
export function cleanLine(line: string): string {
  const last = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  return stripVTControlCharacters(last)
    .replaceAll('\t', '    ')
    .replace(/[\x00-\x1f\x7f-\x9f]/g, '');
}

/** Columns that a text takes on a terminal: wide characters take two, marks none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The beginning of a text that fits into `columns`, with `…` where something is left out. */
export function truncate(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let width = 0;
  let kept = '';
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return columns > 0 ? `${kept}…` : '';
}

/** After Unicode's East Asian Width (UAX #11): wide and full-width blocks, and emoji. */
function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (/\p{Mark}|\u200d|[\ufe00-\ufe0f]/u.test(character)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}
