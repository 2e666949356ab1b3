import { KilnError } from '../base/errors.ts';
import { exists } from '../base/files.ts';
import type { Checksum, DistributionImage, ImageRef, StoreImage } from '../plan/image-ref.ts';
import type { Store } from '../store/store.ts';
import { resolveBoxImage } from './boxes/box-image.ts';
import { type DownloadTiming, usualTiming } from './download.ts';
import { useFile } from './file-image.ts';
import type { ImageResolver, LocalImage, ResolveContext } from './image-resolver.ts';
import { storedImage } from './stored-image.ts';
import { fetchUrlImage } from './url-image.ts';

/** Gives the image of a distribution, from the cache or made now. */
export type Bootstrap = (ref: DistributionImage, context: ResolveContext) => Promise<LocalImage>;

export interface ImageResolverOptions {
  readonly store: Store;
  readonly bootstrap: Bootstrap;
  /** Has the proxies. */
  readonly env: NodeJS.ProcessEnv;
  /** Patience with servers. */
  readonly timing?: DownloadTiming;
}

/** The resolver that everything uses. */
export function createImageResolver(options: ImageResolverOptions): ImageResolver {
  const { store, bootstrap, env, timing = usualTiming } = options;
  const { layout } = store;
  return {
    async resolve(ref: ImageRef, context: ResolveContext): Promise<LocalImage> {
      switch (ref.kind) {
        case 'distribution':
          return bootstrap(ref, context);
        case 'store':
          return fromStore(store, ref);
        case 'url':
          return fetchUrlImage({ layout, env, timing }, ref, context);
        case 'file':
          if (ref.checksum?.kind === 'from') {
            const image = { kind: 'url', urls: [ref.path], checksum: ref.checksum } as const;
            return fetchUrlImage({ layout, env, timing }, image, context);
          }
          return useFile(
            layout,
            { path: ref.path, checksum: ref.checksum ?? unchecked, unpack: true },
            context,
          );
        case 'box':
          return resolveBoxImage({ store, env, timing }, ref, context);
        case 'empty':
          throw new KilnError('internal', 'a blank disk is made, not found');
      }
    },
  };
}

const unchecked: Extract<Checksum, { kind: 'none' }> = { kind: 'none' };

async function fromStore(store: Store, { reference }: StoreImage): Promise<LocalImage> {
  const record = await store.getImage(reference);
  const path = store.diskPath(record);
  if (!(await exists(path))) {
    throw new KilnError('store-corrupt', `the disk ${path} of the image ${reference} is missing`, {
      hint: `remove the image with \`kiln image remove ${reference}\` and make it again`,
    });
  }
  return storedImage(store, record);
}
