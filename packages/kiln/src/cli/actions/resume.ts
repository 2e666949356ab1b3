import { machineState } from '../../machines/machine-record.ts';
import { resumeMachine } from '../../machines/suspend-machine.ts';
import type { CommandInput } from '../command.ts';
import type { resumeOptions } from '../commands/resume.ts';
import type { CliContext } from '../context.ts';
import { onEachMachine } from './on-each-machine.ts';

export async function run(
  { options, args }: CommandInput<typeof resumeOptions>,
  context: CliContext,
): Promise<number> {
  return onEachMachine(args, options.file, context, 'resume', async (services, record) => {
    const state = await machineState(services.home, record.id);
    if (state !== 'suspended')
      return state === 'running' ? 'runs already' : 'is not suspended; start it with `kiln up`';
    await resumeMachine(services, record);
    return 'runs again';
  });
}
