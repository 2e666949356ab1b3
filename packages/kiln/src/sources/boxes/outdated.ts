import { KilnError } from '../../base/errors.ts';
import { compareGemVersions, parseGemVersion } from '../../base/gem-version.ts';
import type { BoxDownload } from '../../plan/image-ref.ts';
import { findBox, type StoredBox } from '../../store/boxes/stored-boxes.ts';
import { serverFor } from './box-server.ts';
import type { BoxServices } from './box-services.ts';
import type { Catalogue } from './catalogue.ts';
import { newestFor } from './choose-from-catalogue.ts';
import { catalogueAt, parsePlace } from './read-catalogue.ts';

/** Whether there is a newer version of a box. */
export type BoxState =
  | { readonly kind: 'current' }
  /** There is a newer one in the catalogue, or here already. */
  | { readonly kind: 'outdated'; readonly latest: string; readonly isHere: boolean }
  /** It came without a catalogue. */
  | { readonly kind: 'no-catalogue' }
  | { readonly kind: 'unknown'; readonly problem: KilnError };

export interface BoxStateOptions {
  /** Only versions that these constraints allow. */
  readonly version?: string;
  readonly server?: string;
  readonly download: BoxDownload;
}

/** Asks the catalogue that a box came from. Trouble with it is told, not thrown. @throws KilnError `cancelled` */
export async function stateOfBox(
  services: BoxServices,
  box: StoredBox,
  options: BoxStateOptions,
): Promise<BoxState> {
  if (box.metadataUrl === undefined) return { kind: 'no-catalogue' };
  try {
    const catalogue = await catalogueOfBox(services, box, options);
    const constraint = [options.version, `> ${box.version}`].filter(Boolean).join(', ');
    const newer = newestFor(catalogue, box.provider, constraint, box.architecture);
    if (!newer) return { kind: 'current' };
    const wish = { name: box.name, providers: [box.provider], version: constraint };
    const here = await findBox(services.boxes, wish);
    const isHere =
      here !== undefined && compareGemVersions(parseGemVersion(here.version)!, newer.parsed) >= 0;
    return { kind: 'outdated', latest: newer.version, isHere };
  } catch (error) {
    if (!(error instanceof KilnError) || services.signal.aborted) throw error;
    return { kind: 'unknown', problem: error };
  }
}

/** @throws KilnError `download-failed`, `file-missing`, `not-found` when there is no catalogue at its address any more */
export async function catalogueOfBox(
  services: BoxServices,
  box: StoredBox,
  { server, download }: BoxStateOptions,
): Promise<Catalogue> {
  const place = parsePlace(box.metadataUrl ?? '');
  const catalogue = await catalogueAt(services, place, { server: serverFor(services, server), download });
  if (catalogue) return catalogue;
  throw new KilnError('not-found', `there is no catalogue at ${box.metadataUrl} any more`);
}
