import { haltMachine } from '../../machines/stop-machine.ts';
import type { CommandInput } from '../command.ts';
import type { reloadOptions } from '../commands/reload.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { targetMachines } from './machine-targets.ts';
import { onEachMachine } from './on-each-machine.ts';
import { run as runUp } from './up.ts';

export async function run(
  { options, args }: CommandInput<typeof reloadOptions>,
  context: CliContext,
): Promise<number> {
  const records = await targetMachines(args, options.file, context);
  const { force, ...rest } = options;
  const halted = await onEachMachine(args, options.file, context, 'reload', async (services, record) => {
    await haltMachine(services, record, { force });
    return 'is off';
  });
  if (halted !== exitCodes.ok || records.length === 0) return halted;
  return runUp(
    { options: { ...noUpOptions, ...rest }, args: records.map(({ name }) => name), passthrough: [] },
    context,
  );
}

const noUpOptions = {
  name: undefined,
  memory: undefined,
  cpus: undefined,
  disk: undefined,
  port: [],
  user: undefined,
  key: undefined,
  checksum: undefined,
  firmware: undefined,
  json: false,
  'no-parallel': false,
};
