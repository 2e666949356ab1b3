import { bytesDisk } from '../bytes-disk.ts';
import type { DiskReader } from '../disk-reader.ts';
import type { BlockTarget } from '../ext4/block-target.ts';

/** A target in memory, that can be read afterwards. */
export interface MemoryTarget extends BlockTarget {
  readonly bytes: Buffer;
  disk(): DiskReader;
}

export function memoryTarget(size: number): MemoryTarget {
  const bytes = Buffer.alloc(size);
  return {
    bytes,
    write(from, position) {
      if (position + from.length > size) throw new RangeError(`a write to ${position} is outside`);
      bytes.set(from, position);
    },
    disk: () => bytesDisk(bytes),
  };
}
