import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cancelled } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import { exists } from '../base/files.ts';
import { withLock } from '../base/locks.ts';
import { connectSsh } from '../guests/connect-ssh.ts';
import type { Guest } from '../guests/guest.ts';
import { chooseAccelerator } from '../hosts/qemu/accelerator.ts';
import { withoutHostCpu } from '../hosts/qemu/command-line.ts';
import { copyEfiVars, findEfiFiles } from '../hosts/qemu/efi.ts';
import {
  endedUnexpectedly,
  hostDiskFull,
  launchQemu,
  type RunningQemu,
  whenDiskIsFull,
} from '../hosts/qemu/launch.ts';
import type { Seed } from '../hosts/qemu/seed.ts';
import { type SshCommunicator, sshDefaults } from '../plan/communicator.ts';
import { storeLayout } from '../store/home.ts';
import type { Run } from '../store/run.ts';
import type { MemoryPlace } from './devices.ts';
import type { FirstLogin } from './first-login.ts';
import { portKey, settlePorts, sshForward } from './host-ports.ts';
import { makeBells } from './machine-agent.ts';
import {
  listRecords,
  type MachineFiles,
  type MachineRecord,
  machineFiles,
  writeRecord,
} from './machine-record.ts';
import { type MachineServices, tell } from './machine-services.ts';
import { leadOut, openForwards, silence } from './outside-network.ts';
import { type KernelFiles, qemuArguments } from './qemu-arguments.ts';
import { settleDisk } from './settle-disk.ts';
import { sshAddress } from './ssh-arguments.ts';
import { type Surroundings, startFolderPrograms, surroundingArguments } from './surroundings.ts';

export const qemuBinary = 'qemu-system-x86_64';
/** How long a machine may take until it can be logged in to when nobody says otherwise, in milliseconds. */
const bootTimeout = 300_000;

export interface Started {
  readonly record: MachineRecord;
  readonly qemu: RunningQemu;
}

export interface StartOptions {
  /** A state is to be loaded before the machine runs; it is isolated until then. */
  readonly incoming?: boolean;
  /** It does not run before it is told to, and is isolated until then; as with `incoming`. */
  readonly paused?: boolean;
  readonly memory?: MemoryPlace;
  /** Another identity than the machine's own. */
  readonly seed?: Seed;
  /** Where the machine's folder is, when not where machines are. Its record is not written. */
  readonly files?: MachineFiles;
  /** The machine must not outlive this run. */
  readonly run?: Run;
  /** What it is plugged into from the start. */
  readonly surroundings?: Surroundings;
  /** Boots without its disk's boot loader, once: it ends where it would boot again. */
  readonly kernel?: KernelFiles;
}

/**
 * Starts the machine's QEMU, which goes on when this command ends. Ports that are in use are settled anew. The caller
 * closes `qemu.qmp`.
 * @throws KilnError `qemu-failed`, `tool-missing`, `locked` for a port, `cancelled`
 */
export async function startQemu(
  services: MachineServices,
  record: MachineRecord,
  options: StartOptions = {},
): Promise<Started> {
  const { incoming = false, paused = false, run, surroundings } = options;
  const needsShared = (surroundings?.folders.virtiofs.length ?? 0) > 0;
  const memory = options.memory ?? { kind: needsShared ? 'shared' : 'private' };
  const files = options.files ?? machineFiles(services.home, record.id);
  await settleDisk(files);
  const efi = record.firmware === 'efi' ? findEfiFiles({ kind: 'efi', dropVars: false }) : undefined;
  const [processor, publicKey] = await Promise.all([
    processorOf(services, record, incoming),
    options.seed ? undefined : readFile(files.publicKey, 'utf8'),
    makeBells(files.folder),
    efi && exists(files.efiVars).then((there) => (there ? undefined : copyEfiVars(efi, files.efiVars))),
  ]);
  const seed = options.seed ?? {
    authorizedKeys: [publicKey!],
    hostname: record.hostname,
    // A box that was made of an image of Kiln's would make new host keys for another instance than that of the kept
    // machine it is a copy of.
    instance: record.image.seeded ? record.id : '',
  };
  const isKept = options.files === undefined;
  const settled = await withFreePorts(services, { ...record, accelerator: processor.accelerator }, isKept);
  if (surroundings) await startFolderPrograms(surroundings.folders, services.signal);
  const qemu = await launchQemu({
    binary: qemuBinary,
    argv: qemuArguments({
      record: settled,
      files,
      memory,
      accelerator: processor.option,
      cpuModel: processor.model,
      seed,
      incoming,
      paused,
      ...(options.kernel ? { kernel: options.kernel } : {}),
      ...(efi ? { efiCode: efi.code } : {}),
      ...(record.hasCloudInit ? { seedDisk: files.cloudSeed } : {}),
      ...(surroundings ? { more: surroundingArguments(surroundings) } : {}),
    }),
    scratch: files.folder,
    ...(run ? { run } : {}),
    signal: services.signal,
  });
  const started = { record: settled, qemu };
  try {
    await silence(qemu.qmp);
    if (incoming || paused) return started;
    await leadOut(qemu.qmp);
    return await openPorts(services, started, isKept);
  } catch (error) {
    await abandonStart(started, files);
    throw error;
  }
}

/**
 * Opens the ports of a machine that was led out (outside-network.ts), others where some are taken meanwhile.
 * @param isKept its record is among those of machines
 * @throws KilnError `locked` for a port
 */
export async function openPorts<Q extends Pick<RunningQemu, 'qmp'>>(
  services: MachineServices,
  { record, qemu }: { readonly record: MachineRecord; readonly qemu: Q },
  isKept = true,
): Promise<{ readonly record: MachineRecord; readonly qemu: Q }> {
  for (let attempt = 1, settled = record; ; attempt++) {
    try {
      await openForwards(qemu.qmp, settled);
      return { record: settled, qemu };
    } catch (error) {
      // Somebody else may take a port between the look and QEMU's own try.
      if (!(error instanceof KilnError && error.code === 'locked') || attempt >= 3) throw error;
      settled = await withFreePorts(services, settled, isKept);
    }
  }
}

export interface Processor {
  readonly accelerator: string;
  /** Value of `-accel`. */
  readonly option: string;
  /** Value of `-cpu`. */
  readonly model: string;
}

/** What the machine's processors are emulated or run by. One that wakes up needs what it fell asleep with. */
export async function processorOf(
  services: Pick<MachineServices, 'home' | 'signal'>,
  record: Pick<MachineRecord, 'accelerator' | 'hardware'>,
  asBefore = false,
): Promise<Processor> {
  const { home, signal } = services;
  const { accelerator: best } = await chooseAccelerator('auto', { binary: qemuBinary, home, signal });
  const accelerator = asBefore ? (record.accelerator ?? best) : best;
  const isReal = accelerator === 'kvm' || accelerator === 'hvf';
  const wanted = record.hardware?.cpuModel;
  return {
    accelerator,
    option: accelerator === 'tcg' ? 'tcg,thread=multi' : accelerator,
    model: isReal ? (wanted ?? 'host') : wanted === undefined ? 'max' : withoutHostCpu(wanted),
  };
}

/**
 * Waits until the machine can be logged in to, with its own key or as `first` says, and hands over the connection.
 * The machine's host key is written down the first time and must be the same ever after.
 * @throws KilnError `guest-unreachable`, `guest-login-refused`, `qemu-failed` when the machine ends, `cancelled`
 */
export async function waitForLogin(
  services: MachineServices,
  { record, qemu }: Started,
  first: FirstLogin = {},
  files: MachineFiles = machineFiles(services.home, record.id),
): Promise<Guest> {
  const stop = new AbortController();
  const signal = AbortSignal.any([services.signal, stop.signal]);
  const ended = qemu.ended.then((exit): never => {
    stop.abort();
    throw endedUnexpectedly(exit);
  });
  ended.catch(() => {}); // of interest only until the login
  const full = whenDiskIsFull(qemu.qmp).then((): never => {
    throw hostDiskFull();
  });
  full.catch(() => {});
  const connecting = connectToMachine(services, record, files, signal, first);
  try {
    return await Promise.race([connecting, ended, full]);
  } catch (error) {
    stop.abort();
    connecting.then(
      (guest) => guest.close(),
      () => {},
    );
    if (services.signal.aborted) throw cancelled();
    throw error;
  }
}

/** Logs in to a running machine. @throws as `waitForLogin` */
export async function connectToMachine(
  services: Pick<MachineServices, 'emit'>,
  record: MachineRecord,
  files: MachineFiles,
  signal: AbortSignal,
  first: FirstLogin = {},
): Promise<Guest> {
  const known = await knownHostKeys(files);
  const communicator: SshCommunicator = {
    ...sshDefaults,
    username: record.user,
    timeout: first.timeout ?? bootTimeout,
    disableAgentForwarding: true,
    fileTransfer: 'sftp',
    folders: 'rsync',
    ...(first.password === undefined ? {} : { password: first.password }),
  };
  let shown: string | undefined;
  const guest = await connectSsh({
    communicator,
    host: sshAddress(record),
    port: record.sshPort,
    privateKeys: [await readFile(files.key, 'utf8'), ...(first.privateKeys ?? [])],
    signal,
    onMessage: (text) => tell(services, record.name, text),
    onHostKey: (key) => {
      shown = key;
    },
    ...(first.password === undefined ? {} : { password: first.password }),
    ...(known.length === 0 ? {} : { hostKeys: known }),
  });
  if (known.length === 0 && shown) {
    await appendFile(files.knownHosts, `kiln-${record.id} ${shown}\n`, { mode: 0o600 });
  }
  return guest;
}

/** A failed start leaves no process and no half-written state behind. */
export async function abandonStart(started: Pick<Started, 'qemu'>, files: MachineFiles): Promise<void> {
  started.qemu.qmp.close();
  await started.qemu.kill();
  await rm(files.pid, { force: true });
}

/** Under a lock: of two machines that look at the same moment, the second must see what the first has chosen. */
async function withFreePorts(
  services: MachineServices,
  record: MachineRecord,
  isKept: boolean,
): Promise<MachineRecord> {
  const lock = join(storeLayout(services.home).locks, 'ports.lock');
  const options = { what: 'the ports of machines', wait: 60_000, signal: services.signal };
  return withLock(lock, options, async () => {
    const taken = new Set<string>();
    for (const other of await listRecords(services.home)) {
      if (other.id === record.id) continue;
      for (const forward of [...other.ports, sshForward(other)]) taken.add(portKey(forward));
    }
    const forwards = [sshForward(record), ...record.ports];
    const { ports, changes } = await settlePorts(forwards, taken, record.portRange);
    for (const { wanted, got } of changes) {
      if (wanted === got.host || got === ports[0]) continue;
      tell(
        services,
        record.name,
        `port ${wanted} is in use; ${got.hostAddress}:${got.host} leads to ${got.guest} instead`,
      );
    }
    const settled = { ...record, sshPort: ports[0]!.host, ports: ports.slice(1) };
    if (isKept) await writeRecord(services.home, settled);
    return settled;
  });
}

async function knownHostKeys(files: MachineFiles): Promise<string[]> {
  if (!(await exists(files.knownHosts))) return [];
  const lines = (await readFile(files.knownHosts, 'utf8')).split('\n').filter(Boolean);
  return lines.map((line) => line.split(' ').slice(1, 3).join(' '));
}

/** Writes the machine's own key pair; the private half only its owner can read. */
export async function writeKeyPair(
  files: MachineFiles,
  pair: { readonly privateKey: string; readonly publicKey: string },
): Promise<void> {
  await writeFile(files.key, pair.privateKey, { mode: 0o600 });
  await writeFile(files.publicKey, `${pair.publicKey.trim()}\n`, { mode: 0o644 });
}
