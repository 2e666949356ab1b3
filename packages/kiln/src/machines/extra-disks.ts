import { exists } from '../base/files.ts';
import { createDisk } from '../hosts/qemu/disks.ts';
import type { MachineDisk } from '../plan/machine-spec.ts';
import { extraDiskPath } from './devices.ts';
import type { MachineFiles } from './machine-record.ts';

/** Makes the disks that are the machine's own and that are not there yet. @throws KilnError `disk-full`, `tool-missing` */
export async function makeExtraDisks(
  files: Pick<MachineFiles, 'folder'>,
  disks: readonly MachineDisk[],
): Promise<void> {
  for (const disk of disks) {
    if (disk.kind !== 'disk') continue;
    const path = extraDiskPath(files, disk.name);
    if (!(await exists(path))) await createDisk(path, 'qcow2', disk.size);
  }
}
