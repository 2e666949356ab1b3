import { identifierEnd } from './characters.ts';

/** How far a look ahead goes, so that scanning stays linear whatever the text. */
const furthest = 2000;

/**
 * Whether a line that starts at an offset can only be an argument or the header of a block. Used to find out where
 * somebody forgot to close something.
 */
export function startsItem(text: string, lineStart: number): boolean {
  let at = skipBlanks(text, lineStart);
  const nameEnd = identifierEnd(text, at);
  if (nameEnd === at) return false;
  at = skipBlanks(text, nameEnd);
  if (text[at] === '=') return text[at + 1] !== '=' && text[at + 1] !== '>';
  const limit = lineStart + furthest;
  let last = text.slice(skipBlanks(text, lineStart), nameEnd);
  while (at < limit) {
    // A `for` may go on over lines, and one of them may be `x in {`.
    if (text[at] === '{') return last !== 'in' && last !== 'if';
    if (text[at] === '"') {
      const close = text.indexOf('"', at + 1);
      const newline = text.indexOf('\n', at + 1);
      if (close === -1 || (newline !== -1 && newline < close)) return false;
      last = '';
      at = skipBlanks(text, close + 1);
    } else {
      const end = identifierEnd(text, at);
      if (end === at) return false;
      last = text.slice(at, end);
      at = skipBlanks(text, end);
    }
  }
  return false;
}

/**
 * Where the quote is that closes a text with several lines, seen from the end of its first line; -1 when the first
 * line seems to lack its quote.
 */
export function closingQuote(text: string, lineEnd: number): number {
  const limit = Math.min(text.length, lineEnd + furthest);
  let lineStart = lineEnd;
  while (lineStart < limit) {
    lineStart = text.indexOf('\n', lineStart) + 1;
    if (lineStart === 0) return -1;
    const first = skipBlanks(text, lineStart);
    if (startsItem(text, lineStart) || '}]#'.includes(text[first] ?? '}')) return -1;
    const nextLine = text.indexOf('\n', lineStart);
    const lineLimit = nextLine === -1 ? text.length : nextLine;
    for (let at = lineStart; at < Math.min(lineLimit, limit); at++) {
      if (text[at] === '\\') at++;
      // A quote that begins a line opens something, unless nothing of a text follows it.
      else if (text[at] === '"') return at === first && !/[\s,)\]}]/.test(text[at + 1] ?? '\n') ? -1 : at;
    }
  }
  return -1;
}

/** Where the next line starts after a line that holds only the marker and blanks; -1 when there is more in it. */
export function isAlone(text: string, lineStart: number, marker: string): number {
  const at = skipBlanks(text, lineStart);
  if (!text.startsWith(marker, at)) {
    // Rare white space such as a no-break space counts too.
    if (text.charCodeAt(at) < 128) return -1;
  }
  const newline = text.indexOf('\n', at);
  const end = newline === -1 ? text.length : newline;
  if (end - at > marker.length + furthest || text.slice(at, end).trim() !== marker) return -1;
  return newline === -1 ? end : newline + 1;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}
