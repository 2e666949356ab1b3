const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
};

/** The value of a Go string literal, or undefined when it is not a right one. Takes the quotes along. */
export function unquoteString(literal: string): string | undefined {
  if (literal.length < 2) return undefined;
  const body = literal.slice(1, -1);
  if (literal[0] === '`') return body.replaceAll('\r', '');
  return unescaped(body, '"');
}

/** The code point of a Go rune literal such as `'a'` or `'\n'`, or undefined. */
export function unquoteRune(literal: string): number | undefined {
  if (literal.length < 3) return undefined;
  const text = unescaped(literal.slice(1, -1), "'");
  if (text === undefined) return undefined;
  const characters = [...text];
  return characters.length === 1 ? characters[0]!.codePointAt(0) : undefined;
}

function unescaped(body: string, quote: '"' | "'"): string | undefined {
  if (!body.includes('\\')) return body.includes('\n') || body.includes(quote) ? undefined : body;
  // Escapes such as \xff name bytes, so that the text is put together from bytes.
  const parts: Buffer[] = [];
  let plain = 0;
  for (let at = 0; at < body.length; at++) {
    if (body[at] === '\n' || body[at] === quote) return undefined;
    if (body[at] !== '\\') continue;
    parts.push(Buffer.from(body.slice(plain, at)));
    const found = readEscape(body, at + 1, quote);
    if (found === undefined) return undefined;
    parts.push(found.bytes);
    at = found.end - 1;
    plain = found.end;
  }
  parts.push(Buffer.from(body.slice(plain)));
  return Buffer.concat(parts).toString();
}

function readEscape(body: string, at: number, quote: string): { bytes: Buffer; end: number } | undefined {
  const letter = body[at] ?? '';
  const simple = letter === quote ? quote.charCodeAt(0) : simpleEscapes[letter];
  if (simple !== undefined) return { bytes: Buffer.from([simple]), end: at + 1 };
  const digits = { x: 2, u: 4, U: 8 }[letter];
  if (digits !== undefined) {
    const hex = body.slice(at + 1, at + 1 + digits);
    if (hex.length !== digits || !/^[0-9a-fA-F]+$/.test(hex)) return undefined;
    const value = Number.parseInt(hex, 16);
    if (letter === 'x') {
      const bytes = quote === "'" ? Buffer.from(String.fromCodePoint(value)) : Buffer.from([value]);
      return { bytes, end: at + 3 };
    }
    if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return undefined;
    return { bytes: Buffer.from(String.fromCodePoint(value)), end: at + 1 + digits };
  }
  const octal = body.slice(at, at + 3);
  if (!/^[0-7]{3}$/.test(octal)) return undefined;
  const value = Number.parseInt(octal, 8);
  return value > 255 ? undefined : { bytes: Buffer.from([value]), end: at + 3 };
}

/** A text as a Go string literal in double quotes, as the verb `%q` prints it. `ascii` escapes all else. */
export function quoteString(text: string, ascii = false): string {
  return `"${[...text].map((character) => quoteCharacter(character, '"', ascii)).join('')}"`;
}

export function quoteRune(codePoint: number, ascii = false): string {
  const valid = codePoint >= 0 && codePoint <= 0x10ffff && !(codePoint >= 0xd800 && codePoint < 0xe000);
  return `'${quoteCharacter(String.fromCodePoint(valid ? codePoint : 0xfffd), "'", ascii)}'`;
}

function quoteCharacter(character: string, quote: string, ascii: boolean): string {
  if (character === quote || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0)!;
  if (code >= 32 && code < 127) return character;
  for (const [letter, value] of Object.entries(simpleEscapes)) if (value === code) return `\\${letter}`;
  if (code < 32 || code === 127) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (!ascii && isPrintable(character)) return character;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
}
