import { cleanUpAfterTheDead } from '../../machines/clean-up.ts';
import { livingRecords } from '../../machines/find-machine.ts';
import { machineState } from '../../machines/machine-record.ts';
import { openStore } from '../../store/store.ts';
import type { CommandInput } from '../command.ts';
import type { listOptions } from '../commands/list.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { type MachineRow, machineJson, printMachines } from './machine-table.ts';
import { homeOf } from './machine-targets.ts';

export async function run(
  { options }: CommandInput<typeof listOptions>,
  context: CliContext,
): Promise<number> {
  const home = homeOf(context);
  await cleanUpAfterTheDead({ home, store: openStore(home) });
  const rows: MachineRow[] = [];
  for (const record of await livingRecords(home)) {
    rows.push({ name: record.name, state: await machineState(home, record.id), record });
  }
  if (options.json) context.stdout.line(JSON.stringify(rows.map(machineJson), null, 2));
  else if (rows.length === 0) context.stderr.line('There are no machines. `kiln up debian/12` makes one.');
  else printMachines(rows, context.stdout, true);
  return exitCodes.ok;
}
