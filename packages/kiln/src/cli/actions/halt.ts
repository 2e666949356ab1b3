import { haltMachine } from '../../machines/stop-machine.ts';
import type { CommandInput } from '../command.ts';
import type { haltOptions } from '../commands/halt.ts';
import type { CliContext } from '../context.ts';
import { onEachMachine } from './on-each-machine.ts';

const outcomes = {
  halted: 'is off',
  forced: 'was turned off',
  forgotten: 'is off; it was suspended, and its memory is gone',
  'was-off': 'was off already',
} as const;

export async function run(
  { options, args }: CommandInput<typeof haltOptions>,
  context: CliContext,
): Promise<number> {
  return onEachMachine(
    args,
    options.file,
    context,
    'halt',
    async (services, record) => outcomes[await haltMachine(services, record, { force: options.force })],
  );
}
