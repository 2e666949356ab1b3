import { KilnError } from '../../base/errors.ts';
import { compareStates } from '../../profile/diff/compare-states.ts';
import { stateOfInventory } from '../../profile/diff/state-of-inventory.ts';
import type { SystemState } from '../../profile/diff/system-state.ts';
import { openStoredImage } from '../../profile/inventory/image-system.ts';
import { readInventory } from '../../profile/inventory/read-inventory.ts';
import { demandUsable } from '../gallery/find-image.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';
import type { VersionRow } from '../gallery/latest.ts';
import type { RouteReply, RouteRequest } from '../http/route.ts';
import { ServiceError } from '../service-error.ts';
import { namedVersion } from './named-version.ts';

/**
 * What differs between two versions of an image: packages, users, services, settings and files, read from their disks
 * without mounting them. What matters to nobody, such as times of files, is left out unless `all` is asked for.
 * @throws ServiceError 400 without `to`, 404, 409 for a version that is revoked, damaged, or has no system in it
 */
export async function versionDiff(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { to } = request.query;
  if (to === undefined || to === '') {
    throw new ServiceError(400, 'InvalidParameter', 'say with ?to= which version to compare with', {
      target: 'to',
    });
  }
  const [before, after] = [await namedVersion(services, request), await namedVersion(services, request, to)];
  const [one, other] = [await stateOf(services, before, request), await stateOf(services, after, request)];
  const all = request.query['all'] === 'true';
  const side = ({ arm_id: id, digest }: VersionRow, { gaps }: SystemState) => ({ id, digest, gaps });
  return {
    status: 200,
    body: {
      before: side(before, one),
      after: side(after, other),
      differences: compareStates(one, other).filter(({ matters }) => all || matters),
    },
  };
}

async function stateOf(
  { bytes }: GalleryServices,
  version: VersionRow,
  { signal }: RouteRequest,
): Promise<SystemState> {
  demandUsable(version);
  const { store, record } = await bytes.whole(version.digest, version.location);
  try {
    const { system } = await openStoredImage(store, record, `version ${version.name}`);
    try {
      return stateOfInventory(await readInventory(system, signal));
    } finally {
      await system.close();
    }
  } catch (error) {
    if (!(error instanceof KilnError) || error.code === 'cancelled') throw error;
    // Where the bytes are is nobody's business.
    const reason = error.message.replaceAll(store.diskPath(record), 'its disk');
    throw new ServiceError(409, 'ImageNotReadable', `version ${version.name}: ${reason}`);
  }
}
