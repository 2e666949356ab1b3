/*
 * Names of files are bytes on Linux. Here they are strings: UTF-8 where the bytes are that, and every byte that is not
 * becomes a lone surrogate U+DC80 to U+DCFF (as PEP 383 has it), so that no name is lost and ordinary ones read well.
 */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A name, or a path, as a string from which `encodeName` makes the same bytes again. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodePieces(bytes);
  }
}

function decodePieces(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at]!);
    try {
      text += strict.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      text += String.fromCharCode(0xdc00 + bytes[at]!);
      at += 1;
    }
  }
  return text;
}

function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

/** The bytes of a name that `decodeName` gave, or of any other string. */
export function encodeName(name: string): Buffer {
  if (!/[\udc80-\udcff]/.test(name)) return Buffer.from(name, 'utf8');
  const pieces = name.split(/(?<![\ud800-\udbff])([\udc80-\udcff])/);
  return Buffer.concat(
    pieces.map((piece, index) =>
      index % 2 === 1 ? Buffer.of(piece.charCodeAt(0) - 0xdc00) : Buffer.from(piece, 'utf8'),
    ),
  );
}

/** True for names that only bytes can express: no text file can name such a file. */
export function isByteName(name: string): boolean {
  return /(?<![\ud800-\udbff])[\udc80-\udcff]/.test(name);
}

/** A name on one line of a terminal: control characters and stray bytes as `\x1b`. */
export function showName(name: string): string {
  return name.replace(/[\x00-\x1f\x7f]|(?<![\ud800-\udbff])[\udc80-\udcff]/g, (one) => {
    return `\\x${(one.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`;
  });
}
