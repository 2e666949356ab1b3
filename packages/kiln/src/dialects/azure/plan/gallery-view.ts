import { versionNumber } from '../model/arm-id.ts';
import { compareVersions } from '../model/next-version.ts';

/** A name of the store, and the image that it means. */
export interface StoredName {
  readonly name: string;
  readonly tag: string;
  readonly id: string;
}

/** What is in galleries: in Kiln's store, the tags of an image's name are its versions. */
export interface GalleryView {
  /** Numbers of the versions that there are. */
  readonly versions: (name: string) => readonly string[];
  /** The version that `latest` means; undefined when there is none. */
  readonly latest: (name: string) => string | undefined;
  readonly has: (name: string, tag: string) => boolean;
}

/**
 * The store as galleries. `latest` is a tag, which versions that are excluded from it never get: the version that is
 * the same image counts.
 */
export function galleryView(names: readonly StoredName[]): GalleryView {
  const of = (name: string) => names.filter((one) => one.name === name);
  const numbered = (entries: readonly StoredName[]) =>
    entries
      .map(({ tag }) => tag)
      .filter((tag) => versionNumber.test(tag))
      .sort(compareVersions);
  return {
    versions: (name) => numbered(of(name)),
    latest: (name) => {
      const entries = of(name);
      const latest = entries.find(({ tag }) => tag === 'latest');
      return latest && numbered(entries.filter(({ id }) => id === latest.id)).at(-1);
    },
    has: (name, tag) => of(name).some((one) => one.tag === tag),
  };
}
