import { messageOf } from '../../base/errors.ts';
import { withLock } from '../../base/locks.ts';
import { machineLock } from '../../machines/find-machine.ts';
import type { MachineRecord } from '../../machines/machine-record.ts';
import type { MachineServices } from '../../machines/machine-services.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { triggerProject, withMachineTriggers } from '../machine-triggers.ts';
import { targetMachines } from './machine-targets.ts';
import { withMachines } from './with-machines.ts';

/** A command that has the machine may take this long before another gives up waiting, in milliseconds. */
const patience = 120_000;

/**
 * Does something to several machines at once, each under its lock and with the triggers of the command, and prints what came of each. One that fails does
 * not keep the others from being done; the exit code says that it failed.
 * @param afterAll done once when all have been tried
 */
export async function onEachMachine(
  words: readonly string[],
  file: string | undefined,
  context: CliContext,
  command: string,
  work: (services: MachineServices, record: MachineRecord) => Promise<string>,
  afterAll?: (services: MachineServices, records: readonly MachineRecord[]) => Promise<void>,
): Promise<number> {
  const records = await targetMachines(words, file, context);
  if (records.length === 0) {
    context.stderr.line('There are no machines here. `kiln up` makes them.');
    return exitCodes.ok;
  }
  const project = await triggerProject(file, context);
  return withMachines(context, async (services) => {
    const outcomes = await Promise.allSettled(
      records.map((record) => {
        const lock = machineLock(services.home, record.project, record.name);
        const options = { what: `the machine ${record.name}`, wait: patience, signal: services.signal };
        const action = { command, machine: record.name };
        return withMachineTriggers(services, context, project, action, () =>
          withLock(lock, options, () => work(services, record)),
        );
      }),
    );
    const failures: unknown[] = [];
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') context.stderr.line(`${records[index]!.name} ${outcome.value}`);
      else failures.push(outcome.reason);
    }
    await afterAll?.(services, records);
    if (failures.length === 0) return exitCodes.ok;
    if (failures.length === 1) throw failures[0];
    for (const failure of failures) context.stderr.line(`error: ${messageOf(failure)}`);
    return exitCodes.failed;
  });
}
