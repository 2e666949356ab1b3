import { saveMachineSnapshot } from '../../machines/snapshots/save-snapshot.ts';
import { pushName } from '../../machines/snapshots/snapshot-list.ts';
import type { CommandInput } from '../command.ts';
import type { snapshotPushOptions } from '../commands/snapshot.ts';
import type { CliContext } from '../context.ts';
import { onEachMachine } from './on-each-machine.ts';

export async function run(
  { options, args }: CommandInput<typeof snapshotPushOptions>,
  context: CliContext,
): Promise<number> {
  return onEachMachine(args, options.file, context, 'snapshot', async (services, record) => {
    const { name } = await saveMachineSnapshot(services, record, pushName());
    return `is kept as "${name}"`;
  });
}
