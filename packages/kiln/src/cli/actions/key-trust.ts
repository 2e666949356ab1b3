import { basename, extname, resolve } from 'node:path';
import { kilnHome } from '../../base/home.ts';
import { readPublicKey } from '../../supply/signing/public-key.ts';
import { trustKey } from '../../supply/signing/trusted-keys.ts';
import type { CommandInput } from '../command.ts';
import type { keyTrustOptions } from '../commands/key.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export async function run(
  { options, args }: CommandInput<typeof keyTrustOptions>,
  { stdout, env, cwd }: CliContext,
): Promise<number> {
  const file = args[0]!;
  const key = await readPublicKey(resolve(cwd, file));
  const name = options.name ?? basename(file, extname(file));
  await trustKey(kilnHome(env), name, key);
  stdout.line(`signatures of ${name} (${key.id}) count from now on`);
  return exitCodes.ok;
}
