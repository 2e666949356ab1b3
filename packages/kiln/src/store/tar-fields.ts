/*
 * The fields of tar headers (POSIX pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
 */

/** Over the header with blanks in place of the checksum. */
export function tarChecksum(header: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of header.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

/** A number in octal, or in binary as GNU tar writes those that are too large; undefined when it is none. */
export function tarNumber(header: Buffer, at: number, length: number): number | undefined {
  const field = header.subarray(at, at + length);
  const value =
    field[0] === 0x80
      ? Number(BigInt(`0x${field.subarray(1).toString('hex')}`))
      : parseOctal(field.toString('latin1'));
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}

/** Up to the first zero byte. */
export function tarString(bytes: Buffer, start: number, length: number): string {
  const text = bytes.toString('utf8', start, start + length);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function parseOctal(text: string): number | undefined {
  const match = /^ *([0-7]+)[ \0]*$/.exec(text);
  return match ? Number.parseInt(match[1]!, 8) : undefined;
}
