import type { CommandInput } from '../command.ts';
import type { vagrantOptions } from '../commands/vagrant.ts';
import type { CliContext } from '../context.ts';
import { runVagrant } from '../vagrant/run-vagrant.ts';

export async function run(
  { args }: CommandInput<typeof vagrantOptions>,
  context: CliContext,
): Promise<number> {
  return runVagrant(args, context);
}
