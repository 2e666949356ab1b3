import type { DiskReader } from '../disk-reader.ts';
import { copyData } from '../write/copy-data.ts';
import { writeNewFile } from '../write/output-file.ts';
import type { WriteOptions, WrittenDisk } from '../write/write-options.ts';

/**
 * Writes a disk as it is to a new file, with holes where it is zeros.
 * @throws DiskImageError when the disk cannot be read; Node's own errors when the file cannot be written or is there
 */
export async function writeRaw(
  disk: DiskReader,
  path: string,
  options: WriteOptions = {},
): Promise<WrittenDisk> {
  return writeNewFile(path, async (output) => {
    await copyData(disk, output, options);
    await output.truncate(disk.size);
    return { virtualSize: disk.size, fileSize: disk.size };
  });
}
