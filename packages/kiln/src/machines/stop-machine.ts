import { readdir, readFile, rm } from 'node:fs/promises';
import { sleep } from '../base/cancellation.ts';
import { isSystemError, KilnError } from '../base/errors.ts';
import { identifyProcess, isAlive, type ProcessIdentity, run, signalQuietly } from '../base/processes.ts';
import { Qmp } from '../hosts/qemu/qmp.ts';
import { containerOf } from './containers/container-file.ts';
import { haltContainer, removeContainer } from './containers/stop-container.ts';
import { agentSite } from './machine-agent.ts';
import {
  isAbandoned,
  listRecords,
  type MachineFiles,
  type MachineRecord,
  machineFiles,
  machineState,
  qemuProcess,
} from './machine-record.ts';
import { type MachineServices, tell } from './machine-services.ts';
import { releaseSurroundings } from './release-surroundings.ts';
import { settleDisk } from './settle-disk.ts';
import { sshExitArguments } from './ssh-arguments.ts';

/** How long a machine may take to shut down by itself when nobody says otherwise, in milliseconds. */
const gracefulTimeout = 60_000;
/** A container has nothing to shut down but its program. */
const containerTimeout = 10_000;
/** For so long a machine that has heard that it shall shut down is not asked in another way. */
const patienceAfterAsking = 20_000;

/**
 * Has the machine shut itself down, by its agent or else by the power button, and waits until it is off; one that does
 * not react is turned off. A machine that is off already is left as it is.
 */
export async function haltMachine(
  services: MachineServices,
  record: MachineRecord,
  options: { readonly force: boolean },
): Promise<'halted' | 'forced' | 'forgotten' | 'was-off'> {
  const files = machineFiles(services.home, record.id);
  const container = await containerOf(files);
  if (container) {
    tell(services, record.name, 'stopping the container');
    const patience = record.haltTimeout ?? containerTimeout;
    return haltContainer(container, { ...options, patience, signal: services.signal });
  }
  const process = await qemuProcess(files);
  if (!process) {
    // Halting a suspended machine throws its memory away, as pulling the plug would.
    const wasSuspended = (await machineState(services.home, record.id)) === 'suspended';
    await forgetState(files);
    await settleDisk(files);
    await releaseSurroundings(services.home, record.id, { forget: false });
    return wasSuspended ? 'forgotten' : 'was-off';
  }
  await endSharedConnection(record, files);
  let forced = options.force;
  if (!forced) {
    tell(services, record.name, 'shutting down');
    forced = !(await shutDown(services, record, files, process));
    if (forced) tell(services, record.name, 'the machine did not shut down in time; turning it off');
  }
  if (forced) await killQemu(files, process);
  await forgetProcess(files);
  await settleDisk(files);
  await releaseSurroundings(services.home, record.id, { forget: false });
  return forced ? 'forced' : 'halted';
}

/** Removes a machine and everything that is its own. Running machines are turned off at once. */
export async function destroyMachine(
  services: Pick<MachineServices, 'home' | 'store'>,
  record: Pick<MachineRecord, 'id'> & Partial<MachineRecord>,
): Promise<void> {
  const files = machineFiles(services.home, record.id);
  if (record.sshPort !== undefined) await endSharedConnection(record as MachineRecord, files);
  const process = await qemuProcess(files);
  if (process) await killQemu(files, process);
  await killByFolder(files.folder);
  await removeContainer(files);
  await releaseSurroundings(services.home, record.id, { forget: true });
  await services.store.unpin({ kind: 'machine', id: record.id });
  await rm(files.folder, { recursive: true, force: true });
}

/** Removes machines whose maker died before they were ready. */
export async function removeAbandonedMachines(
  services: Pick<MachineServices, 'home' | 'store'>,
): Promise<void> {
  for (const record of await listRecords(services.home)) {
    if (isAbandoned(record)) await destroyMachine(services, record);
  }
}

/** A QEMU whose maker was killed may not have written its pid yet; everything of a machine names its folder. */
async function killByFolder(folder: string): Promise<void> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const identity = identifyProcess(Number(pid));
    if (!identity || !(await commandLineOf(pid)).includes(`${folder}/`)) continue;
    signalQuietly(identity.pid, 'SIGKILL');
    await goneWithin(identity, 10_000);
  }
}

async function commandLineOf(pid: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/cmdline`, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES')) return '';
    throw error;
  }
}

export async function killQemu(files: MachineFiles, process: ProcessIdentity): Promise<void> {
  signalQuietly(process.pid, 'SIGKILL');
  await goneWithin(process, 10_000);
  await forgetProcess(files);
}

/** Ends ssh's shared master connection. Quick, and harmless when there is none. */
export async function endSharedConnection(record: MachineRecord, files: MachineFiles): Promise<void> {
  try {
    await run('ssh', sshExitArguments(record, files));
  } catch (error) {
    if (!(error instanceof KilnError && error.code === 'tool-missing')) throw error;
  }
}

/** True when the process was gone in time. */
export async function goneWithin(
  process: ProcessIdentity,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (isAlive(process)) {
    if (performance.now() > deadline) return false;
    await sleep(20, signal);
  }
  return true;
}

/** True when the machine has shut itself down in time. */
async function shutDown(
  services: MachineServices,
  record: MachineRecord,
  files: MachineFiles,
  process: ProcessIdentity,
): Promise<boolean> {
  const deadline = performance.now() + (record.haltTimeout ?? gracefulTimeout);
  const { signal } = services;
  if (await askAgent(files, signal)) {
    const patience = Math.min(patienceAfterAsking, deadline - performance.now());
    if (await goneWithin(process, patience, signal)) return true;
  }
  const qmp = await connectIfThere(files.qmp);
  if (!qmp) return goneWithin(process, 1000, signal);
  try {
    // A machine that is still booting has nobody who would notice the first press.
    while (performance.now() < deadline) {
      if (!isAlive(process)) return true;
      await qmp.execute('system_powerdown').catch(() => undefined);
      if (await goneWithin(process, Math.min(5000, deadline - performance.now()), signal)) return true;
    }
    return !isAlive(process);
  } finally {
    qmp.close();
  }
}

const powerOff = 'sync; systemctl poweroff --no-block 2>/dev/null || poweroff 2>/dev/null || shutdown -h now';

/** Whether the agent has told the machine to shut down. It may well end before it can say so. */
async function askAgent(files: MachineFiles, signal: AbortSignal): Promise<boolean> {
  const { agentGuest } = await import('../guests/agent-guest.ts');
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceAfterAsking)]);
  try {
    const exit = await agentGuest(agentSite(files), 'root').exec({ command: powerOff, signal: limit });
    return exit.kind !== 'exited' || exit.code === 0;
  } catch (error) {
    if (!(error instanceof KilnError) || signal.aborted) throw error;
    return false;
  }
}

export async function connectIfThere(socket: string): Promise<Qmp | undefined> {
  try {
    return await Qmp.connect(socket);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ECONNREFUSED')) return undefined;
    throw error;
  }
}

async function forgetProcess(files: MachineFiles): Promise<void> {
  await rm(files.pid, { force: true });
  await rm(files.qmp, { force: true });
  await rm(files.sshControl, { force: true });
}

export async function forgetState(files: MachineFiles): Promise<void> {
  await rm(`${files.state}.done`, { force: true });
  await rm(files.state, { force: true });
}
