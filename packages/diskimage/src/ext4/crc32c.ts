/**
 * CRC-32C (Castagnoli, polynomial 0x1EDC6F41, reflected), as ext4's metadata checksums use it: without the inversion
 * at the end, so that a result can be the start of what follows. The first start is `crc32cStart`.
 */
export function crc32c(start: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  const table = tables;
  let crc = start;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      table[1792 + (low & 0xff)]! ^
      table[1536 + ((low >>> 8) & 0xff)]! ^
      table[1280 + ((low >>> 16) & 0xff)]! ^
      table[1024 + (low >>> 24)]! ^
      table[768 + bytes[at + 4]!]! ^
      table[512 + bytes[at + 5]!]! ^
      table[256 + bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!;
  }
  for (; at < to; at++) crc = table[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return crc >>> 0;
}

export const crc32cStart = 0xffffffff;

/** The same of a number's four bytes, little-endian: inode numbers, generations, group numbers. */
export function crc32cOfNumber(start: number, value: number): number {
  let crc = start;
  for (let shift = 0; shift < 32; shift += 8) crc = tables[(crc ^ (value >>> shift)) & 0xff]! ^ (crc >>> 8);
  return crc >>> 0;
}

/** Eight tables one after the other: the n-th gives what a byte makes of the sum n bytes later. */
const tables = makeTables();

function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    made[byte] = crc;
  }
  for (let index = 256; index < made.length; index++) {
    const before = made[index - 256]!;
    made[index] = made[before & 0xff]! ^ (before >>> 8);
  }
  return made;
}
