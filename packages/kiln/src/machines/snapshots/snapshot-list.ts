import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { readJsonIfExists, writeFileAtomically } from '../../base/files.ts';
import { didYouMean } from '../../base/suggest.ts';
import { extraDiskPath, systemDiskNode } from '../devices.ts';
import { type MachineFiles, type MachineRecord, machineFiles } from '../machine-record.ts';
import type { ProvisionedMark } from '../provision/provisioned-mark.ts';

/** A state of a machine that it can go back to: in `machines/<id>/snapshots.json`. */
export interface MachineSnapshot {
  readonly name: string;
  /** What it is called in the disks. */
  readonly tag: string;
  readonly createdAt: string;
  /** The machine ran, and goes on where it was; else only its disks are kept. */
  readonly hasMemory: boolean;
  /** What the machine was like: its memory fits no other. */
  readonly machine: Pick<MachineRecord, 'cpus' | 'memory' | 'hardware' | 'disks' | 'accelerator'>;
  readonly provisioned?: ProvisionedMark;
}

/** Names of those that `push` makes and `pop` takes. */
const pushed = /^push_\d+_\d+$/;

/** In the order they were saved. */
export async function listSnapshots(home: string, id: string): Promise<readonly MachineSnapshot[]> {
  return ((await readJsonIfExists(pathOf(home, id))) as readonly MachineSnapshot[] | undefined) ?? [];
}

export async function writeSnapshots(
  home: string,
  id: string,
  snapshots: readonly MachineSnapshot[],
): Promise<void> {
  await writeFileAtomically(pathOf(home, id), `${JSON.stringify(snapshots, null, 2)}\n`, 0o600);
}

/** @throws KilnError `not-found` */
export async function findSnapshot(
  home: string,
  record: Pick<MachineRecord, 'id' | 'name'>,
  name: string,
): Promise<MachineSnapshot> {
  const all = await listSnapshots(home, record.id);
  const found = all.find((one) => one.name === name);
  if (found) return found;
  const names = all.map((one) => one.name);
  throw new KilnError('not-found', `${record.name} has no snapshot "${name}"`, {
    hint: didYouMean(name, names) ?? (names.length > 0 ? `it has ${names.join(', ')}` : 'it has none'),
  });
}

/** A new name for `push`. */
export function pushName(): string {
  return `push_${Math.floor(Date.now() / 1000)}_${randomBytes(2).readUInt16BE()}`;
}

/** The last one that was pushed. @throws KilnError `not-found` */
export async function lastPushed(
  home: string,
  record: Pick<MachineRecord, 'id' | 'name'>,
): Promise<MachineSnapshot> {
  const last = (await listSnapshots(home, record.id)).findLast(({ name }) => pushed.test(name));
  if (last) return last;
  throw new KilnError('not-found', `${record.name} has no pushed snapshot`, {
    hint: 'make one with `kiln snapshot push`',
  });
}

/** QEMU's names of the disks of a machine that was just started, the first being the one with the memory. */
export function snapshotNodes(record: Pick<MachineRecord, 'disks'>): readonly string[] {
  const extra = (record.disks ?? []).flatMap(({ kind }, at) => (kind === 'disk' ? [`disk${at + 1}`] : []));
  return [systemDiskNode, ...extra];
}

/** The same disks as files. */
export function snapshotPaths(
  files: Pick<MachineFiles, 'disk' | 'folder'>,
  record: Pick<MachineRecord, 'disks'>,
): readonly string[] {
  const own = (record.disks ?? []).filter(({ kind }) => kind === 'disk');
  return [files.disk, ...own.map(({ name }) => extraDiskPath(files, name))];
}

/** A firmware's variables are no part of the disks. */
export function variablesPath(files: Pick<MachineFiles, 'folder'>, tag: string): string {
  return join(files.folder, `${tag}.efivars.fd`);
}

function pathOf(home: string, id: string): string {
  return join(machineFiles(home, id).folder, 'snapshots.json');
}
