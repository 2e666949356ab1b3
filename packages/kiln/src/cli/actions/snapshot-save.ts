import { saveMachineSnapshot } from '../../machines/snapshots/save-snapshot.ts';
import type { CommandInput } from '../command.ts';
import type { snapshotSaveOptions } from '../commands/snapshot.ts';
import type { CliContext } from '../context.ts';
import { onEachMachine } from './on-each-machine.ts';
import { snapshotWords } from './snapshot-words.ts';

export async function run(
  { options, args }: CommandInput<typeof snapshotSaveOptions>,
  context: CliContext,
): Promise<number> {
  const { machines, name } = snapshotWords(args);
  return onEachMachine(machines, options.file, context, 'snapshot', async (services, record) => {
    const saved = await saveMachineSnapshot(services, record, name, { replace: options.force });
    return `is kept as "${name}"${saved.hasMemory ? '' : ', without memory, as it is off'}`;
  });
}
