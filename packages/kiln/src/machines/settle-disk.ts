import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../base/errors.ts';
import type { MachineFiles } from './machine-record.ts';

const suffix = '.next';

/**
 * The layer that a running machine writes to since a disk of its was kept for others (warm/keep-machine.ts). QEMU opens
 * files anew by their names: until the machine is off, its disk goes by the old one.
 * @param disk path
 */
export function nextLayer(disk: string): string {
  return `${disk}${suffix}`;
}

/** Makes each disk the layer that the machine wrote to last. To be called when it is off, before a disk is used. */
export async function settleDisk({ folder }: Pick<MachineFiles, 'folder'>): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    throw error;
  }
  for (const name of names) {
    if (!name.endsWith(`.qcow2${suffix}`)) continue;
    // What was called so until now has another name as well, by which the layer refers to it.
    await rename(join(folder, name), join(folder, name.slice(0, -suffix.length)));
  }
}
