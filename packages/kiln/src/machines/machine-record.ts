import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../base/errors.ts';
import { readJsonIfExists, writeFileAtomically } from '../base/files.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from '../base/processes.ts';
import { qmpSocketName } from '../hosts/qemu/launch.ts';
import type { MachineHardware } from '../plan/machine-hardware.ts';
import type { MachineDisk, PortForward } from '../plan/machine-spec.ts';
import { storeLayout } from '../store/home.ts';
import { containerMachineState, containerOf } from './containers/container-file.ts';
import type { PortRange } from './host-ports.ts';

/** What is written down of one machine: `machines/<id>/machine.json`. */
export interface MachineRecord {
  readonly schema: 1;
  readonly id: string;
  readonly name: string;
  /** Folder of the kiln.yaml it belongs to; undefined for a machine that came straight from an image. */
  readonly project?: string;
  readonly createdAt: string;
  /** Set until the first `up` has succeeded: such a machine is worth nothing once its maker is dead. */
  readonly maker?: ProcessIdentity;
  /** Image it came from, for people, and its id in the store when it has one. */
  readonly image: { readonly description: string; readonly id?: string; readonly seeded: boolean };
  readonly cpus: number;
  readonly memory: number;
  readonly hostname: string;
  readonly firmware: 'bios' | 'efi';
  readonly user: string;
  /** Host port that leads to the machine's SSH server. */
  readonly sshPort: number;
  /** Where that server listens in the machine; 22 when not given. */
  readonly guestSshPort?: number;
  readonly ports: readonly PortForward[];
  /** What was asked of that host port: its address, and whether it may be another. */
  readonly sshForward?: { readonly hostAddress: string; readonly autoCorrect: boolean };
  /** Where ports go that have to move. */
  readonly portRange?: PortRange;
  readonly hardware?: MachineHardware;
  /** Disks beside the first one. */
  readonly disks?: readonly MachineDisk[];
  /** The parts of its cloud-init seed, which lies beside this record. */
  readonly hasCloudInit?: boolean;
  /** How long it may take to shut down by itself, in milliseconds. */
  readonly haltTimeout?: number;
  /** The one that is meant where a command takes one machine and is given none. */
  readonly primary?: boolean;
  /** Accelerator of the last start: a suspended machine can only wake up under the same. */
  readonly accelerator?: string;
}

/** The files of one machine. */
export interface MachineFiles {
  readonly folder: string;
  readonly record: string;
  readonly disk: string;
  readonly efiVars: string;
  /** Private SSH key, 0600; the public one is beside it. */
  readonly key: string;
  readonly publicKey: string;
  readonly knownHosts: string;
  readonly pid: string;
  readonly qmp: string;
  /** A second control socket, for questions: the first one may be somebody's for long. */
  readonly ask: string;
  readonly serialLog: string;
  readonly qemuLog: string;
  /** Memory and devices of a suspended machine. */
  readonly state: string;
  readonly sshControl: string;
  /** CD with the seed for cloud-init. */
  readonly cloudSeed: string;
  /** Name of the container that stands for the machine, where one does. */
  readonly container: string;
}

export function machineFiles(home: string, id: string): MachineFiles {
  return machineFilesIn(join(storeLayout(home).machines, id));
}

/** The files of a machine that has its folder elsewhere. */
export function machineFilesIn(folder: string): MachineFiles {
  return {
    folder,
    record: join(folder, 'machine.json'),
    disk: join(folder, 'disk.qcow2'),
    efiVars: join(folder, 'efivars.fd'),
    key: join(folder, 'key'),
    publicKey: join(folder, 'key.pub'),
    knownHosts: join(folder, 'known_hosts'),
    pid: join(folder, 'pid'),
    qmp: join(folder, qmpSocketName),
    ask: join(folder, 'ask.sock'),
    serialLog: join(folder, 'serial.log'),
    qemuLog: join(folder, 'qemu.log'),
    state: join(folder, 'state'),
    sshControl: join(folder, 'ssh'),
    cloudSeed: join(folder, 'cloud-init.iso'),
    container: join(folder, 'container'),
  };
}

export function newMachineId(): string {
  return randomBytes(4).toString('hex');
}

export async function writeRecord(home: string, record: MachineRecord): Promise<void> {
  const files = machineFiles(home, record.id);
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  await writeFileAtomically(files.record, `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

export async function readRecord(home: string, id: string): Promise<MachineRecord | undefined> {
  return (await readJsonIfExists(machineFiles(home, id).record)) as MachineRecord | undefined;
}

/** All machines of this store, by name. */
export async function listRecords(home: string): Promise<MachineRecord[]> {
  let ids: string[];
  try {
    ids = await readdir(storeLayout(home).machines);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
  const records = await Promise.all(ids.map((id) => readRecord(home, id)));
  return records
    .filter((record) => record !== undefined)
    .sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}

export type MachineState = 'running' | 'suspended' | 'halted';

/** What the machine is doing, from its process and files alone: QEMU need not be asked, only the engine of containers. */
export async function machineState(home: string, id: string): Promise<MachineState> {
  const files = machineFiles(home, id);
  const container = await containerOf(files);
  if (container) return containerMachineState(container);
  if ((await qemuProcess(files)) !== undefined) return 'running';
  try {
    await readFile(`${files.state}.done`);
    return 'suspended';
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'halted';
    throw error;
  }
}

/** The machine's QEMU, if it runs. A pid that now belongs to something else is not it. */
export async function qemuProcess(files: MachineFiles): Promise<ProcessIdentity | undefined> {
  try {
    const pid = Number.parseInt(await readFile(files.pid, 'utf8'), 10);
    if (!(pid > 0)) return undefined;
    const identity = identifyProcess(pid);
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return identity && commandLine.includes(files.folder) ? identity : undefined;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

/** True when the command that was making this machine died before it was done. */
export function isAbandoned(record: MachineRecord): boolean {
  return record.maker !== undefined && !isAlive(record.maker);
}
