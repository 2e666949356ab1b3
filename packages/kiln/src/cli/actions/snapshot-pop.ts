import { restoreMachineSnapshot } from '../../machines/snapshots/restore-snapshot.ts';
import { deleteMachineSnapshot } from '../../machines/snapshots/save-snapshot.ts';
import { lastPushed } from '../../machines/snapshots/snapshot-list.ts';
import type { CommandInput } from '../command.ts';
import type { snapshotPopOptions } from '../commands/snapshot.ts';
import type { CliContext } from '../context.ts';
import { onEachMachine } from './on-each-machine.ts';
import { restoredText } from './snapshot-restore.ts';

export async function run(
  { options, args }: CommandInput<typeof snapshotPopOptions>,
  context: CliContext,
): Promise<number> {
  return onEachMachine(args, options.file, context, 'snapshot', async (services, record) => {
    const { name } = await lastPushed(services.home, record);
    const start = !options['no-start'];
    const restored = await restoreMachineSnapshot(services, record, name, { start });
    if (!options['no-delete']) await deleteMachineSnapshot(services, restored.record, name);
    return restoredText(name, restored.runs);
  });
}
