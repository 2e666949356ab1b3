import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { cancelled } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import { exists } from '../base/files.ts';
import { connectSsh } from '../guests/connect-ssh.ts';
import type { Guest } from '../guests/guest.ts';
import { chooseAccelerator } from '../hosts/qemu/accelerator.ts';
import { copyEfiVars, findEfiFiles } from '../hosts/qemu/efi.ts';
import {
  endedUnexpectedly,
  hostDiskFull,
  launchQemu,
  type RunningQemu,
  whenDiskIsFull,
} from '../hosts/qemu/launch.ts';
import { type SshCommunicator, sshDefaults } from '../plan/communicator.ts';
import { portKey, settlePorts } from './host-ports.ts';
import {
  listRecords,
  type MachineFiles,
  type MachineRecord,
  machineFiles,
  writeRecord,
} from './machine-record.ts';
import { type MachineServices, tell } from './machine-services.ts';
import { qemuArguments } from './qemu-arguments.ts';

const binary = 'qemu-system-x86_64';
/** How long a machine may take until it can be logged in to when nobody says otherwise, in milliseconds. */
const bootTimeout = 300_000;

/** How to log in before the machine knows its own key. */
export interface FirstLogin {
  readonly password?: string;
  readonly privateKeyFile?: string;
  /** How long to wait for it, in milliseconds. */
  readonly timeout?: number;
}

export interface Started {
  readonly record: MachineRecord;
  readonly qemu: RunningQemu;
}

/**
 * Starts the machine's QEMU, which goes on when this command ends. Ports that are in use are settled anew. The caller
 * closes `qemu.qmp`.
 * @throws KilnError `qemu-failed`, `tool-missing`, `locked` for a port, `cancelled`
 */
export async function startQemu(
  services: MachineServices,
  record: MachineRecord,
  options: { readonly incoming?: string } = {},
): Promise<Started> {
  const files = machineFiles(services.home, record.id);
  const choice = await chooseAccelerator('auto', { binary, home: services.home, signal: services.signal });
  const accelerator =
    record.accelerator !== undefined && options.incoming ? record.accelerator : choice.accelerator;
  const efi = record.firmware === 'efi' ? findEfiFiles({ kind: 'efi', dropVars: false }) : undefined;
  if (efi && !(await exists(files.efiVars))) await copyEfiVars(efi, files.efiVars);
  const publicKey = await readFile(files.publicKey, 'utf8');
  for (let attempt = 1; ; attempt++) {
    const settled = await withFreePorts(services, { ...record, accelerator });
    await writeRecord(services.home, settled);
    try {
      const qemu = await launchQemu({
        binary,
        argv: qemuArguments({
          record: settled,
          files,
          accelerator: accelerator === 'tcg' ? 'tcg,thread=multi' : accelerator,
          cpuModel: accelerator === 'kvm' || accelerator === 'hvf' ? 'host' : 'max',
          publicKey,
          ...(efi ? { efiCode: efi.code } : {}),
          ...options,
        }),
        scratch: files.folder,
        signal: services.signal,
      });
      return { record: settled, qemu };
    } catch (error) {
      // Somebody else may take a port between the look and QEMU's own try.
      const portLost = error instanceof KilnError && /host forwarding rule/.test(error.message);
      if (!portLost || attempt >= 3) throw error;
    }
  }
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
): Promise<Guest> {
  const files = machineFiles(services.home, record.id);
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
    ...(first.privateKeyFile === undefined ? {} : { privateKeyFile: first.privateKeyFile }),
  };
  let shown: string | undefined;
  const guest = await connectSsh({
    communicator,
    host: '127.0.0.1',
    port: record.sshPort,
    privateKeys: [await readFile(files.key, 'utf8')],
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

/** Sets the guest's clock, which stood still while the machine was suspended. */
export async function setGuestClock(guest: Guest): Promise<void> {
  await guest.exec({
    command: `sudo -n date -u -s @${(Date.now() / 1000).toFixed(3)} >/dev/null 2>&1 || true`,
  });
}

/** A failed start leaves no process and no half-written state behind. */
export async function abandonStart(started: Started, files: MachineFiles): Promise<void> {
  started.qemu.qmp.close();
  await started.qemu.kill();
  await rm(files.pid, { force: true });
}

async function withFreePorts(services: MachineServices, record: MachineRecord): Promise<MachineRecord> {
  const taken = new Set<string>();
  for (const other of await listRecords(services.home)) {
    if (other.id === record.id) continue;
    for (const forward of [...other.ports, sshForward(other)]) taken.add(portKey(forward));
  }
  const { ports, changes } = await settlePorts([sshForward(record), ...record.ports], taken);
  for (const { wanted, got } of changes) {
    if (wanted === got.host || got === ports[0]) continue;
    tell(
      services,
      record.name,
      `port ${wanted} is in use; ${got.hostAddress}:${got.host} leads to ${got.guest} instead`,
    );
  }
  return { ...record, sshPort: ports[0]!.host, ports: ports.slice(1) };
}

function sshForward(record: Pick<MachineRecord, 'sshPort' | 'guestSshPort'>) {
  return {
    guest: record.guestSshPort ?? 22,
    host: record.sshPort,
    hostAddress: '127.0.0.1',
    protocol: 'tcp',
    autoCorrect: true,
  } as const;
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
