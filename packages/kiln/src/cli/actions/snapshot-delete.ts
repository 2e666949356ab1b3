import { deleteMachineSnapshot } from '../../machines/snapshots/save-snapshot.ts';
import type { CommandInput } from '../command.ts';
import type { snapshotDeleteOptions } from '../commands/snapshot.ts';
import type { CliContext } from '../context.ts';
import { onEachMachine } from './on-each-machine.ts';
import { snapshotWords } from './snapshot-words.ts';

export async function run(
  { options, args }: CommandInput<typeof snapshotDeleteOptions>,
  context: CliContext,
): Promise<number> {
  const { machines, name } = snapshotWords(args);
  return onEachMachine(machines, options.file, context, 'snapshot', async (services, record) => {
    await deleteMachineSnapshot(services, record, name);
    return `has no snapshot "${name}" any more`;
  });
}
