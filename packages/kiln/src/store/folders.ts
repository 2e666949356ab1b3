import { readdir, rm, stat } from 'node:fs/promises';
import { isSystemError } from '../base/errors.ts';

/** Names in a folder, sorted; none when there is no such folder. */
export async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** Bytes that a file takes on the disk, which are fewer than its size when it has holes; 0 when it is gone. */
export async function bytesOnDisk(path: string): Promise<number> {
  try {
    return (await stat(path)).blocks * 512;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 0;
    throw error;
  }
}

/** Removes a file and tells the bytes that became free. */
export async function removeAndCount(path: string): Promise<number> {
  const bytes = await bytesOnDisk(path);
  await rm(path, { force: true });
  return bytes;
}
