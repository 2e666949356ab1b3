import { kilnHome } from '../../base/home.ts';
import { openSigningKey } from '../../supply/signing/signing-key.ts';
import type { CommandInput } from '../command.ts';
import type { keyShowOptions } from '../commands/key.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export async function run(
  { options }: CommandInput<typeof keyShowOptions>,
  { stdout, env }: CliContext,
): Promise<number> {
  const { public: key, path } = await openSigningKey(kilnHome(env), env);
  if (options.json)
    stdout.line(JSON.stringify({ id: key.id, publicKey: key.pem, privateKeyFile: path }, null, 2));
  else stdout.write(key.pem);
  return exitCodes.ok;
}
