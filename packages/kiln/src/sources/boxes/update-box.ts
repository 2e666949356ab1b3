import type { BoxDownload } from '../../plan/image-ref.ts';
import { compareVersions, listBoxes, type StoredBox } from '../../store/boxes/stored-boxes.ts';
import { addBox } from './add-box.ts';
import type { BoxServices } from './box-services.ts';
import { newestFor } from './choose-from-catalogue.ts';
import { catalogueOfBox } from './outdated.ts';

export interface UpdateBoxRequest {
  readonly name: string;
  readonly provider?: string;
  readonly architecture?: string;
  /** Only versions that these constraints allow. */
  readonly version?: string;
  readonly force?: boolean;
  readonly server?: string;
  readonly download: BoxDownload;
}

/** What became of an update. The old version stays. */
export type BoxUpdate =
  | { readonly kind: 'updated'; readonly from: StoredBox; readonly to: StoredBox }
  | { readonly kind: 'current'; readonly box: StoredBox }
  | { readonly kind: 'no-catalogue'; readonly box: StoredBox }
  | { readonly kind: 'no-box' }
  | { readonly kind: 'no-provider' | 'several-providers'; readonly choices: readonly string[] };

/**
 * Gets the newest version of a box that is here.
 * @throws KilnError as `addBox`
 */
export async function updateBox(services: BoxServices, request: UpdateBoxRequest): Promise<BoxUpdate> {
  const ofName = (await listBoxes(services.boxes)).filter(
    ({ name, architecture }) =>
      name === request.name && (request.architecture === undefined || architecture === request.architecture),
  );
  if (ofName.length === 0) return { kind: 'no-box' };
  const providers = [...new Set(ofName.map(({ provider }) => provider))].sort();
  const provider = request.provider ?? (providers.length === 1 ? providers[0]! : undefined);
  if (provider === undefined) return { kind: 'several-providers', choices: providers };
  const newest = ofName
    .filter((box) => box.provider === provider)
    .sort(compareVersions)
    .at(-1);
  if (!newest) return { kind: 'no-provider', choices: providers };
  return updateStored(services, newest, request);
}

/** As `updateBox`, of one that is known. */
export async function updateStored(
  services: BoxServices,
  box: StoredBox,
  request: Omit<UpdateBoxRequest, 'name' | 'provider'>,
): Promise<Extract<BoxUpdate, { kind: 'updated' | 'current' | 'no-catalogue' }>> {
  if (box.metadataUrl === undefined) return { kind: 'no-catalogue', box };
  const catalogue = await catalogueOfBox(services, box, request);
  const constraint = [request.version, `> ${box.version}`].filter(Boolean).join(', ');
  const newer = newestFor(catalogue, box.provider, constraint, box.architecture);
  if (!newer) return { kind: 'current', box };
  const to = await addBox(services, {
    sources: [box.metadataUrl],
    providers: [box.provider],
    version: `= ${newer.version}`,
    download: request.download,
    folder: process.cwd(),
    ...(box.architecture !== undefined && { architecture: box.architecture }),
    ...(request.force && { force: true }),
    ...(request.server !== undefined && { server: request.server }),
  });
  return { kind: 'updated', from: box, to };
}
