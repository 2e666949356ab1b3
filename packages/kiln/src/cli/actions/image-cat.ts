import { once } from 'node:events';
import { KilnError } from '../../base/errors.ts';
import type { CommandInput } from '../command.ts';
import type { imageCatOptions } from '../commands/image-files.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { choosePart, type ImageFilesystem, imagePath, openImage, readable } from '../image-filesystem.ts';

export async function run(
  { options, args }: CommandInput<typeof imageCatOptions>,
  context: CliContext,
): Promise<number> {
  const [word, ...paths] = args as [string, ...string[]];
  const image = await openImage(word, context);
  try {
    const { filesystem } = await choosePart(image, options.partition);
    // Nothing is written before it is known that all files are there.
    for (const path of paths)
      await readable(image.description, () => check(filesystem, path, image.description));
    for (const path of paths) {
      await readable(image.description, () => write(filesystem, path, context.stdout.raw));
    }
    return exitCodes.ok;
  } finally {
    await image.close();
  }
}

async function check(filesystem: ImageFilesystem, path: string, image: string): Promise<void> {
  const found = await statOf(filesystem, path);
  if (!found)
    throw new KilnError('not-found', `there is no ${path} in ${image}`, { hint: 'see `kiln image ls`' });
  if (found.kind === 'file') return;
  throw new KilnError('bad-usage', `${path} in ${image} is no file but a ${found.kind}`, {
    hint: found.kind === 'directory' ? 'see `kiln image ls`' : 'only regular files have something to write',
  });
}

function statOf(filesystem: ImageFilesystem, path: string) {
  const inside = imagePath(path);
  return filesystem.kind === 'ext'
    ? filesystem.files.stat(inside, { follow: true })
    : filesystem.files.stat(inside);
}

/** Piece by piece: files may be larger than the memory. */
async function write(filesystem: ImageFilesystem, path: string, out: NodeJS.WriteStream): Promise<void> {
  const { size } = (await statOf(filesystem, path))!;
  const content = await filesystem.files.content(imagePath(path));
  for (let position = 0; position < size; ) {
    const piece = Buffer.alloc(Math.min(1 << 20, size - position));
    const got = await content.read(piece, position);
    if (got === 0) break;
    position += got;
    if (!out.write(piece.subarray(0, got))) await once(out, 'drain');
  }
}
