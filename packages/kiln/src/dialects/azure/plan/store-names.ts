import { partOfId } from '../model/arm-id.ts';

/** How an image of Azure is called in Kiln's store: `gallery/definition`. */
export function galleryImageName(armId: string): string {
  const gallery =
    partOfId(armId, 'galleries') ??
    partOfId(armId, 'sharedGalleries') ??
    partOfId(armId, 'communityGalleries') ??
    '';
  return `${storeWord(gallery)}/${storeWord(partOfId(armId, 'images') ?? '')}`;
}

/** A managed image is called by its name alone. */
export function managedImageName(armId: string): string {
  return storeWord(partOfId(armId, 'images') ?? '');
}

/** A name as the store takes it: lower-case letters and digits, with single dots, dashes and underscores between. */
function storeWord(name: string): string {
  const word = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/([._-])[._-]+/g, '$1')
    .replace(/^[._-]+|[._-]+$/g, '');
  return word === '' ? 'image' : word;
}
