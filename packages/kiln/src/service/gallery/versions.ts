import type { Route, RouteReply, RouteRequest } from '../http/route.ts';
import { newPin } from '../regions/image-bytes.ts';
import { plainLocation } from '../regions/location.ts';
import { ServiceError } from '../service-error.ts';
import { armId, checkName, idKey, paths } from './arm-ids.ts';
import { keepFixed, notFound, param, parentNotFound, propertiesOf, tagsOf } from './arm-resource.ts';
import { versionBody } from './body/gallery-bodies.ts';
import { type Body, readBody } from './body/read-body.ts';
import { deleteVersion } from './delete-version.ts';
import { findImage, findVersionFor } from './find-image.ts';
import { computeVersions, type GalleryServices } from './gallery-services.ts';
import type { VersionRow } from './latest.ts';
import { pageReply, pageStart, readPage } from './pages.ts';
import { placeVersion } from './place-version.ts';
import { checkProfile, targetRegions } from './target-regions.ts';
import { updateVersion } from './update-version.ts';
import { insertVersion, replicasOf, versionReply } from './version-rows.ts';

/** Routes of `Microsoft.Compute/galleries/images/versions`. */
export function versionRoutes(services: GalleryServices): readonly Route[] {
  const apiVersions = computeVersions;
  return [
    {
      method: 'GET',
      path: `${paths.definition}/versions`,
      action: 'images/read',
      scope: (params) => armId('definition', params),
      apiVersions,
      summary: 'Lists the versions of an image',
      handle: (request) => listVersions(services, request),
    },
    {
      method: 'PUT',
      path: paths.version,
      action: 'images/publish',
      apiVersions,
      summary: 'Creates or updates an image version',
      handle: (request) => putVersion(services, request),
    },
    {
      method: 'PATCH',
      path: paths.version,
      action: 'images/publish',
      apiVersions,
      summary: 'Updates an image version',
      handle: async (request) => {
        const body = readBody(request.body ?? {}, versionBody, { partial: true });
        return updateVersion(services, request, body, false);
      },
    },
    {
      method: 'GET',
      path: paths.version,
      action: 'images/read',
      apiVersions,
      summary: 'Gets an image version; "latest" is resolved',
      handle: (request) => getVersion(services, request),
    },
    {
      method: 'DELETE',
      path: paths.version,
      action: 'images/delete',
      apiVersions,
      summary: 'Deletes an image version',
      handle: (request) => deleteVersion(services, request),
    },
  ];
}

async function listVersions({ context }: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const definition = armId('definition', request.params);
  const parent = await context.database
    .selectFrom('image_definitions')
    .select('id')
    .where('id', '=', idKey(definition))
    .executeTakeFirst();
  if (!parent) throw parentNotFound('image definition', param(request, 'definition'));
  const { rows, next } = await readPage(
    pageStart(request),
    (after, count) => {
      const [major = -1, minor = 0, patch = 0] = (after?.split('/').at(-1) ?? '-1').split('.').map(Number);
      return context.database
        .selectFrom('image_versions')
        .selectAll()
        .where('definition_id', '=', parent.id)
        .where((where) =>
          where(where.refTuple('major', 'minor', 'patch'), '>', where.tuple(major, minor, patch)),
        )
        .orderBy('major')
        .orderBy('minor')
        .orderBy('patch')
        .limit(count)
        .execute();
    },
    async () => true,
  );
  const ids = rows.map(({ id }) => id);
  const replicas =
    ids.length === 0
      ? []
      : await context.database
          .selectFrom('version_replicas')
          .selectAll()
          .where('version_id', 'in', ids)
          .orderBy('region')
          .execute();
  const byVersion = Map.groupBy(replicas, ({ version_id }) => version_id);
  return pageReply(
    request,
    `${definition}/versions`,
    rows.map((row) => versionReply(row, byVersion.get(row.id) ?? [])),
    next,
  );
}

async function getVersion(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context } = services;
  const id = armId('version', request.params);
  const asked = param(request, 'version');
  const row =
    asked.toLowerCase() === 'latest'
      ? (await findVersionFor(services, request.caller, id, undefined)).version
      : await findVersion(services, id);
  if (!row) throw notFound('image version', `${param(request, 'definition')}/${asked}`);
  const expand = request.query['$expand'] ?? '';
  return { status: 200, body: versionReply(row, await replicasOf(context.database, row.id), { expand }) };
}

export function findVersion({ context }: GalleryServices, id: string): Promise<VersionRow | undefined> {
  return context.database
    .selectFrom('image_versions')
    .selectAll()
    .where('id', '=', idKey(id))
    .executeTakeFirst();
}

async function putVersion(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const name = param(request, 'version');
  checkName('version', name);
  const body = readBody(request.body, versionBody);
  if (await findVersion(services, armId('version', request.params)))
    return updateVersion(services, request, body, true);
  return createVersion(services, request, name, body);
}

async function createVersion(
  services: GalleryServices,
  request: RouteRequest,
  name: string,
  body: Body,
): Promise<RouteReply> {
  const { context, begin } = services;
  const properties = propertiesOf(body);
  const profile = (properties['publishingProfile'] as Body | undefined) ?? {};
  const location = String(body['location']);
  checkProfile(profile);
  const regions = targetRegions(profile, location);
  const definitionId = idKey(armId('definition', request.params));
  const known = await context.database
    .selectFrom('image_definitions')
    .selectAll()
    .where('id', '=', definitionId)
    .executeTakeFirst();
  if (!known) throw parentNotFound('image definition', param(request, 'definition'));
  const source = await findImage(services, request.caller, sourceOf(properties));
  keepSame('osType', source.osType, known.properties['osType']);
  keepSame('hyperVGeneration', source.generation, known.properties['hyperVGeneration']);
  const now = context.now();
  const row = await context.database.transaction().execute(async (transaction) => {
    const definition = await transaction
      .selectFrom('image_definitions')
      .selectAll()
      .where('id', '=', definitionId)
      .forUpdate()
      .executeTakeFirst();
    if (!definition) throw parentNotFound('image definition', known.name);
    const twin = await transaction
      .selectFrom('image_versions')
      .select('id')
      .where('id', '=', `${definition.id}/versions/${name}`)
      .executeTakeFirst();
    if (twin) throw new ServiceError(409, 'Conflict', `version ${name} is being created by another request`);
    return insertVersion(transaction, {
      ...{ definition, name, location, properties, regions, now },
      tags: tagsOf(body),
      digest: source.digest,
      virtualSize: 0,
      bytes: 0,
      pin: newPin(),
      parents: [source.id],
      ready: false,
      caller: request.caller,
    });
  });
  const headers = await begin({
    request,
    location,
    resource: row.arm_id,
    work: { run: () => placeVersion(services, row) },
  });
  const replicas = await replicasOf(context.database, row.id);
  return { status: 201, headers, body: versionReply(row, replicas, { state: 'Creating' }) };
}

/** @throws ServiceError 400 for a source that Kiln has none of, or none at all */
function sourceOf(properties: Body): string {
  const storage = (properties['storageProfile'] as Body | undefined) ?? {};
  const source = (storage['source'] as Body | undefined) ?? {};
  const disk = (storage['osDiskImage'] as Body | undefined)?.['source'] as Body | undefined;
  const given = [source['id'], disk?.['id'], disk?.['uri']].filter((one) => typeof one === 'string');
  const target = 'properties.storageProfile.source';
  if (given.length > 1) {
    throw new ServiceError(400, 'InvalidParameter', 'storageProfile names more than one source', { target });
  }
  const [id] = given;
  if (id !== undefined) return id;
  const foreign = Object.keys(source)[0];
  const message =
    foreign === undefined
      ? "the required parameter 'properties.storageProfile.source.id' is missing"
      : `a version cannot be made from "${foreign}" here; name an image, a version or an upload as source.id`;
  throw new ServiceError(400, 'InvalidParameter', message, { target });
}

function keepSame(what: string, ofSource: string | undefined, ofDefinition: unknown): void {
  if (ofSource === undefined || ofDefinition === undefined || ofSource === ofDefinition) return;
  throw new ServiceError(
    409,
    'Conflict',
    `the source's ${what} is ${ofSource}, and the image definition's is ${String(ofDefinition)}; they must be the same`,
    { target: 'properties.storageProfile.source' },
  );
}

/** A location that must stay. */
export function keepLocation(before: string, given: unknown): void {
  if (given !== undefined) keepFixed('location', plainLocation(before), plainLocation(String(given)));
}
