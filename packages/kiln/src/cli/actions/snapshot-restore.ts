import { restoreMachineSnapshot } from '../../machines/snapshots/restore-snapshot.ts';
import type { CommandInput } from '../command.ts';
import type { snapshotRestoreOptions } from '../commands/snapshot.ts';
import type { CliContext } from '../context.ts';
import { onEachMachine } from './on-each-machine.ts';
import { snapshotWords } from './snapshot-words.ts';

export async function run(
  { options, args }: CommandInput<typeof snapshotRestoreOptions>,
  context: CliContext,
): Promise<number> {
  const { machines, name } = snapshotWords(args);
  return onEachMachine(machines, options.file, context, 'snapshot', async (services, record) => {
    const start = !options['no-start'];
    const { runs } = await restoreMachineSnapshot(services, record, name, { start });
    return restoredText(name, runs);
  });
}

export function restoredText(name: string, runs: boolean): string {
  return runs ? `runs as it did in "${name}"` : `is off, with its disks as in "${name}"`;
}
