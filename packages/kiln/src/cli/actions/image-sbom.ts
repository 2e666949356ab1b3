import { resolve } from 'node:path';
import { writeFileAtomically } from '../../base/files.ts';
import { kilnHome } from '../../base/home.ts';
import { openStore } from '../../store/store.ts';
import { imageSboms } from '../../supply/attest/image-sboms.ts';
import type { CommandInput } from '../command.ts';
import type { imageSbomOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export async function run(
  { options, args }: CommandInput<typeof imageSbomOptions>,
  { stdout, stderr, env, cwd }: CliContext,
): Promise<number> {
  const store = openStore(kilnHome(env));
  const sboms = await imageSboms(store, await store.getImage(args[0]!), { env });
  for (const gap of sboms.gaps) stderr.line(`note: ${gap}`);
  const document = sboms[options.format ?? 'spdx'];
  if (options.output === undefined) stdout.write(document.toString('utf8'));
  else {
    await writeFileAtomically(resolve(cwd, options.output), document);
    stderr.line(`wrote ${options.output}`);
  }
  return exitCodes.ok;
}
