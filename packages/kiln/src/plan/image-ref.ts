/** Where a disk image, or an installer medium, comes from. The room `sources/` turns it into a local file. */
export type ImageRef = DistributionImage | FileImage | UrlImage | StoreImage | BoxImage | EmptyImage;

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

/** A Vagrant box, by name in a catalogue, or by the path or URL of its file. */
export interface BoxImage {
  readonly kind: 'box';
  readonly name: string;
  /** RubyGems constraints, comma-separated, such as `~> 1.2, < 1.9`; undefined: the newest. */
  readonly version?: string;
  /** Providers whose boxes will do, the best first. */
  readonly providers: readonly string[];
  /** As boxes name it (`amd64`), `auto` for this host's; undefined: the catalogue's default. */
  readonly architecture?: string;
  /** Catalogues or files to get it from, in order; none: the server's catalogue of that name. */
  readonly urls: readonly string[];
  /** Base URL of the catalogues; undefined: as the environment says. */
  readonly server?: string;
  readonly checksum?: Checksum;
  /** Ask at `up` whether there is a newer version. */
  readonly checkForUpdates: boolean;
  readonly download: BoxDownload;
}

/** How to talk to where the box comes from. */
export interface BoxDownload {
  readonly insecure?: boolean;
  readonly caFile?: string;
  readonly caFolder?: string;
  readonly clientCertificate?: string;
  /** Send credentials on to where a redirection leads. */
  readonly trustLocation?: boolean;
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
      readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';
      readonly hex: string;
    }
  | { readonly kind: 'from'; readonly location: string };
