import { basename } from 'node:path';
import type { MachineDisk } from '../../../plan/machine-spec.ts';
import type { VagrantDisk } from '../vagrant-config.ts';
import { onHost, type Planning } from './planning.ts';

/** Disks beside the first one, and media: what `config.vm.disk` says, then what blocks of providers say. */
export function planDisks(planning: Planning): readonly MachineDisk[] {
  const { disks, hardware } = planning.machine;
  const own = disks.flatMap((disk) => planDisk(disk, planning));
  const extra = hardware.extraDisks.map(
    ({ size, name }): MachineDisk => ({
      kind: 'disk',
      name: diskName(name) ?? 'disk',
      size: Math.round(size),
    }),
  );
  const media = hardware.cdroms.map(
    (path): MachineDisk => ({
      kind: 'cdrom',
      name: diskName(path) ?? 'cdrom',
      path: onHost(planning, path),
    }),
  );
  return withDifferentNames([...own, ...extra, ...media]);
}

function planDisk({ kind, name, size, file, primary, at }: VagrantDisk, planning: Planning): MachineDisk[] {
  if (primary) return [];
  const called = name ?? kind;
  if (kind === 'dvd')
    return file === undefined ? [] : [{ kind: 'cdrom', name: called, path: onHost(planning, file) }];
  if (kind === 'floppy') {
    return file === undefined ? [] : [{ kind: 'floppy', name: called, path: onHost(planning, file) }];
  }
  if (file !== undefined) {
    return [{ kind: 'file', name: called, path: onHost(planning, file), readOnly: false }];
  }
  if (size === undefined) {
    planning.warn(`the disk ${called} has no size: it is left out`, at);
    return [];
  }
  return [{ kind: 'disk', name: called, size }];
}

/** Files of disks are named by people; what is left is good as a file's name anywhere. */
function diskName(path: string | undefined): string | undefined {
  const name = basename(path ?? '')
    .replace(/\.\w{2,5}$/, '')
    .replaceAll(/[^-\w]+/g, '_');
  return name === '' ? undefined : name;
}

function withDifferentNames(disks: readonly MachineDisk[]): readonly MachineDisk[] {
  const used = new Set<string>();
  return disks.map((disk) => {
    let name = disk.name;
    for (let number = 2; used.has(name); number++) name = `${disk.name}-${number}`;
    used.add(name);
    return { ...disk, name };
  });
}
