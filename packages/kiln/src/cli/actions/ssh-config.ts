import { machineFiles } from '../../machines/machine-record.ts';
import { sshConfig } from '../../machines/ssh-arguments.ts';
import type { CommandInput } from '../command.ts';
import type { sshConfigOptions } from '../commands/ssh-config.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { homeOf, targetMachine } from './machine-targets.ts';

export async function run(
  { options, args }: CommandInput<typeof sshConfigOptions>,
  context: CliContext,
): Promise<number> {
  const record = await targetMachine(args[0], options.file, context);
  context.stdout.write(sshConfig(record, machineFiles(homeOf(context), record.id), options.host));
  return exitCodes.ok;
}
