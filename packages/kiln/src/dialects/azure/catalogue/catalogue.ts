import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { KilnError } from '../../../base/errors.ts';
import { fromFolder } from '../../../base/yaml/notations.ts';
import { Places } from '../../../base/yaml/places.ts';
import type { Problems } from '../../../base/yaml/problems.ts';
import { readShape } from '../../../base/yaml/read-shape.ts';
import { parseYaml } from '../../../base/yaml/yaml-document.ts';
import { parseChecksum } from '../../../plan/checksum.ts';
import type { Checksum, ImageRef } from '../../../plan/image-ref.ts';
import { findRelease } from '../../../sources/bootstrap/release.ts';
import { parseImageReference } from '../../../store/image-reference.ts';
import type { PlatformImageSource } from '../model/image-template.ts';
import { catalogueFile } from './catalogue-shape.ts';
import shipped from './images.json' with { type: 'json' };

/** How a build logs in to a machine of an image. */
export type ImageLogin =
  /** By the seed that images of Kiln read. */
  | { readonly kind: 'kiln' }
  /** By a CD from which cloud-init makes a user. */
  | { readonly kind: 'cloud-init' }
  /** By both: an image of the store may have been made of either kind. */
  | { readonly kind: 'kiln-or-cloud-init' }
  | {
      readonly kind: 'ssh';
      readonly user: string;
      readonly password?: string;
      readonly key?: string;
      readonly port?: number;
    };

/** What Kiln takes for an image of the marketplace. */
export interface CatalogueImage {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
  readonly version: string;
  readonly system: 'linux' | 'windows';
  /** Undefined: Kiln cannot get it. */
  readonly image?: ImageRef;
  readonly login: ImageLogin;
  /** What a person has to do to have it. */
  readonly needs?: string;
}

/** The first that fits counts. */
export type Catalogue = readonly CatalogueImage[];

/** The catalogue that comes with Kiln. */
export function shippedCatalogue(): Catalogue {
  return shipped.images.map((entry) =>
    toImage({ ...entry }, '/', (message) => {
      throw new KilnError('internal', message);
    }),
  );
}

/** Reads a catalogue of the user's own. What is wrong is among the problems. */
export function readCatalogue(file: string, text: string, problems: Problems): Catalogue {
  const kind = {
    name: 'the catalogue of images',
    whenEmpty: 'begin with "images:"',
    whenBinary: 'a catalogue is YAML or JSON',
  };
  const yaml = parseYaml(file, text, kind, problems);
  if (!yaml) return [];
  const places = new Places();
  const scope = { values: new Map(), unset: new Set<string>(), fixed: true };
  const read = readShape(yaml.root, catalogueFile, file, { yaml, scope, problems, places });
  return (read?.images ?? []).map((entry) =>
    toImage(entry, dirname(resolve(file)), (message, hint, field) =>
      problems.error(places.of(entry, field), message, hint),
    ),
  );
}

interface Entry {
  readonly publisher: string;
  readonly offer: string;
  readonly sku?: string;
  readonly version?: string;
  readonly from?: string;
  readonly checksum?: string;
  readonly login?:
    | 'cloud-init'
    | 'kiln'
    | { readonly user: string; readonly password?: string; readonly key?: string; readonly port?: number };
  readonly system?: string;
  readonly needs?: string;
}

type Report = (message: string, hint?: string, field?: string) => void;

function toImage(entry: Entry, folder: string, report: Report): CatalogueImage {
  const { publisher, offer, sku = '*', version = '*', from, checksum, login, system, needs } = entry;
  if (from === undefined && needs === undefined) {
    report('an image needs "from", or "needs" with what to do to have it');
  }
  const image = from === undefined ? undefined : readImage(from, checksum, folder, report);
  return {
    publisher,
    offer,
    sku,
    version,
    system: system === 'windows' ? 'windows' : 'linux',
    ...(image && { image }),
    login: loginOf(login, image, folder),
    ...(needs !== undefined && { needs }),
  };
}

function loginOf(login: Entry['login'], image: ImageRef | undefined, folder: string): ImageLogin {
  if (login === undefined) return usualLogin(image);
  if (typeof login === 'string') return { kind: login };
  const { key, ...rest } = login;
  return { kind: 'ssh', ...rest, ...(key !== undefined && { key: pathOf(key, folder) }) };
}

/** Images that came from elsewhere are taken for cloud images; those of Kiln take its seed. */
export function usualLogin(image: ImageRef | undefined): ImageLogin {
  if (image?.kind === 'store') return { kind: 'kiln-or-cloud-init' };
  return image?.kind === 'file' || image?.kind === 'url' ? { kind: 'cloud-init' } : { kind: 'kiln' };
}

function readImage(
  from: string,
  checksum: string | undefined,
  folder: string,
  report: Report,
): ImageRef | undefined {
  try {
    const sum = checksum === undefined ? undefined : readChecksum(checksum, folder);
    if (/^https?:\/\//i.test(from)) {
      if (sum && URL.canParse(from)) return { kind: 'url', urls: [from], checksum: sum };
      report(
        URL.canParse(from) ? 'an image from a URL needs a checksum' : `"${from}" is not a URL`,
        'add "checksum: sha256:…" beside it',
        'from',
      );
      return undefined;
    }
    return readLocalImage(from, folder, sum);
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    report(error.message, error.hint, 'from');
    return undefined;
  }
}

/**
 * A release such as `debian/12`, the path of a disk, or the name of an image in the store.
 * @throws KilnError `not-found`, `bad-usage`
 */
export function readLocalImage(from: string, folder: string, checksum?: Checksum): ImageRef {
  const [, distribution, release] = /^(debian|ubuntu)\/([\w.]+)$/.exec(from) ?? [];
  if ((distribution === 'debian' || distribution === 'ubuntu') && release !== undefined) {
    findRelease(distribution, release);
    return { kind: 'distribution', distribution, release };
  }
  if (/^(?:\.{0,2}\/|~\/)/.test(from) || /\.(?:qcow2|img|raw|vmdk|vhdx?|vdi)$/i.test(from)) {
    return { kind: 'file', path: pathOf(from, folder), ...(checksum && { checksum }) };
  }
  parseImageReference(from);
  return { kind: 'store', reference: from };
}

function readChecksum(text: string, folder: string): Checksum {
  const checksum = parseChecksum(text);
  if (checksum.kind !== 'from' || /^https?:\/\//i.test(checksum.location)) return checksum;
  return { kind: 'from', location: fromFolder(folder, checksum.location) };
}

function pathOf(path: string, folder: string): string {
  return path.startsWith('~/') ? resolve(homedir(), path.slice(2)) : fromFolder(folder, path);
}

/** What a source of the marketplace means; undefined when the catalogue has nothing like it. */
export function findImage(
  { publisher = '', offer = '', sku = '', version = 'latest' }: PlatformImageSource,
  catalogue: Catalogue,
): CatalogueImage | undefined {
  return catalogue.find(
    (one) =>
      matches(one.publisher, publisher) &&
      matches(one.offer, offer) &&
      matches(one.sku, sku) &&
      matches(one.version, version),
  );
}

function matches(pattern: string, word: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(word);
}
