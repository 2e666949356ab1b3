const identifierStart = 1;
const identifierPart = 2;
const digit = 4;

const ascii = new Uint8Array(128);
for (let character = 0; character < 128; character++) {
  const text = String.fromCharCode(character);
  if (/[A-Za-z_]/.test(text)) ascii[character] = identifierStart | identifierPart;
  if (/[0-9]/.test(text)) ascii[character] = digit | identifierPart;
  if (text === '-') ascii[character] = identifierPart;
}

export function isDigit(character: number): boolean {
  return character >= 0x30 && character <= 0x39;
}

/**
 * Where the identifier ends that starts at an offset; the offset itself when none does. Identifiers are those of
 * https://unicode.org/reports/tr31/ with `_` and `-`.
 */
export function identifierEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  let at = start;
  if (first < 128) {
    if ((ascii[first]! & identifierStart) === 0) return start;
    at++;
  } else {
    const point = text.codePointAt(start);
    if (point === undefined || !/\p{ID_Start}/u.test(String.fromCodePoint(point))) return start;
    at += point > 0xffff ? 2 : 1;
  }
  for (;;) {
    const next = text.charCodeAt(at);
    if (next < 128) {
      if ((ascii[next]! & identifierPart) === 0) return at;
      at++;
    } else {
      const point = text.codePointAt(at);
      if (point === undefined || !/\p{ID_Continue}/u.test(String.fromCodePoint(point))) return at;
      at += point > 0xffff ? 2 : 1;
    }
  }
}

/** Whether the whole text is one identifier: what a name in the native syntax may be. */
export function isIdentifier(text: string): boolean {
  return text !== '' && identifierEnd(text, 0) === text.length;
}

/** Where the number ends that starts at an offset, at which there is a digit. */
export function numberEnd(text: string, start: number): number {
  let end = start + 1;
  for (let at = end; ; ) {
    const character = text.charCodeAt(at);
    if (isDigit(character)) {
      end = ++at;
    } else if (character === 0x2e) {
      // A dot belongs to the number only when something of the number follows.
      at++;
    } else if (character === 0x65 || character === 0x45) {
      const sign = text.charCodeAt(at + 1);
      const exponent = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1;
      if (!isDigit(text.charCodeAt(exponent))) return end;
      end = at = exponent + 1;
    } else {
      return end;
    }
  }
}
