import type { CommandInput } from '../command.ts';
import type { sshOptions } from '../commands/ssh.ts';
import type { CliContext } from '../context.ts';
import { homeOf, targetMachine } from './machine-targets.ts';
import { runInMachine } from './run-in-machine.ts';
import { runSsh } from './run-ssh.ts';

export async function run(
  { options, args, passthrough }: CommandInput<typeof sshOptions>,
  context: CliContext,
): Promise<number> {
  const record = await targetMachine(args[0], options.file, context);
  // What need not look like SSH does without its handshake.
  if (options.command !== undefined && !options.tty && passthrough.length === 0)
    return runInMachine(homeOf(context), record, options.command);
  return runSsh(homeOf(context), record, {
    extra: passthrough,
    ...(options.command === undefined ? {} : { command: options.command }),
    ...(options.tty ? { terminal: true } : {}),
  });
}
