import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  backingWithin,
  DiskImageError,
  layoutToJson,
  openDisk,
  partitionDisk,
  readExt4,
  readPartitions,
} from '@kiln/diskimage';
import { KilnError } from '../../base/errors.ts';
import type { StoreImage } from '../../plan/image-ref.ts';
import { rootPartition } from '../../sources/bootstrap/system-layout.ts';
import type { HostContext } from '../host.ts';

/**
 * Writes down where an earlier image has its files, for the writer of the next version.
 * @throws KilnError `not-found` when the store has no such image, `unsupported` when it is none of Kiln's own
 */
export async function writeEarlierLayout(image: StoreImage, context: HostContext, to: string): Promise<void> {
  const { emit, signal, build } = context;
  const { path } = await context.images.resolve(image, { emit, signal, build: build.name });
  const disk = await openDisk(path, { openBacking: backingWithin(dirname(path)), format: 'qcow2' });
  try {
    const table = await readPartitions(disk);
    const root = table?.partitions.find(({ number }) => number === rootPartition);
    if (!root) throw new DiskImageError(`it has no partition ${rootPartition}`);
    const files = await readExt4(partitionDisk(disk, root));
    await writeFile(to, layoutToJson(await files.layout()), { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof DiskImageError)) throw error;
    throw new KilnError(
      'unsupported',
      `the files of ${image.reference} do not lie as in an image that Kiln writes: ${error.message}`,
      { hint: '"layout_of" names an earlier image that was built with "builder: rootfs"', cause: error },
    );
  } finally {
    await disk.close();
  }
}
