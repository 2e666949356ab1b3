import { machineState } from '../../machines/machine-record.ts';
import { suspendMachine } from '../../machines/suspend-machine.ts';
import type { CommandInput } from '../command.ts';
import type { suspendOptions } from '../commands/suspend.ts';
import type { CliContext } from '../context.ts';
import { onEachMachine } from './on-each-machine.ts';

export async function run(
  { options, args }: CommandInput<typeof suspendOptions>,
  context: CliContext,
): Promise<number> {
  return onEachMachine(args, options.file, context, 'suspend', async (services, record) => {
    const state = await machineState(services.home, record.id);
    if (state !== 'running') return `does not run (it is ${state})`;
    await suspendMachine(services, record);
    return 'is suspended';
  });
}
