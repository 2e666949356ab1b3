import { resolve } from 'node:path';
import type { Checksum } from '../plan/image-ref.ts';
import { sizeOfFile } from '../store/disk-file.ts';
import type { StoreLayout } from '../store/home.ts';
import { compareDigest, type DigestChecksum } from './checksums.ts';
import { digestsOfFile } from './file-digests.ts';
import type { LocalImage, ResolveContext } from './image-resolver.ts';
import { openImage } from './open-image.ts';
import { progressReporter } from './progress.ts';

/**
 * A user's file, used where it is. Its bytes are compared with the checksum before anything else looks at them.
 * @throws KilnError `file-missing`, `file-unsafe`, `checksum-mismatch`, `unsupported`
 */
export async function useFile(
  layout: StoreLayout,
  file: {
    readonly path: string;
    readonly checksum: Exclude<Checksum, { kind: 'from' }>;
    readonly unpack: boolean;
  },
  context: ResolveContext,
): Promise<LocalImage> {
  const path = resolve(file.path);
  await sizeOfFile(path);
  const expected: DigestChecksum | undefined = file.checksum.kind === 'digest' ? file.checksum : undefined;
  const algorithms = expected ? (['sha256', expected.algorithm] as const) : (['sha256'] as const);
  const digests = await digestsOfFile(layout, path, [...new Set(algorithms)], {
    signal: context.signal,
    onProgress: progressReporter(context, `reading ${path}`),
  });
  if (expected) compareDigest(expected, digests[expected.algorithm], path);
  return openImage(layout, path, { digest: digests.sha256!, unpack: file.unpack }, context);
}
