import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { composeDisk, type DiskPart } from '../compose-disk.ts';
import type { DiskReader } from '../disk-reader.ts';

/** Numbers from 0 to below 1 that only the seed decides (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface RandomDisk {
  readonly size: number;
  /** In order, apart from each other. */
  readonly parts: readonly { readonly position: number; readonly content: Uint8Array }[];
  /** As something that is in no file. */
  open(): DiskReader;
}

export interface RandomDiskOptions {
  readonly seed: number;
  readonly size: number;
  /** How many areas of data there are; default 12. */
  readonly areas?: number;
  /** Bytes of the largest one; default 200000. */
  readonly largest?: number;
}

/** A disk with areas of chance, of one byte, of text and of explicit zeros, at odd places; the first and last byte are set. */
export function randomDisk({ seed, size, areas = 12, largest = 200_000 }: RandomDiskOptions): RandomDisk {
  const random = seededRandom(seed);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const wanted = Array.from({ length: areas }, () => ({ at: upTo(size), length: 1 + upTo(largest) }));
  wanted.push({ at: 0, length: 1 + upTo(1000) }, { at: size - 1, length: 1 });
  wanted.sort((a, b) => a.at - b.at);
  const parts: DiskPart[] = [];
  wanted.forEach(({ at, length }, index) => {
    const end = Math.min(at + length, wanted[index + 1]?.at ?? size);
    if (end > at) parts.push({ position: at, content: fill(end - at, index, random) });
  });
  return {
    size,
    parts: parts as RandomDisk['parts'],
    open: () => composeDisk(size, parts),
  };
}

function fill(length: number, index: number, random: () => number): Uint8Array {
  const bytes = Buffer.alloc(length);
  if (index % 4 === 0) for (let at = 0; at < length; at++) bytes[at] = 1 + Math.floor(random() * 255);
  else if (index % 4 === 1) bytes.fill(1 + Math.floor(random() * 255));
  else if (index % 4 === 2) bytes.fill(`${random()} of all that is written is text. `);
  // A quarter stays zeros that are written down: data for some, nothing for others.
  bytes[0] = 1;
  return bytes;
}

/** Writes it with nothing of ours: what tools and readers are compared with. */
export function writeReference(disk: RandomDisk, path: string): string {
  const file = openSync(path, 'w');
  ftruncateSync(file, disk.size);
  for (const { position, content } of disk.parts) writeSync(file, content, 0, content.length, position);
  closeSync(file);
  return path;
}
