import { kilnHome } from '../../base/home.ts';
import { formatSize } from '../../base/sizes.ts';
import { openStore } from '../../store/store.ts';
import type { CommandInput } from '../command.ts';
import type { imageListOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../text-table.ts';
import { imageJson, shortId, shortTime } from './image-json.ts';

export async function run(
  { options }: CommandInput<typeof imageListOptions>,
  { stdout, stderr, env }: CliContext,
): Promise<number> {
  const images = await openStore(kilnHome(env)).listImages();
  if (options.json) stdout.line(JSON.stringify(images.map(imageJson), null, 2));
  else if (images.length === 0) stderr.line('There are no images yet. `kiln build` makes some.');
  else {
    const rows = images.flatMap((image) =>
      (image.references.length > 0 ? image.references : ['(no name)']).map((name) => [
        name,
        shortId(image.record.id),
        shortTime(image.record.createdAt),
        formatSize(image.bytes),
        formatSize(image.ownBytes),
        image.record.provenance.made,
      ]),
    );
    stdout.write(textTable([['NAME', 'ID', 'CREATED', 'SIZE', 'OWN', 'MADE BY'], ...rows]));
  }
  return exitCodes.ok;
}
