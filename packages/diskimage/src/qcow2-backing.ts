import { open } from 'node:fs/promises';
import { DiskImageError, hasMagic, readAt } from './read.ts';

/** Longest name of a backing file that the format allows, in bytes. */
const longestName = 1023;

/**
 * Changes which file a qcow2 file says it stands on, and nothing else: only bytes of the first cluster are written, so
 * this is safe while others read the file, and takes no time. The name of the backing file's format stays.
 * (QEMU's docs/interop/qcow2.txt: the name may lie anywhere in the first cluster behind the header extensions.)
 * @param name as it is to be written: relative names count from the file's folder
 * @throws DiskImageError when the file is no qcow2 file, stands on nothing, or the name is too long
 */
export async function setQcow2BackingFile(path: string, name: string): Promise<void> {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length === 0 || bytes.length > longestName)
    throw new DiskImageError(`the name of a backing file has 1 to ${longestName} bytes, not ${bytes.length}`);
  const file = await open(path, 'r+');
  try {
    const header = await readAt(file, 0, 72);
    if (!hasMagic(header, 'QFI\xfb')) throw new DiskImageError('the file does not start like a qcow2 file');
    const view = new DataView(header.buffer);
    const clusterSize = 2 ** view.getUint32(20);
    if (view.getBigUint64(8) === 0n) throw new DiskImageError('the qcow2 file stands on no other file');
    if (clusterSize < 4096) throw new DiskImageError('clusters this small leave no room for the name');
    // At the very end of the cluster, where QEMU itself puts nothing: it writes the name behind the extensions.
    const place = clusterSize - longestName - 1;
    await file.write(bytes, 0, bytes.length, place);
    view.setBigUint64(8, BigInt(place));
    view.setUint32(16, bytes.length);
    // Place and length lie within one sector of 16 bytes: they change together.
    await file.write(header, 8, 12, 8);
  } finally {
    await file.close();
  }
}
