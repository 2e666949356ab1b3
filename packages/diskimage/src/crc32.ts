import { crc32 as zlibCrc32 } from 'node:zlib';

/** CRC-32 of IEEE 802.3 (polynomial 0xEDB88320), as GPT, zip and gzip use it. Pass the last value to go on. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  return zlibCrc32(bytes, previous);
}
