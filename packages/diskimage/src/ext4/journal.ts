import { blockSize, journalMagic } from './ext4-format.ts';

/** Blocks of the journal of a filesystem of so many, as mke2fs chooses them; none for a very small one. */
export function journalBlocks(blocks: number): number {
  for (const [below, journal] of sizes) if (blocks < below) return journal;
  return 262144;
}

const sizes: readonly (readonly [below: number, journal: number])[] = [
  [2048, 0],
  [32768, 1024],
  [256 * 1024, 4096],
  [512 * 1024, 8192],
  [4096 * 1024, 16384],
  [8192 * 1024, 32768],
  [16384 * 1024, 65536],
  [32768 * 1024, 131072],
];

/** The first block of an empty journal (JBD2, whose numbers are big-endian). The others are zeros. */
export function encodeJournal(blocks: number, uuid: Uint8Array): Buffer {
  const bytes = Buffer.alloc(blockSize);
  bytes.writeUInt32BE(journalMagic, 0);
  bytes.writeUInt32BE(4, 4); // a superblock, second version
  bytes.writeUInt32BE(blockSize, 12);
  bytes.writeUInt32BE(blocks, 16);
  bytes.writeUInt32BE(1, 20); // first block of the log
  bytes.writeUInt32BE(1, 24); // first transaction; no start says that there is nothing to replay
  bytes.set(uuid, 48);
  bytes.writeUInt32BE(1, 64); // one filesystem uses it
  return bytes;
}
