import type { Cursor } from './cursor.ts';

/**
 * The text that a piece of literal text means, escapes resolved. In quotes that includes backslashes; in heredocs and
 * bare templates only `$${` and `%%{` are escapes.
 */
export function literalText(cursor: Cursor, start: number, end: number, quoted: boolean): string {
  const raw = cursor.source.text.slice(start, end);
  if (!(quoted && raw.includes('\\')) && !raw.includes('$${') && !raw.includes('%%{')) return raw;
  let result = '';
  let copied = 0;
  for (let at = 0; at < raw.length; at++) {
    const character = raw[at]!;
    if (quoted && character === '\\') {
      const resolved = readEscape(cursor, raw, at, start);
      result += raw.slice(copied, at) + resolved.text;
      copied = at + resolved.length;
      at = copied - 1;
    } else if ((character === '$' || character === '%') && raw[at + 1] === character && raw[at + 2] === '{') {
      result += `${raw.slice(copied, at)}${character}{`;
      copied = at + 3;
      at += 2;
    }
  }
  return result + raw.slice(copied);
}

const simpleEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

function readEscape(
  cursor: Cursor,
  raw: string,
  at: number,
  start: number,
): { text: string; length: number } {
  const selector = raw[at + 1];
  const bad = (detail: string, length: number) => {
    cursor.error('Invalid escape sequence', detail, start + at, start + at + length);
    return { text: raw.slice(at, at + length), length };
  };
  if (selector === undefined) return bad('After a backslash comes one of n, r, t, u, U, " and \\.', 1);
  if (Object.hasOwn(simpleEscapes, selector)) return { text: simpleEscapes[selector]!, length: 2 };
  if (selector === 'u' || selector === 'U') {
    const wanted = selector === 'u' ? 4 : 8;
    const digits = /^[0-9a-fA-F]*/.exec(raw.slice(at + 2, at + 2 + wanted))![0];
    const length = 2 + digits.length;
    if (digits.length < wanted) {
      return bad(`After "\\${selector}" come ${wanted} hexadecimal digits.`, length);
    }
    const point = Number.parseInt(digits, 16);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      return bad(`There is no character U+${digits.toUpperCase()}.`, length);
    }
    return { text: String.fromCodePoint(point), length };
  }
  const width = raw.codePointAt(at + 1)! > 0xffff ? 3 : 2;
  const written = raw.slice(at, at + width);
  const hint =
    selector === '$' || selector === '%'
      ? ` To write "${selector}{" as it stands, double its first character: "${selector}${selector}{".`
      : ' To write a backslash as it stands, double it.';
  return bad(`There is no escape "${written}".${hint}`, width);
}
