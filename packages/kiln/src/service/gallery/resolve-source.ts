import { join } from 'node:path';
import { readTextIfExists } from '../../base/files.ts';
import { Problems } from '../../base/yaml/problems.ts';
import {
  type Catalogue,
  findImage as findInCatalogue,
  readCatalogue,
  shippedCatalogue,
} from '../../dialects/azure/catalogue/catalogue.ts';
import type { PlatformImageSource } from '../../dialects/azure/model/image-template.ts';
import type { ImageRef } from '../../plan/image-ref.ts';
import type { Caller } from '../access/caller.ts';
import { localRegion } from '../regions/regions.ts';
import { ServiceError } from '../service-error.ts';
import type { Body } from './body/read-body.ts';
import { findImage } from './find-image.ts';
import type { GalleryServices } from './gallery-services.ts';
import type { ResolvedSource } from './publishing.ts';

/** What a template's `source` is for an identity, now. @throws ServiceError 400, 403, 404, 409 */
export async function resolveSource(
  services: GalleryServices,
  source: Body,
  identity: Caller,
  location?: string,
): Promise<ResolvedSource> {
  switch (source['type']) {
    case 'PlatformImage':
      return platformImage(
        source as unknown as PlatformImageSource,
        await catalogueOf(services.context.home),
      );
    case 'ManagedImage':
      return stored(services, String(source['imageId']), identity, location);
    case 'SharedImageVersion':
      return stored(services, String(source['imageVersionId']), identity, location);
    default:
      throw new ServiceError(
        400,
        'BadSourceType',
        `a source cannot have the type "${String(source['type'])}"`,
      );
  }
}

async function stored(
  services: GalleryServices,
  id: string,
  identity: Caller,
  location: string | undefined,
): Promise<ResolvedSource> {
  const found = await findImage(services, identity, id, location);
  const { store } = await services.bytes.whole(found.digest, location ?? localRegion);
  return {
    image: `sha256:${found.digest}`,
    exactVersion: found.id,
    digest: found.digest,
    home: store.home,
  };
}

function platformImage(source: PlatformImageSource, catalogue: Catalogue): ResolvedSource {
  const { publisher = '?', offer = '?', sku = '?', version = 'latest' } = source;
  const found = findInCatalogue(source, catalogue);
  if (!found?.image) {
    throw new ServiceError(
      404,
      'BadPIRSource',
      `this service has no image ${publisher}:${offer}:${sku}:${version}; ${found?.needs ?? 'add it to azure-images.yaml in the folder of its store'}`,
    );
  }
  const image = nameOf(found.image);
  return { image, exactVersion: version.toLowerCase() === 'latest' ? image : version };
}

function nameOf(image: ImageRef): string {
  switch (image.kind) {
    case 'distribution':
      return `${image.distribution}/${image.release}`;
    case 'store':
      return image.reference;
    case 'file':
      return image.path;
    case 'url':
      return image.urls[0] ?? '';
    default:
      return image.kind;
  }
}

/** Entries of the store's own catalogue come first. */
async function catalogueOf(home: string): Promise<Catalogue> {
  const file = join(home, 'azure-images.yaml');
  const text = await readTextIfExists(file);
  if (text === undefined) return shippedCatalogue();
  const own = readCatalogue(file, text, new Problems());
  return [...own, ...shippedCatalogue()];
}
