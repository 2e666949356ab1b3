import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import type { BoxDownload } from '../../plan/image-ref.ts';
import { withoutCredentials } from '../image-url.ts';
import { catalogueUrls, serverFor } from './box-server.ts';
import type { BoxServices } from './box-services.ts';
import type { Catalogue } from './catalogue.ts';
import { type BoxPlace, catalogueAt, parsePlace } from './read-catalogue.ts';

/** What an address leads to: a catalogue, or a box without one. */
export type LocatedBox =
  | {
      readonly kind: 'catalogue';
      readonly catalogue: Catalogue;
      /** Where it is, as it is written down for later. */
      readonly url: string;
      readonly place: BoxPlace;
    }
  | { readonly kind: 'file'; readonly place: BoxPlace };

export interface LocateOptions {
  readonly server?: string;
  readonly download: BoxDownload;
  /** What paths are relative to. */
  readonly folder: string;
}

/**
 * Finds what a person means by `user/box`, a URL, or a path.
 * @throws KilnError `not-found` for a name that no catalogue has, `download-failed`, `file-missing`, `unsupported`
 */
export async function locateBox(
  services: BoxServices,
  source: string,
  options: LocateOptions,
): Promise<LocatedBox> {
  const isAddress = /^[A-Za-z][A-Za-z0-9+.-]*:/.test(source);
  if (isAddress || (await isThere(resolve(options.folder, source))))
    return locateAt(services, source, options);
  if (/^[^/]+\/[^/]+$/.test(source) && !/^\.{1,2}\//.test(source))
    return locateName(services, source, options);
  throw new KilnError('not-found', `there is no box ${source}`, {
    hint: 'name a box as user/box, or the URL or path of a .box file or a catalogue',
  });
}

async function locateAt(
  services: BoxServices,
  source: string,
  { server, download, folder }: LocateOptions,
): Promise<LocatedBox> {
  const place = parsePlace(source, folder);
  const catalogue = await catalogueAt(services, place, { server: serverFor(services, server), download });
  if (!catalogue) return { kind: 'file', place };
  const url = place.kind === 'http' ? source : `file://${encodeURI(place.path)}`;
  return { kind: 'catalogue', catalogue, url, place };
}

async function locateName(
  services: BoxServices,
  name: string,
  { server, download, folder }: LocateOptions,
): Promise<LocatedBox> {
  const base = serverFor(services, server);
  const failures: KilnError[] = [];
  for (const url of catalogueUrls(base, name)) {
    const place = parsePlace(url, folder);
    try {
      const catalogue = await catalogueAt(services, place, { server: base, download });
      if (catalogue)
        return {
          kind: 'catalogue',
          catalogue,
          url: /^[a-z]+:/i.test(url) ? url : `file://${resolve(folder, url)}`,
          place,
        };
    } catch (error) {
      if (!(error instanceof KilnError) || !['download-failed', 'file-missing'].includes(error.code))
        throw error;
      failures.push(error);
    }
  }
  const [first, last] = [failures[0], failures.at(-1)];
  const isAbsent = failures.every(
    ({ code, message }) => code === 'file-missing' || /answers 404/.test(message),
  );
  if (isAbsent) {
    throw new KilnError('not-found', `${withoutCredentials(base)} has no box ${name}`, {
      hint: 'check the name; VAGRANT_SERVER_URL says which server is asked',
      cause: last,
    });
  }
  throw first ?? new KilnError('not-found', `${withoutCredentials(base)} has no catalogue of ${name}`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES')) return false;
    throw error;
  }
}
