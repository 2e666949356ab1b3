/** Bytes of a header, and the unit of everything in an archive. */
export const tarBlock = 512;

/** Behind the last file. */
export const tarEnd = new Uint8Array(2 * tarBlock);

/** Length with the padding that follows a file's content. */
export function padded(length: number): number {
  return Math.ceil(length / tarBlock) * tarBlock;
}

/**
 * Header of a plain file in a tar archive (POSIX.1-1988, ustar), owned by root, 0644. Sizes from 8 GiB on are written as GNU
 * tar does, for which the format has no other place.
 * @param name at most 100 bytes of ASCII @param time seconds since 1970
 */
export function ustarHeader(name: string, size: number, time: number): Uint8Array {
  const bytes = Buffer.alloc(tarBlock);
  if (name.length > 100) throw new RangeError(`the file name "${name}" is longer than 100 characters`);
  bytes.write(name, 0, 'latin1');
  octal(bytes, 0o644, 100, 8);
  octal(bytes, 0, 108, 8);
  octal(bytes, 0, 116, 8);
  if (size < 8 ** 11) octal(bytes, size, 124, 12);
  else {
    bytes.writeUInt8(0x80, 124);
    bytes.writeBigUInt64BE(BigInt(size), 128);
  }
  octal(bytes, time, 136, 12);
  bytes.fill(' ', 148, 156);
  bytes.write('0', 156, 'latin1');
  bytes.write('ustar\x0000', 257, 'latin1');
  bytes.write('root', 265, 'latin1');
  bytes.write('root', 297, 'latin1');
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

function octal(bytes: Buffer, value: number, at: number, length: number): void {
  const digits = value.toString(8);
  if (!Number.isInteger(value) || value < 0 || digits.length >= length)
    throw new RangeError(`${value} does not fit into a tar header`);
  bytes.write(`${digits.padStart(length - 1, '0')}\0`, at, 'latin1');
}
