/** Where a disk image, or an installer medium, comes from. The room `sources/` turns it into a local file. */
export type ImageRef = DistributionImage | FileImage | UrlImage | StoreImage | EmptyImage;

/** Bootstrapped from the distribution's own mirror, such as `debian/12`. */
export interface DistributionImage {
  readonly kind: 'distribution';
  readonly distribution: 'debian' | 'ubuntu';
  /** Version or code name as written: `12`, `bookworm`, `24.04`. */
  readonly release: string;
}

export interface FileImage {
  readonly kind: 'file';
  /** Absolute path. */
  readonly path: string;
  readonly checksum?: Checksum;
}

export interface UrlImage {
  readonly kind: 'url';
  /** Tried in order. */
  readonly urls: readonly string[];
  readonly checksum: Checksum;
  /** Where the user wants the downloaded file, instead of the cache. */
  readonly targetPath?: string;
}

/** An image of the store by name, `name:tag` or `sha256:…`. */
export interface StoreImage {
  readonly kind: 'store';
  readonly reference: string;
}

/** A blank disk: the system comes from an installer medium or from nowhere. */
export interface EmptyImage {
  readonly kind: 'empty';
}

/** What a file's bytes must hash to. `from` is a checksum file's URL or path; it is read when the image is fetched. */
export type Checksum =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'digest';
      readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512';
      readonly hex: string;
    }
  | { readonly kind: 'from'; readonly location: string };
