import type { CommandInput } from '../command.ts';
import type { sshOptions } from '../commands/ssh.ts';
import type { CliContext } from '../context.ts';
import { homeOf, targetMachine } from './machine-targets.ts';
import { runSsh } from './run-ssh.ts';

export async function run(
  { options, args, passthrough }: CommandInput<typeof sshOptions>,
  context: CliContext,
): Promise<number> {
  const record = await targetMachine(args[0], options.file, context);
  return runSsh(homeOf(context), record, {
    extra: passthrough,
    ...(options.command === undefined ? {} : { command: options.command }),
    ...(options.tty ? { terminal: true } : {}),
  });
}
