import { KilnError } from '../../base/errors.ts';
import { shellQuote } from '../../guests/shell-quote.ts';
import type { CommandInput } from '../command.ts';
import type { execOptions } from '../commands/exec.ts';
import type { CliContext } from '../context.ts';
import { homeOf, targetMachine } from './machine-targets.ts';
import { runInMachine } from './run-in-machine.ts';
import { runSsh } from './run-ssh.ts';

export async function run(
  { options, args, passthrough }: CommandInput<typeof execOptions>,
  context: CliContext,
): Promise<number> {
  if (passthrough.length === 0) {
    throw new KilnError('bad-usage', 'kiln exec: there is no command to run', {
      hint: 'write it after --, as in `kiln exec web -- uname -a`',
    });
  }
  const record = await targetMachine(args[0], options.file, context);
  const command = passthrough.map(shellQuote).join(' ');
  if (options.tty) return runSsh(homeOf(context), record, { terminal: true, command });
  const how = needsShell.test(passthrough[0]!) ? 'shell' : 'words';
  return runInMachine(homeOf(context), record, command, how);
}

/** What only a shell has; every other program starts without one. */
const needsShell =
  /^(?:[.:!]|\[\[|alias|bg|builtin|cd|command|declare|eval|exec|exit|export|fc|fg|hash|history|jobs|let|local|logout|popd|pushd|read|readonly|return|set|shift|shopt|source|suspend|times|trap|type|typeset|ulimit|umask|unalias|unset|wait)$/;
