import type { RouteReply, RouteRequest } from '../http/route.ts';
import { plainLocation } from '../regions/location.ts';
import { ServiceError } from '../service-error.ts';
import { armId, idKey } from './arm-ids.ts';
import { keepFixed, notFound, param, propertiesOf, tagsOf } from './arm-resource.ts';
import type { Body } from './body/read-body.ts';
import type { GalleryServices } from './gallery-services.ts';
import type { VersionRow } from './latest.ts';
import { placeVersion } from './place-version.ts';
import { checkProfile, targetRegions } from './target-regions.ts';
import { demandSettled, endOfLife, replicaRow, replicasOf, versionReply } from './version-rows.ts';

/**
 * Changes what may be changed of a version: regions and replicas, excludeFromLatest, end of life, safety, tags. A region
 * that is new gets the bytes; those of one that is gone are released there.
 * @param replace for PUT: tags that are not given go
 */
export async function updateVersion(
  services: GalleryServices,
  request: RouteRequest,
  body: Body,
  replace: boolean,
): Promise<RouteReply> {
  const { context, begin, bytes } = services;
  const id = idKey(armId('version', request.params));
  const given = propertiesOf(body);
  const { row, gone } = await context.database.transaction().execute(async (transaction) => {
    const before = await transaction
      .selectFrom('image_versions')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!before) throw notFound('image version', param(request, 'version'));
    demandSettled(before);
    keepWhatIsFixed(before, body, given);
    const profile = changedProfile(before, given);
    checkProfile(profile);
    const old = await replicasOf(transaction, id);
    const regions =
      (given['publishingProfile'] as Body | undefined)?.['targetRegions'] === undefined
        ? old
        : targetRegions(profile, before.location);
    const safety = {
      ...(before.properties['safetyProfile'] as Body | undefined),
      ...(given['safetyProfile'] as Body | undefined),
    };
    const removed = old.filter(({ region }) => !regions.some((one) => one.region === region));
    if (removed.length > 0 && safety['allowDeletionOfReplicatedLocations'] === false) {
      throw new ServiceError(
        409,
        'OperationNotAllowed',
        `version ${before.name} does not allow the removal of regions (safetyProfile.allowDeletionOfReplicatedLocations): ${removed.map(({ name }) => name).join(', ')}`,
      );
    }
    for (const { region } of removed)
      await transaction
        .deleteFrom('version_replicas')
        .where('version_id', '=', id)
        .where('region', '=', region)
        .execute();
    for (const one of regions) {
      const { region, name, replicas, storage, excluded } = one;
      const isKept = old.some((replica) => replica.region === region && replica.state === 'Completed');
      const fresh = replicaRow(id, { region, name, replicas, storage, excluded }, isKept);
      const { version_id: _, region: __, ...columns } = fresh;
      await transaction
        .insertInto('version_replicas')
        .values(fresh)
        .onConflict((conflict) => conflict.columns(['version_id', 'region']).doUpdateSet(columns))
        .execute();
    }
    const properties = { ...before.properties, publishingProfile: profile, safetyProfile: safety };
    const row = await transaction
      .updateTable('image_versions')
      .set({
        properties: JSON.stringify(properties),
        ...((replace || body['tags'] !== undefined) && { tags: JSON.stringify(tagsOf(body)) }),
        excluded: profile['excludeFromLatest'] === true,
        end_of_life: endOfLife(profile),
        state: 'Updating',
        changed_at: context.now(),
        changed_by: request.caller.name,
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return { row, gone: removed.filter(({ state }) => state === 'Completed').map(({ region }) => region) };
  });
  const headers = await begin({
    request,
    location: row.location,
    resource: row.arm_id,
    work: {
      run: async () => {
        await placeVersion(services, row);
        const homes = new Set(
          (await replicasOf(context.database, id)).map(({ region }) => bytes.regions.homeOf(region)),
        );
        for (const region of gone) {
          const home = bytes.regions.homeOf(region);
          if (!homes.has(home)) await bytes.releaseIn(home, row.pin);
        }
      },
    },
  });
  return {
    status: 200,
    headers,
    body: versionReply(row, await replicasOf(context.database, id), { state: 'Updating' }),
  };
}

/** @throws ServiceError 409 PropertyChangeNotAllowed */
function keepWhatIsFixed(before: VersionRow, body: Body, given: Body): void {
  if (body['location'] !== undefined)
    keepFixed('location', plainLocation(before.location), plainLocation(String(body['location'])));
  const storage = (before.properties['storageProfile'] as Body | undefined) ?? {};
  const asked = (given['storageProfile'] as Body | undefined) ?? {};
  const idOf = (one: Body) => {
    const id = (one['source'] as Body | undefined)?.['id'];
    return typeof id === 'string' ? id.toLowerCase() : undefined;
  };
  keepFixed('properties.storageProfile.source.id', idOf(storage), idOf(asked));
  const luns = (one: Body) =>
    (one['dataDiskImages'] as readonly Body[] | undefined)
      ?.map(({ lun }) => Number(lun))
      .sort((a, b) => a - b);
  keepFixed('properties.storageProfile.dataDiskImages', luns(storage) ?? [], luns(asked));
  const profile = (before.properties['publishingProfile'] as Body | undefined) ?? {};
  const wanted = (given['publishingProfile'] as Body | undefined) ?? {};
  keepFixed(
    'properties.publishingProfile.storageAccountType',
    profile['storageAccountType'] ?? 'Standard_LRS',
    wanted['storageAccountType'],
  );
  keepFixed(
    'properties.publishingProfile.replicationMode',
    profile['replicationMode'] ?? 'Full',
    wanted['replicationMode'],
  );
}

function changedProfile(before: VersionRow, given: Body): Body {
  return {
    ...(before.properties['publishingProfile'] as Body | undefined),
    ...(given['publishingProfile'] as Body | undefined),
  };
}
