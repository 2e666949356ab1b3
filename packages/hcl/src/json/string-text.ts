/** What is wrong with an escape in a JSON string, and where. */
export interface EscapeMistake {
  readonly detail: string;
  readonly start: number;
  readonly end: number;
}

const simpleEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** The text between offsets of a source, in which a JSON string stands without its quotes, escapes resolved. */
export function decodeJsonText(
  text: string,
  start: number,
  end: number,
  tell: (mistake: EscapeMistake) => void,
): string {
  const raw = text.slice(start, end);
  if (!raw.includes('\\')) return raw;
  let result = '';
  for (const piece of pieces(text, start, end)) {
    result += piece.text;
    if (piece.mistake !== undefined) tell({ detail: piece.mistake, start: piece.start, end: piece.end });
  }
  // Halves of characters, which only escapes can write, are no characters.
  return result.toWellFormed();
}

/** Where in the source a place in the decoded text is. */
export function sourceOffset(text: string, start: number, end: number, at: number): number {
  let decoded = 0;
  for (const piece of pieces(text, start, end)) {
    if (decoded + piece.text.length > at) return piece.plain ? piece.start + at - decoded : piece.start;
    decoded += piece.text.length;
  }
  return end;
}

interface Piece {
  readonly text: string;
  readonly plain: boolean;
  readonly start: number;
  readonly end: number;
  readonly mistake?: string;
}

function* pieces(text: string, start: number, end: number): Generator<Piece> {
  let at = start;
  while (at < end) {
    const backslash = text.indexOf('\\', at);
    const plainEnd = backslash === -1 || backslash > end ? end : backslash;
    if (plainEnd > at) yield { text: text.slice(at, plainEnd), plain: true, start: at, end: plainEnd };
    if (plainEnd === end) return;
    const piece = escapeAt(text, plainEnd, end);
    yield piece;
    at = piece.end;
  }
}

function escapeAt(text: string, at: number, limit: number): Piece {
  const selector = text[at + 1] ?? '';
  const simple = Object.hasOwn(simpleEscapes, selector) ? simpleEscapes[selector]! : undefined;
  if (simple !== undefined) return { text: simple, plain: false, start: at, end: at + 2 };
  if (selector === 'u') {
    const digits = /^[0-9a-fA-F]*/.exec(text.slice(at + 2, Math.min(at + 6, limit)))![0];
    const end = at + 2 + digits.length;
    if (digits.length === 4) {
      return { text: String.fromCharCode(Number.parseInt(digits, 16)), plain: false, start: at, end };
    }
    return bad(text, at, end, 'After "\\u" come four hexadecimal digits.');
  }
  const width = (text.codePointAt(at + 1) ?? 0) > 0xffff ? 3 : 2;
  const end = Math.min(at + width, limit);
  return bad(
    text,
    at,
    end,
    `There is no escape "${text.slice(at, end)}" in JSON. To write a backslash as it stands, double it.`,
  );
}

function bad(text: string, start: number, end: number, mistake: string): Piece {
  return { text: text.slice(start, end), plain: false, start, end, mistake };
}
