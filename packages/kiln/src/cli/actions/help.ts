import { KilnError } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { AnyCommand, CommandInput } from '../command.ts';
import type { helpOptions } from '../commands/help.ts';
import { loadAllCommands } from '../commands/table.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { commandHelp, groupHelp, printOverview } from '../help-text.ts';

export async function run(
  { args }: CommandInput<typeof helpOptions>,
  { stdout }: CliContext,
): Promise<number> {
  if (args.length === 0) {
    await printOverview(stdout);
    return exitCodes.ok;
  }
  const path = ['kiln', ...args].join(' ');
  const command = find(await loadAllCommands(), args, 'kiln');
  const { paint } = stdout;
  stdout.write(
    command.kind === 'group' ? groupHelp(command, path, paint) : commandHelp(command, path, paint),
  );
  return exitCodes.ok;
}

function find(commands: readonly AnyCommand[], names: readonly string[], path: string): AnyCommand {
  const [name = '', ...more] = names;
  const found = commands.find((one) => one.name === name);
  if (!found || (more.length > 0 && found.kind === 'command')) {
    const wrong = found ? more[0]! : name;
    throw new KilnError('bad-usage', `${found ? `${path} ${name}` : path}: there is no command ${wrong}`, {
      hint: didYouMean(wrong, found ? [] : commands.map((one) => one.name)) ?? 'see `kiln help`',
    });
  }
  return more.length > 0 && found.kind === 'group' ? find(found.commands, more, `${path} ${name}`) : found;
}
