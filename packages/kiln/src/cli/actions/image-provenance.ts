import { KilnError } from '../../base/errors.ts';
import { kilnHome } from '../../base/home.ts';
import { openStore } from '../../store/store.ts';
import { parseBundle } from '../../supply/provenance/bundle.ts';
import { provenanceType } from '../../supply/provenance/provenance-statement.ts';
import { statementIn } from '../../supply/provenance/statement.ts';
import type { CommandInput } from '../command.ts';
import type { imageProvenanceOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export async function run(
  { options, args }: CommandInput<typeof imageProvenanceOptions>,
  { stdout, env }: CliContext,
): Promise<number> {
  const store = openStore(kilnHome(env));
  const bundle = await store.readAttachment(await store.getImage(args[0]!), 'attestations');
  const text = bundle?.toString('utf8') ?? '';
  const statements = parseBundle(text).map(statementIn);
  const found = statements.find((one) => one?.predicateType === provenanceType);
  if (!found) {
    throw new KilnError('not-found', `nothing is said of how ${args[0]} was made`, {
      hint: 'images that this Kiln builds have a signed statement; imported disks and those of older versions have none',
    });
  }
  if (options.envelope) stdout.write(text);
  else stdout.line(JSON.stringify(found, null, 2));
  return exitCodes.ok;
}
