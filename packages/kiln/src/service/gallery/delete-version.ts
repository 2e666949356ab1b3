import type { RouteReply, RouteRequest } from '../http/route.ts';
import { ServiceError } from '../service-error.ts';
import { armId, idKey } from './arm-ids.ts';
import type { Body } from './body/read-body.ts';
import type { GalleryServices } from './gallery-services.ts';
import type { VersionRow } from './latest.ts';
import { demandSettled } from './version-rows.ts';

/** Deletes a version; what it was made from and what was made from it stays known by its id. */
export async function deleteVersion(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context, begin } = services;
  const id = idKey(armId('version', request.params));
  const row = await context.database.transaction().execute(async (transaction) => {
    const found = await transaction
      .selectFrom('image_versions')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!found) return undefined;
    demandSettled(found);
    demandNotBlocked(found, context.now());
    const channel = await transaction
      .selectFrom('channels')
      .select('name')
      .where('version_id', '=', id)
      .executeTakeFirst();
    if (channel) {
      throw new ServiceError(
        409,
        'OperationNotAllowed',
        `version ${found.name} is in the channel "${channel.name}"; promote another version there first`,
      );
    }
    return transaction
      .updateTable('image_versions')
      .set({ state: 'Deleting', changed_at: context.now() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  if (!row) return { status: 204 };
  const headers = await begin({
    request,
    location: row.location,
    resource: row.arm_id,
    work: { ends: true, run: () => removeVersion(services, row) },
  });
  return { status: 202, headers };
}

/** The bytes are released first: whoever dies in between leaves a version that is still being deleted. */
export async function removeVersion({ context, bytes }: GalleryServices, row: VersionRow): Promise<void> {
  await bytes.release(row.pin);
  await context.database.deleteFrom('image_versions').where('id', '=', row.id).execute();
}

function demandNotBlocked(version: VersionRow, now: Date): void {
  const safety = (version.properties['safetyProfile'] as Body | undefined) ?? {};
  if (safety['blockDeletionBeforeEndOfLife'] !== true) return;
  if (version.end_of_life !== null && version.end_of_life <= now) return;
  throw new ServiceError(
    409,
    'DeleteGalleryImageVersionBlockedBeforeEndOfLife',
    version.end_of_life === null
      ? `version ${version.name} must not be deleted before its end of life, and has none; set safetyProfile.blockDeletionBeforeEndOfLife to false`
      : `version ${version.name} must not be deleted before its end of life, ${version.end_of_life.toISOString()}`,
  );
}
