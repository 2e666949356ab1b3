import { listSnapshots } from '../../machines/snapshots/snapshot-list.ts';
import type { CommandInput } from '../command.ts';
import type { snapshotListOptions } from '../commands/snapshot.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../text-table.ts';
import { homeOf, targetMachines } from './machine-targets.ts';

export async function run(
  { options, args }: CommandInput<typeof snapshotListOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const home = homeOf(context);
  const all = [];
  for (const record of await targetMachines(args, options.file, context)) {
    for (const { name, createdAt, hasMemory } of await listSnapshots(home, record.id))
      all.push({ machine: record.name, name, createdAt, memory: hasMemory });
  }
  if (options.json) stdout.line(JSON.stringify(all, null, 2));
  else if (all.length === 0) stderr.line('There are no snapshots. `kiln snapshot save NAME` makes one.');
  else {
    const rows = all.map(({ machine, name, createdAt, memory }) => [
      machine,
      name,
      createdAt.slice(0, 19).replace('T', ' '),
      memory ? 'yes' : 'no',
    ]);
    stdout.write(textTable([['MACHINE', 'SNAPSHOT', 'SAVED (UTC)', 'MEMORY'], ...rows]));
  }
  return exitCodes.ok;
}
