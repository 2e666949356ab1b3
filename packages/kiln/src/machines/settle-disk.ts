import { rename } from 'node:fs/promises';
import { isSystemError } from '../base/errors.ts';
import type { MachineFiles } from './machine-record.ts';

/**
 * The layer that a running machine writes to since its disk was kept for others (warm/keep-machine.ts). QEMU opens
 * files anew by their names: until the machine is off, its disk goes by the old one.
 */
export function nextLayer(files: Pick<MachineFiles, 'disk'>): string {
  return `${files.disk}.next`;
}

/** Makes `disk` the layer that the machine wrote to last. To be called when it is off, before its disk is used. */
export async function settleDisk(files: Pick<MachineFiles, 'disk'>): Promise<void> {
  try {
    // What was called so until now has another name as well, by which the layer refers to it.
    await rename(nextLayer(files), files.disk);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
}
