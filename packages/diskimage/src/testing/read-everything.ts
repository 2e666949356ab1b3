import type { DiskReader } from '../disk-reader.ts';
import { readExt4 } from '../ext4/read-ext4.ts';

/** Asks an image for everything that the reader can tell. @returns how many entries there were */
export async function readEverything(disk: DiskReader): Promise<number> {
  const filesystem = await readExt4(disk);
  let count = 0;
  const piece = new Uint8Array(64 * 1024);
  for await (const entry of filesystem.entries()) {
    count++;
    if (entry.kind === 'file') {
      await entry.content.read(piece, 0);
      await entry.content.read(piece, Math.max(0, entry.size - 100));
    }
    if (entry.kind === 'symlink') await filesystem.stat(entry.path, { follow: true });
    if (entry.kind === 'directory') await filesystem.list(entry.path);
  }
  if (filesystem.info.blockSize === 4096) await filesystem.layout({ contents: true });
  return count;
}
