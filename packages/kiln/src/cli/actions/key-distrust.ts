import { kilnHome } from '../../base/home.ts';
import { distrustKey } from '../../supply/signing/trusted-keys.ts';
import type { CommandInput } from '../command.ts';
import type { keyDistrustOptions } from '../commands/key.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export async function run(
  { args }: CommandInput<typeof keyDistrustOptions>,
  { stdout, env }: CliContext,
): Promise<number> {
  await distrustKey(kilnHome(env), args[0]!);
  stdout.line(`signatures of ${args[0]} count no more`);
  return exitCodes.ok;
}
