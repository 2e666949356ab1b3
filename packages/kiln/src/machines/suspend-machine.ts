import { sleep } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import { writeFileAtomically } from '../base/files.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { Qmp } from '../hosts/qemu/qmp.ts';
import { type MachineRecord, machineFiles, qemuProcess } from './machine-record.ts';
import { type MachineServices, tell } from './machine-services.ts';
import { abandonStart, setGuestClock, startQemu, waitForLogin } from './start-machine.ts';
import { connectIfThere, endSharedConnection, forgetState, killQemu } from './stop-machine.ts';

/**
 * Writes the machine's memory and devices to a file and ends QEMU. A machine whose saving fails goes on.
 * @throws KilnError `qemu-failed`, `not-found` when the machine does not run
 */
export async function suspendMachine(services: MachineServices, record: MachineRecord): Promise<void> {
  const files = machineFiles(services.home, record.id);
  const process = await qemuProcess(files);
  const qmp = process && (await connectIfThere(files.qmp));
  if (!process || !qmp) {
    throw new KilnError('not-found', `${record.name} does not run`, { hint: 'start it with `kiln up`' });
  }
  await endSharedConnection(record, files);
  tell(services, record.name, 'saving its memory');
  try {
    await qmp.expect('stop');
    await qmp.expect('migrate-set-parameters', { 'max-bandwidth': 2 ** 40 });
    // The file is new and private before anything of the machine's memory is in it.
    await qmp.expect('migrate', { uri: `exec:umask 077; cat > ${shellQuote(files.state)}` });
    await migrationDone(qmp, services.signal);
  } catch (error) {
    await qmp.execute('migrate_cancel').catch(() => undefined);
    await qmp.execute('cont').catch(() => undefined);
    qmp.close();
    await forgetState(files);
    throw error;
  }
  // From here on the machine is its file; the marker makes that so, even across a crash.
  await writeFileAtomically(`${files.state}.done`, '', 0o600);
  qmp.close();
  await killQemu(files, process);
}

/**
 * Continues a suspended machine where it was, with the right time on its clock.
 * @throws KilnError `qemu-failed` when the saved state does not fit this QEMU; the state is kept
 */
export async function resumeMachine(services: MachineServices, record: MachineRecord): Promise<void> {
  const files = machineFiles(services.home, record.id);
  tell(services, record.name, 'waking up');
  const started = await startQemu(services, record, { incoming: files.state });
  try {
    const { qmp } = started.qemu;
    await qmp.expect('migrate-incoming', { uri: `exec:cat ${shellQuote(files.state)}` });
    await migrationDone(qmp, services.signal);
    await qmp.expect('cont');
    const guest = await waitForLogin(services, started);
    await setGuestClock(guest);
    await guest.close();
  } catch (error) {
    await abandonStart(started, files);
    throw error;
  }
  // The disk has moved on: the saved memory must never be used again.
  await forgetState(files);
  started.qemu.qmp.close();
}

async function migrationDone(qmp: Qmp, signal: AbortSignal): Promise<void> {
  for (;;) {
    const info = await qmp.expect<{ readonly status?: string; readonly 'error-desc'?: string }>(
      'query-migrate',
    );
    if (info.status === 'completed') return;
    if (info.status === 'failed' || info.status === 'cancelled') {
      throw new KilnError(
        'qemu-failed',
        `the machine's memory could not be moved: ${info['error-desc'] ?? info.status}`,
      );
    }
    await sleep(10, signal);
  }
}
