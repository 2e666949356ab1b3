import { KilnError } from '../base/errors.ts';
import { writeFileAtomically } from '../base/files.ts';
import { agentGuest } from '../guests/agent-guest.ts';
import type { Guest } from '../guests/guest.ts';
import { docker } from '../hosts/docker/docker-command.ts';
import { loadState, saveState } from '../hosts/qemu/migration.ts';
import { rootCommand } from './as-root.ts';
import { containerOf } from './containers/container-file.ts';
import { pauseContainer } from './containers/stop-container.ts';
import { agentSite } from './machine-agent.ts';
import { type MachineRecord, machineFiles, qemuProcess } from './machine-record.ts';
import { type MachineServices, tell } from './machine-services.ts';
import { openMachineGuest } from './open-guest.ts';
import { isolate, leadOut } from './outside-network.ts';
import { releaseSurroundings } from './release-surroundings.ts';
import { detachSurroundings, wakeSurroundings } from './settle-surroundings.ts';
import { abandonStart, openPorts, startQemu } from './start-machine.ts';
import { connectIfThere, endSharedConnection, forgetState, killQemu } from './stop-machine.ts';
import { prepareSurroundings } from './surroundings.ts';

/**
 * Writes the machine's memory and devices to a file and ends QEMU. A machine whose saving fails goes on.
 * @throws KilnError `qemu-failed`, `not-found` when the machine does not run
 */
export async function suspendMachine(services: MachineServices, record: MachineRecord): Promise<void> {
  const files = machineFiles(services.home, record.id);
  const container = await containerOf(files);
  if (container) return pauseContainer(container, services.signal);
  const process = await qemuProcess(files);
  const qmp = process && (await connectIfThere(files.qmp));
  if (!process || !qmp) {
    throw new KilnError('not-found', `${record.name} does not run`, { hint: 'start it with `kiln up`' });
  }
  await detachSurroundings(services, record);
  await endSharedConnection(record, files);
  tell(services, record.name, 'saving its memory');
  let isIsolated = false;
  try {
    await qmp.expect('stop');
    await isolate(qmp);
    isIsolated = true;
    await saveState(qmp, files.state, { withoutMemory: false, signal: services.signal });
  } catch (error) {
    if (isIsolated) {
      await leadOut(qmp)
        .then(() => openPorts(services, { record, qemu: { qmp } }))
        .catch(() => undefined);
    }
    await qmp.execute('cont').catch(() => undefined);
    qmp.close();
    await forgetState(files);
    await wakeSurroundings(services, record).catch(() => undefined);
    throw error;
  }
  // From here on the machine is its file; the marker makes that so, even across a crash.
  await writeFileAtomically(`${files.state}.done`, '', 0o600);
  qmp.close();
  await killQemu(files, process);
  await releaseSurroundings(services.home, record.id, { forget: false });
}

/**
 * Continues a suspended machine where it was, with the right time on its clock.
 * @throws KilnError `qemu-failed` when the saved state does not fit this QEMU; the state is kept
 */
export async function resumeMachine(
  services: MachineServices,
  record: MachineRecord,
): Promise<MachineRecord> {
  const files = machineFiles(services.home, record.id);
  const container = await containerOf(files);
  if (container) {
    await docker(['unpause', container.name], { signal: services.signal });
    return record;
  }
  tell(services, record.name, 'waking up');
  const surroundings = await prepareSurroundings(services, record);
  const started = await startQemu(services, record, { incoming: true, surroundings });
  try {
    const { qmp } = started.qemu;
    await loadState(qmp, files.state, { withoutMemory: false, signal: services.signal });
    await leadOut(qmp);
    const { record: settled } = await openPorts(services, started);
    await qmp.expect('cont');
    await setClock(services, settled);
    await wakeSurroundings(services, settled);
    // The disk has moved on: the saved memory must never be used again.
    await forgetState(files);
    qmp.close();
    return settled;
  } catch (error) {
    await abandonStart(started, files);
    throw error;
  }
}

/** Sets the machine's clock, which stood still while it was not running. */
export async function setClock(services: MachineServices, record: MachineRecord): Promise<void> {
  const site = agentSite(machineFiles(services.home, record.id));
  const set = (guest: Guest) =>
    guest.exec({
      command: rootCommand(`date -u -s @${(Date.now() / 1000).toFixed(3)} >/dev/null 2>&1 || true`),
      signal: services.signal,
    });
  try {
    await set(agentGuest(site, 'root'));
  } catch (error) {
    if (!(error instanceof KilnError && error.code === 'guest-unreachable')) throw error;
    const guest = await openMachineGuest(services, record);
    await set(guest);
    await guest.close();
  }
}
