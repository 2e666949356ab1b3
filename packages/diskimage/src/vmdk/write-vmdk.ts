import { basename } from 'node:path';
import type { DiskReader } from '../disk-reader.ts';
import { writeNewFile } from '../write/output-file.ts';
import { SequentialWriter } from '../write/sequential-writer.ts';
import type { WrittenDisk } from '../write/write-options.ts';
import type { VmdkWriteOptions } from './write-options.ts';
import { prepareStream } from './write-stream.ts';

/**
 * Writes a disk to a new VMDK file of the kind streamOptimized: compressed, in one pass. A size that is no multiple of 512 is
 * rounded up.
 * @throws DiskImageError when the disk cannot be read; RangeError for options that cannot be; Node's own errors when the
 * file cannot be written or is there
 */
export async function writeVmdk(
  disk: DiskReader,
  path: string,
  options: VmdkWriteOptions,
): Promise<WrittenDisk> {
  const stream = prepareStream(disk, { name: basename(path), ...options });
  return writeNewFile(path, async (output) => {
    const writer = new SequentialWriter(output, 0);
    await stream.writeTo(writer);
    await writer.finish();
    return { virtualSize: stream.capacity, fileSize: writer.length };
  });
}
