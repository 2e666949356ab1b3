import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { type OpenBacking, openDiskAt, type ReadableFormat } from './open-disk.ts';
import { DiskImageError } from './read.ts';

const readable: readonly string[] = ['raw', 'qcow2', 'vpc', 'vmdk'] satisfies ReadableFormat[];

/**
 * Opens backing files that are in a folder or below it, whatever links lead there, and what these stand on in turn.
 * Names such as `json:{…}` and `nbd://…`, which QEMU understands, are names of files here and found missing.
 */
export function backingWithin(folder: string): OpenBacking {
  const openBacking: OpenBacking = async ({ name, format, from, depth }) => {
    if (format !== undefined && !readable.includes(format))
      throw new DiskImageError(`it stands on "${name}" of the format ${format}, which is not read here`);
    const path = await realpathOf(resolve(dirname(from), name), name);
    const way = relative(await realpath(folder), path);
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
      throw new DiskImageError(`it stands on "${name}", which is outside of the folder it may read from`);
    const known = format as ReadableFormat | undefined;
    return openDiskAt(path, { openBacking, ...(known && { format: known }) }, depth);
  };
  return openBacking;
}

async function realpathOf(path: string, name: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    throw new DiskImageError(`it stands on "${name}", which is not there`);
  }
}
