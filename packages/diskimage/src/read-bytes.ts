import type { DiskReader } from './disk-reader.ts';
import { DiskImageError } from './read.ts';

/** Exactly `length` bytes of a file or disk. Nothing is allocated for what cannot be there. @throws DiskImageError */
export async function readBytes(disk: DiskReader, position: number, length: number): Promise<Uint8Array> {
  if (position < 0 || position + length > disk.size)
    throw new DiskImageError(`the file ends before byte ${position + length}`);
  const bytes = new Uint8Array(length);
  await disk.read(bytes, position);
  return bytes;
}

/** Fills `into` from `position` on, with zeros behind the disk's end. */
export async function readOrZeros(disk: DiskReader, into: Uint8Array, position: number): Promise<void> {
  const there = Math.max(0, Math.min(into.length, disk.size - position));
  if (there > 0) await disk.read(into.subarray(0, there), position);
  into.fill(0, there);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
