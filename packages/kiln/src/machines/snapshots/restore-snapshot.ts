import { copyFile } from 'node:fs/promises';
import { KilnError } from '../../base/errors.ts';
import { agentGuest } from '../../guests/agent-guest.ts';
import { loadSnapshot, snapshotDisks } from '../../hosts/qemu/internal-snapshots.ts';
import { rootCommand } from '../as-root.ts';
import { agentSite } from '../machine-agent.ts';
import { type MachineRecord, machineFiles, qemuProcess, writeRecord } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { openMachineGuest } from '../open-guest.ts';
import { leadOut } from '../outside-network.ts';
import { removeProvisionedMark, restoreProvisionedMark } from '../provision/provisioned-mark.ts';
import { releaseSurroundings } from '../release-surroundings.ts';
import { settleDisk } from '../settle-disk.ts';
import { wakeSurroundings } from '../settle-surroundings.ts';
import { abandonStart, openPorts, startQemu } from '../start-machine.ts';
import { endSharedConnection, forgetState, killQemu } from '../stop-machine.ts';
import { prepareSurroundings } from '../surroundings.ts';
import { giveIdentity, refreshScript } from '../warm/identity.ts';
import {
  findSnapshot,
  type MachineSnapshot,
  snapshotNodes,
  snapshotPaths,
  variablesPath,
} from './snapshot-list.ts';

export interface RestoredMachine {
  readonly record: MachineRecord;
  /** False: only its disks were kept, or it was not to be started. It is off. */
  readonly runs: boolean;
}

/**
 * Takes the machine back to a snapshot, whatever it is doing: what it did since is lost. One with memory goes on where
 * it was, with the right time and other random numbers than the last time. To be called under the machine's lock.
 * @param options.start false: only the disks, and the machine is off
 * @throws KilnError `not-found`, `qemu-failed`, as `startQemu`
 */
export async function restoreMachineSnapshot(
  services: MachineServices,
  record: MachineRecord,
  name: string,
  options: { readonly start?: boolean } = {},
): Promise<RestoredMachine> {
  const { home } = services;
  const files = machineFiles(home, record.id);
  const snapshot = await findSnapshot(home, record, name);
  const process = await qemuProcess(files);
  if (process) {
    await endSharedConnection(record, files);
    await killQemu(files, process);
    await releaseSurroundings(home, record.id, { forget: false });
  }
  await forgetState(files);
  await settleDisk(files);
  const as: MachineRecord = { ...record, ...snapshot.machine };
  await writeRecord(home, as);
  tell(services, record.name, `going back to the snapshot "${name}"`);
  if (record.firmware === 'efi') await copyFile(variablesPath(files, snapshot.tag), files.efiVars);
  const runs = snapshot.hasMemory && options.start !== false;
  const back = runs ? await goOn(services, as, snapshot) : as;
  if (!runs) await snapshotDisks('apply', snapshot.tag, snapshotPaths(files, as));
  if (snapshot.provisioned) await restoreProvisionedMark(home, record.id, snapshot.provisioned);
  else await removeProvisionedMark(home, record.id);
  return { record: back, runs };
}

async function goOn(
  services: MachineServices,
  record: MachineRecord,
  snapshot: MachineSnapshot,
): Promise<MachineRecord> {
  const { signal } = services;
  const files = machineFiles(services.home, record.id);
  const surroundings = await prepareSurroundings(services, record);
  const started = await startQemu(services, record, { paused: true, surroundings });
  try {
    // The state knows the way out that the machine had when it was saved.
    const { qmp } = started.qemu;
    await leadOut(qmp);
    const { record: settled } = await openPorts(services, started);
    await loadSnapshot(qmp, { tag: snapshot.tag, nodes: snapshotNodes(record), signal });
    await qmp.expect('cont');
    await refresh(services, settled);
    await wakeSurroundings(services, settled);
    qmp.close();
    return settled;
  } catch (error) {
    await abandonStart(started, files);
    throw error;
  }
}

async function refresh(services: MachineServices, record: MachineRecord): Promise<void> {
  const { signal } = services;
  const site = agentSite(machineFiles(services.home, record.id));
  try {
    await giveIdentity(agentGuest(site, 'root', 'inline'), refreshScript(), signal);
    return;
  } catch (error) {
    if (!(error instanceof KilnError) || error.code === 'cancelled') throw error;
  }
  const guest = await openMachineGuest(services, record);
  try {
    await giveIdentity(guest, rootCommand(refreshScript()), signal);
  } catch (error) {
    if (!(error instanceof KilnError) || error.code === 'cancelled') throw error;
    const text = `the clock of the machine may be wrong, and its random numbers the same as before: ${error.message}`;
    services.emit({ kind: 'message', build: record.name, level: 'warning', text });
  } finally {
    await guest.close();
  }
}
