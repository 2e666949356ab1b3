import { kilnHome } from '../../base/home.ts';
import { trustedKeys } from '../../supply/signing/trusted-keys.ts';
import type { CommandInput } from '../command.ts';
import type { keyListOptions } from '../commands/key.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../text-table.ts';

export async function run(
  { options }: CommandInput<typeof keyListOptions>,
  { stdout, stderr, env }: CliContext,
): Promise<number> {
  const keys = await trustedKeys(kilnHome(env), env);
  if (options.json) {
    const found = keys.map(({ name, key }) => ({ name, id: key.id, publicKey: key.pem }));
    stdout.line(JSON.stringify(found, null, 2));
  } else if (keys.length === 0) {
    stderr.line('no key yet: the first build, or `kiln key show`, makes one');
  } else {
    stdout.write(textTable([['NAME', 'ID'], ...keys.map(({ name, key }) => [name, key.id])]));
  }
  return exitCodes.ok;
}
