import { chmod, copyFile, link, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setQcow2BackingFile } from '@kiln/diskimage';
import { createLayerToCome, diskInfo } from '../../hosts/qemu/disks.ts';
import type { Qmp } from '../../hosts/qemu/qmp.ts';
import type { KeptDisk, WarmFiles, WarmRecord } from '../../store/warm/warm-record.ts';
import type { WarmSnapshot } from '../../store/warm/warm-store.ts';
import { extraDiskPath } from '../devices.ts';
import { broughtDisks } from '../extra-disks.ts';
import type { MachineFiles, MachineRecord } from '../machine-record.ts';
import { nextLayer } from '../settle-disk.ts';
import { snapshotNodes, snapshotPaths } from '../snapshots/snapshot-list.ts';
import { topNodes } from '../top-nodes.ts';
import { baseName, makeEmpty } from './kept-parts.ts';

/** A disk of a running machine that is about to be kept. */
export interface DiskToKeep {
  readonly path: string;
  /** QEMU's name of what it writes to now. */
  readonly node: string;
  /** What the disk until now is called once it has another layer on top; in the machine's folder. */
  readonly layer: string;
  /** Names of the layers in the machine's folder that it stands on. */
  readonly below: readonly string[];
}

/** The disks of a machine that are its own: the first one is the system's. @throws KilnError `qemu-failed` */
export async function disksToKeep(
  files: MachineFiles,
  record: Pick<MachineRecord, 'disks'>,
  qmp: Qmp,
  key: string,
): Promise<readonly DiskToKeep[]> {
  const paths = snapshotPaths(files, record);
  const nodes = await topNodes(qmp, snapshotNodes(record));
  const disks: DiskToKeep[] = [];
  for (const [at, path] of paths.entries()) {
    const prefix = `own-${key.slice(0, 16)}`;
    const layer = join(files.folder, at === 0 ? `${prefix}.qcow2` : `${prefix}-${basename(path)}`);
    disks.push({ path, node: nodes[at]!, layer, below: await layersOf(path) });
  }
  return disks;
}

async function layersOf(disk: string): Promise<readonly string[]> {
  const folder = dirname(disk);
  const names: string[] = [];
  let path = disk;
  for (;;) {
    const { backing } = await diskInfo(path, { trusted: true, format: 'qcow2' });
    if (!backing || join(folder, basename(backing.path)) !== backing.path) return names;
    names.push(basename(backing.path));
    path = backing.path;
  }
}

/**
 * Puts a new layer on each disk of a stopped machine. Should Kiln be killed on the way, the disk with or without the new
 * layer is the same.
 */
export async function putNewTops(qmp: Qmp, disks: readonly DiskToKeep[]): Promise<void> {
  for (const [at, { path, node, layer }] of disks.entries()) {
    const fresh = nextLayer(path);
    const { virtualSize } = await diskInfo(path, { trusted: true, format: 'qcow2' });
    await rm(layer, { force: true });
    await link(path, layer);
    await createLayerToCome(`${fresh}.new`, virtualSize);
    await setQcow2BackingFile(`${fresh}.new`, basename(layer));
    await chmod(`${fresh}.new`, 0o600);
    await rename(`${fresh}.new`, fresh);
    const overlay = at === 0 ? 'next' : `next${at}`;
    await qmp.expect('blockdev-add', {
      driver: 'qcow2',
      'node-name': overlay,
      discard: 'unmap',
      'detect-zeroes': 'unmap',
      file: { driver: 'file', filename: fresh },
      backing: null,
    });
    await qmp.expect('blockdev-snapshot', { node, overlay });
  }
}

/** Links the layers into a snapshot's folder. Gives what its record says of them. */
export async function linkDisks(
  kept: WarmFiles,
  key: string,
  [system, ...more]: readonly DiskToKeep[],
): Promise<Pick<WarmRecord, 'below' | 'disks'>> {
  const linkBelow = async ({ path, below }: DiskToKeep) => {
    for (const name of below) await link(join(dirname(path), name), join(kept.folder, name));
  };
  await link(system!.layer, kept.disk);
  await linkBelow(system!);
  await makeEmpty(kept, baseName(key));
  await chmod(kept.empty, 0o600);
  const disks: KeptDisk[] = [];
  for (const disk of more) {
    const name = basename(disk.path);
    const place = filesOfDisk(kept, name);
    await link(disk.layer, place.disk);
    await linkBelow(disk);
    await makeEmpty(place, moreBaseName(key, name));
    await chmod(place.empty, 0o600);
    disks.push({ name, below: disk.below });
  }
  return { below: system!.below, ...(disks.length === 0 ? {} : { disks }) };
}

/**
 * Moves the disks that the image of a machine has brought, and that it may have written to while it booted, into a
 * snapshot's folder. The others are empty still.
 */
export async function moveBroughtDisks(
  files: Pick<MachineFiles, 'folder'>,
  kept: WarmFiles,
  key: string,
  record: Pick<MachineRecord, 'disks'>,
): Promise<readonly KeptDisk[]> {
  const disks: KeptDisk[] = [];
  for (const disk of broughtDisks(record.disks)) {
    const path = extraDiskPath(files, disk.name);
    const name = basename(path);
    const place = filesOfDisk(kept, name);
    await rename(path, place.disk);
    await makeEmpty(place, moreBaseName(key, name));
    for (const one of [place.disk, place.empty]) await chmod(one, 0o600);
    disks.push({ name, below: [] });
  }
  return disks;
}

function filesOfDisk({ folder }: Pick<WarmFiles, 'folder'>, name: string): Pick<WarmFiles, 'disk' | 'empty'> {
  return { disk: join(folder, name), empty: join(folder, `${name}.empty`) };
}

/** Name, in a copy's folder, of the layer of a disk beside the first one. */
function moreBaseName(key: string, name: string): string {
  return `base-${key.slice(0, 16)}-${name}`;
}

/** Gives a copy its disks: layers on the snapshot's, which it holds whatever becomes of the snapshot. */
export async function placeDisks(
  files: MachineFiles,
  { files: kept, record: { key, below = [], disks = [] } }: WarmSnapshot,
): Promise<void> {
  const linkBelow = async (names: readonly string[]) => {
    for (const name of names) await link(join(kept.folder, name), join(files.folder, name));
  };
  await link(kept.disk, join(files.folder, baseName(key)));
  await linkBelow(below);
  await copyFile(kept.empty, files.disk);
  for (const { name, below: under } of disks) {
    const from = filesOfDisk(kept, name);
    await link(from.disk, join(files.folder, moreBaseName(key, name)));
    await linkBelow(under);
    await copyFile(from.empty, join(files.folder, name));
  }
}

/** Takes away what `placeDisks` has placed. */
export async function takeDisksAway(
  files: MachineFiles,
  { record: { key, below = [], disks = [] } }: WarmSnapshot,
): Promise<void> {
  const more = disks.flatMap(({ name, below: under }) => [name, moreBaseName(key, name), ...under]);
  const names = [basename(files.disk), baseName(key), ...below, ...more];
  for (const name of names) await rm(join(files.folder, name), { force: true });
}
