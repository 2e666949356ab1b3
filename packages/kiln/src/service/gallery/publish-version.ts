import type { Kysely } from 'kysely';
import type { Versioning } from '../../dialects/azure/model/image-template.ts';
import { nextVersion } from '../../dialects/azure/model/next-version.ts';
import type { Tables } from '../database/tables.ts';
import { plainLocation } from '../regions/location.ts';
import { ServiceError } from '../service-error.ts';
import { checkName, idKey, nameRules, parseVersionId } from './arm-ids.ts';
import { notFound } from './arm-resource.ts';
import type { Body } from './body/read-body.ts';
import type { DefinitionRow } from './definitions.ts';
import type { GalleryServices } from './gallery-services.ts';
import { demandGeneration } from './generation.ts';
import type { PublishTarget } from './publish.ts';
import type { PublishRequest } from './publishing.ts';
import { regionBody, targetRegions } from './target-regions.ts';
import { insertVersion } from './version-rows.ts';

/**
 * A version in a gallery: with the number that the target names, or the next one. Numbers are given while the
 * definition's row is locked, so that two that publish at once never get the same.
 * @throws ServiceError 403, 404, 400
 */
export async function publishVersion(
  services: GalleryServices,
  request: PublishRequest,
): Promise<PublishTarget> {
  const { context } = services;
  const { target, identity } = request;
  const galleryImageId = String(target['galleryImageId']);
  const parsed = parseVersionId(galleryImageId);
  if (!parsed) {
    throw new ServiceError(
      400,
      'BadSharedImageDistribute',
      `galleryImageId must be the id of an image definition or version, not "${galleryImageId}"`,
    );
  }
  const definitionId = idKey(galleryImageId).replace(/\/(?:image)?versions\/[^/]+$/, '');
  await context.access.demand(identity, 'images/publish', definitionId);
  if (parsed.version !== undefined) checkName('version', parsed.version);
  const known = await findDefinition(context.database, definitionId, parsed.definition, false);
  const profile = profileOf(target, request.location, known);
  const location = String(profile['location']);
  const { location: _, ...publishingProfile } = profile;
  const regions = targetRegions(publishingProfile, location);
  return {
    locations: regions.map(({ region }) => region),
    write: async (transaction, { record, bytes, pin }) => {
      const definition = await findDefinition(transaction, definitionId, parsed.definition, true);
      demandGeneration(record, definition.properties['hyperVGeneration'], `the image "${definition.name}"`);
      const name =
        parsed.version ??
        (await nextNumber(
          transaction,
          definitionId,
          target['versioning'] as Versioning | undefined,
          request.sources,
        ));
      const id = `${definition.id}/versions/${name}`;
      const twin = await transaction
        .selectFrom('image_versions')
        .select('id')
        .where('id', '=', id)
        .executeTakeFirst();
      if (twin)
        throw new ServiceError(
          409,
          'Conflict',
          `the image "${definition.name}" has a version ${name} already`,
        );
      const row = await insertVersion(transaction, {
        definition,
        name,
        location,
        tags: request.tags,
        properties: {
          publishingProfile: { ...publishingProfile, targetRegions: regions.map(regionBody) },
          storageProfile: {},
        },
        regions,
        digest: record.id,
        virtualSize: record.virtualSize,
        bytes,
        pin,
        runId: request.runId,
        parents: request.sources,
        ready: true,
        caller: identity,
        now: context.now(),
      });
      return { artifactId: row.arm_id };
    },
  };
}

async function findDefinition(
  database: Kysely<Tables>,
  id: string,
  name: string,
  lock: boolean,
): Promise<DefinitionRow> {
  const query = database.selectFrom('image_definitions').selectAll().where('id', '=', id);
  const found = await (lock ? query.forUpdate() : query).executeTakeFirst();
  if (!found) throw notFound('image definition', name);
  return found;
}

/**
 * The publishing profile that a distributor of a template means. The version's home is the template's region where it is
 * a target, else the definition's, else the template's is added to the targets.
 */
function profileOf(target: Body, location: string, definition: DefinitionRow): Body {
  const storage = target['storageAccountType'];
  const older = (target['replicationRegions'] as readonly string[] | undefined) ?? [];
  const given: readonly Body[] =
    (target['targetRegions'] as readonly Body[] | undefined) ?? older.map((name) => ({ name }));
  const regions = given.map((one) => ({
    name: one['name'],
    regionalReplicaCount: one['replicaCount'] ?? 1,
    storageAccountType: one['storageAccountType'] ?? storage ?? 'Standard_LRS',
  }));
  const has = (place: string) =>
    regions.some(({ name }) => plainLocation(String(name)) === plainLocation(place));
  const home = has(location) || !has(definition.location) ? location : definition.location;
  const all = has(home)
    ? regions
    : [...regions, { name: home, regionalReplicaCount: 1, storageAccountType: storage ?? 'Standard_LRS' }];
  return {
    location: home,
    targetRegions: all,
    excludeFromLatest: target['excludeFromLatest'] === true,
    replicationMode: target['replicationMode'] ?? 'Full',
  };
}

/** Reads as few versions as the rule needs: a definition may have ten thousand. */
async function nextNumber(
  database: Kysely<Tables>,
  definition: string,
  versioning: Versioning | undefined,
  sources: readonly string[],
): Promise<string> {
  let query = database.selectFrom('image_versions').select('name').where('definition_id', '=', definition);
  const source = sourceVersion(sources);
  if (versioning?.scheme === 'Source' && source !== undefined) {
    const [major, minor] = source.split('.').map(Number);
    const series = await query.where('major', '=', major!).where('minor', '=', minor!).execute();
    return nextVersion(
      series.map(({ name }) => name),
      versioning,
      source,
    );
  }
  const major = versioning?.scheme === 'Latest' ? (versioning.major ?? -1) : -1;
  if (major >= 0) query = query.where('major', '=', major);
  const highest = await query
    .orderBy('major', 'desc')
    .orderBy('minor', 'desc')
    .orderBy('patch', 'desc')
    .limit(1)
    .execute();
  return nextVersion(
    highest.map(({ name }) => name),
    major >= 0 ? { scheme: 'Latest', major } : { scheme: 'Latest' },
  );
}

/** The version that one of the sources is, by itself or at the end of an id. */
function sourceVersion(sources: readonly string[]): string | undefined {
  return sources.map((one) => one.split('/').at(-1)!).find((one) => nameRules.version.pattern.test(one));
}
