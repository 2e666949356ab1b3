import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { plainLocation } from '../regions/location.ts';
import { ServiceError } from '../service-error.ts';
import type { DefinitionRow } from './definitions.ts';
import type { VersionTable } from './gallery-tables.ts';

export type VersionRow = Selectable<VersionTable>;

const batch = 20;

/**
 * The version that `latest` means: the highest of Major, Minor and Patch as numbers that is not excluded, as a whole or
 * in the region, is not revoked, has a whole replica in the region, and that the definition's policy lets pass.
 * End of life does not exclude.
 * @param location undefined: in any region
 * @param fits what the policy says
 * @throws ServiceError 404
 */
export async function latestVersion(
  database: Kysely<Tables>,
  definition: DefinitionRow,
  location: string | undefined,
  fits: (version: VersionRow) => Promise<boolean>,
): Promise<VersionRow> {
  const region = location === undefined ? undefined : plainLocation(location);
  let passedOver = 0;
  for (let offset = 0; ; offset += batch) {
    let query = database
      .selectFrom('image_versions')
      .selectAll()
      .where('definition_id', '=', definition.id)
      .where('state', '=', 'Succeeded')
      .where('excluded', '=', false)
      .where('revoked_at', 'is', null);
    if (region !== undefined) {
      query = query.where((where) =>
        where.exists(
          where
            .selectFrom('version_replicas')
            .select('region')
            .whereRef('version_replicas.version_id', '=', 'image_versions.id')
            .where('version_replicas.region', '=', region)
            .where('version_replicas.state', '=', 'Completed')
            .where('version_replicas.excluded', '=', false),
        ),
      );
    }
    const found = await query
      .orderBy('major', 'desc')
      .orderBy('minor', 'desc')
      .orderBy('patch', 'desc')
      .limit(batch)
      .offset(offset)
      .execute();
    for (const version of found) {
      if (await fits(version)) return version;
      passedOver += 1;
    }
    if (found.length < batch) break;
  }
  if (region !== undefined && passedOver === 0 && (await hasElsewhere(database, definition.id))) {
    throw new ServiceError(
      404,
      'ImageNotFound',
      `no version of the image "${definition.name}" is available in the region ${location}; ` +
        'add the region to the targetRegions of a version, or ask for another region',
    );
  }
  const why = passedOver === 0 ? '' : `; the image's policy passes over ${passedOver} of them`;
  throw new ServiceError(404, 'ImageNotFound', `the image "${definition.name}" has no latest version${why}`);
}

/** Whether it is the region alone for which there is no version. */
async function hasElsewhere(database: Kysely<Tables>, definition: string): Promise<boolean> {
  const found = await database
    .selectFrom('image_versions')
    .innerJoin('version_replicas', 'version_replicas.version_id', 'image_versions.id')
    .select('image_versions.id')
    .where('definition_id', '=', definition)
    .where('image_versions.state', '=', 'Succeeded')
    .where('image_versions.excluded', '=', false)
    .where('revoked_at', 'is', null)
    .where('version_replicas.state', '=', 'Completed')
    .where('version_replicas.excluded', '=', false)
    .executeTakeFirst();
  return found !== undefined;
}
