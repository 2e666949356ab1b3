import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readQcow2Header } from '@kiln/diskimage';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { identifyProcess } from '../../base/processes.ts';
import { createOverlay } from '../../hosts/qemu/disks.ts';
import { boxMembers, includedFiles } from '../../store/boxes/box-content.ts';
import { checkBoxTarget, packBox } from '../../store/boxes/pack-box.ts';
import { Run } from '../../store/run.ts';
import { writeDiskFile } from '../../store/write-disk.ts';
import {
  type MachineFiles,
  type MachineRecord,
  machineFiles,
  machineState,
  newMachineId,
  writeRecord,
} from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { settleDisk } from '../settle-disk.ts';
import { snapshotPaths } from '../snapshots/snapshot-list.ts';
import { abandonStart, startQemu, waitForLogin } from '../start-machine.ts';
import { destroyMachine, haltMachine } from '../stop-machine.ts';
import { openForVagrant } from './open-for-vagrant.ts';

export interface PackageOptions {
  /** Absolute path of the box. */
  readonly output: string;
  /** Files to take along, absolute; they are in `include/` of the box. */
  readonly include: readonly string[];
  /** File with facts for `box list -i`. */
  readonly info?: string;
  /** A Vagrantfile to put into the box. */
  readonly vagrantfile?: string;
  /** Take the disk as it is: no login for Vagrant is made, and nothing is cleaned. */
  readonly asIs: boolean;
}

export interface PackagedMachine {
  readonly output: string;
  /** Bytes of the box. */
  readonly size: number;
  /** The machine was running, and was halted for it. */
  readonly wasHalted: boolean;
}

/**
 * Makes a box of a machine, which is halted for that and otherwise stays as it is: what has to be changed for a box is
 * changed in a copy that boots once. To be called under the machine's lock.
 * @throws KilnError `already-exists`, `file-missing`, `bad-usage`, `step-failed`, `disk-full`, `cancelled`
 */
export async function packageMachine(
  services: MachineServices,
  record: MachineRecord,
  options: PackageOptions,
): Promise<PackagedMachine> {
  const { output, asIs } = options;
  await checkBoxTarget(output);
  const texts = { info: await textOf(options.info), vagrantfile: await textOf(options.vagrantfile) };
  for (const path of options.include) await checkFile(path);
  const state = await machineState(services.home, record.id);
  if (state === 'suspended') {
    throw new KilnError('bad-usage', `${record.name} is suspended, and its disk is not at rest`, {
      hint: `resume it first: kiln resume ${record.name}`,
    });
  }
  if (state === 'running') await haltMachine(services, record, { force: false });
  const files = machineFiles(services.home, record.id);
  // A machine that has turned itself off was not halted by anybody.
  await settleDisk(files);
  if ((record.disks ?? []).length > 0) {
    const text = 'the box gets the first disk of the machine, and none of the others';
    services.emit({ kind: 'message', build: record.name, level: 'warning', text });
  }
  const pack = (disk: string) => packDisk(services, record, disk, { ...options, ...texts });
  await (asIs ? pack(files.disk) : withOpenedCopy(services, record, files, pack));
  return { output, size: (await stat(output)).size, wasHalted: state === 'running' };
}

/**
 * A machine of its own for a moment, whose disk stands on that of the halted machine. Should this command be killed,
 * the next one removes it like any machine that was never ready.
 */
async function withOpenedCopy(
  services: MachineServices,
  original: MachineRecord,
  originalFiles: MachineFiles,
  use: (disk: string) => Promise<void>,
): Promise<void> {
  const { project: _project, accelerator: _accelerator, ...facts } = original;
  const maker = identifyProcess(process.pid);
  const copy: MachineRecord = {
    ...facts,
    id: newMachineId(),
    name: `${original.name}-box`,
    ports: [],
    ...(maker && { maker }),
  };
  const files = machineFiles(services.home, copy.id);
  await writeRecord(services.home, copy);
  try {
    await mkdir(files.folder, { recursive: true, mode: 0o700 });
    for (const name of ['key', 'publicKey'] as const) await copyFile(originalFiles[name], files[name]);
    if (original.firmware === 'efi') await copyFile(originalFiles.efiVars, files.efiVars);
    const [disks, originals] = [snapshotPaths(files, copy), snapshotPaths(originalFiles, original)];
    for (const [at, path] of disks.entries())
      await createOverlay(path, originals[at]!, 'qcow2', undefined, { signal: services.signal });
    tell(services, original.name, 'booting a copy of it, to make that a box');
    const started = await startQemu(services, copy);
    try {
      const guest = await waitForLogin(services, started);
      await openForVagrant(guest, services.signal);
      await guest.close();
    } catch (error) {
      await abandonStart(started, files);
      throw error;
    } finally {
      started.qemu.qmp.close();
    }
    await haltMachine(services, started.record, { force: false });
    await use(files.disk);
  } finally {
    await destroyMachine(services, copy);
  }
}

async function packDisk(
  services: MachineServices,
  record: MachineRecord,
  disk: string,
  options: PackageOptions & { readonly info: string | undefined; readonly vagrantfile: string | undefined },
): Promise<void> {
  const { output, include, info, vagrantfile } = options;
  const { signal } = services;
  const run = await Run.open(services.home);
  const report = (label: string, part: number) =>
    services.emit({
      kind: 'progress',
      build: record.name,
      label,
      done: Math.round(part * 100),
      total: 100,
      unit: 'items',
    });
  try {
    const flat = join(run.folder, 'box.img');
    await writeDiskFile({
      from: { path: disk, format: 'qcow2' },
      to: flat,
      format: 'qcow2',
      compress: false,
      name: record.name,
      time: 0,
      run,
      signal,
      onProgress: (part) => report('copying the disk', part),
    });
    const { virtualSize } = await readQcow2Header(flat);
    const members = boxMembers({
      disk: flat,
      virtualSize,
      settings: [],
      files: includedFiles(include),
      ...(info !== undefined && { info }),
      ...(vagrantfile !== undefined && { vagrantfile }),
    });
    const onProgress = (done: number, total: number) =>
      report(`packing ${basename(output)}`, total === 0 ? 1 : done / total);
    await packBox(output, members, { run, signal, onProgress });
  } finally {
    await run.close();
  }
}

async function textOf(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  await checkFile(path);
  return readFile(path, 'utf8');
}

async function checkFile(path: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
  }
  throw new KilnError('file-missing', `${path} is to go into the box and is no file`, {
    hint: 'name files; of a folder, name what is in it',
  });
}
