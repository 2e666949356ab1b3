import { KilnError } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { CommandInput } from '../command.ts';
import type { completionOptions } from '../commands/completion.ts';
import { loadAllCommands } from '../commands/table.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { completedCommands } from '../completion/words.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export async function run(
  { args }: CommandInput<typeof completionOptions>,
  { stdout }: CliContext,
): Promise<number> {
  const name = args[0]!;
  if (!(name === 'bash' || name === 'zsh' || name === 'fish')) {
    throw new KilnError('bad-usage', `kiln completion: there is no completion for "${name}"`, {
      hint: didYouMean(name, Object.keys(shells)) ?? 'there is one for bash, zsh and fish',
    });
  }
  stdout.write(shells[name](completedCommands(await loadAllCommands())));
  return exitCodes.ok;
}
