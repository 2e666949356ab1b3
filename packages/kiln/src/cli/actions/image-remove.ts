import { kilnHome } from '../../base/home.ts';
import { formatSize } from '../../base/sizes.ts';
import { openStore, type RemovedImage } from '../../store/store.ts';
import type { CommandInput } from '../command.ts';
import type { imageRemoveOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportError } from '../report-error.ts';
import { shortId } from './image-json.ts';

export async function run(
  { options, args }: CommandInput<typeof imageRemoveOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, env } = context;
  const store = openStore(kilnHome(env));
  const removed: RemovedImage[] = [];
  let code: number = exitCodes.ok;
  // One that cannot be removed keeps none of the others.
  for (const reference of args) {
    try {
      const one = await store.removeImage(reference, { force: options.force });
      removed.push(one);
      if (!options.json) stdout.line(describe(one));
    } catch (error) {
      code = await reportError(error, context, []);
    }
  }
  if (options.json) stdout.line(JSON.stringify(removed, null, 2));
  return code;
}

function describe({ id, references, removed, bytes }: RemovedImage): string {
  const names = references.length > 0 ? `${references.join(', ')} ` : '';
  if (!removed) return `${names}is no name of ${shortId(id)} any more; it has others`;
  return `removed ${names}(${shortId(id)}), ${formatSize(bytes)} are free now`;
}
