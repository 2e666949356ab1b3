import type { Selectable } from 'kysely';
import type { Route, RouteReply, RouteRequest } from '../http/route.ts';
import { plainLocation } from '../regions/location.ts';
import { ServiceError } from '../service-error.ts';
import { armId, checkName, idKey, paths } from './arm-ids.ts';
import {
  keepFixed,
  newArmColumns,
  notFound,
  param,
  parentNotFound,
  propertiesOf,
  resourceBody,
  tagsOf,
} from './arm-resource.ts';
import { definitionBody } from './body/gallery-bodies.ts';
import { type Body, readBody } from './body/read-body.ts';
import { hasChildren } from './galleries.ts';
import { computeVersions, type GalleryServices } from './gallery-services.ts';
import type { DefinitionTable } from './gallery-tables.ts';
import { pageReply, pageStart, readPage } from './pages.ts';

export type DefinitionRow = Selectable<DefinitionTable>;

/** From here on new definitions are of the second generation, and machines of them may be trusted ones. */
const secondGenerationSince = '2025-03-03';

/** Routes of `Microsoft.Compute/galleries/images`. */
export function definitionRoutes(services: GalleryServices): readonly Route[] {
  const apiVersions = computeVersions;
  return [
    {
      method: 'GET',
      path: `${paths.gallery}/images`,
      action: 'signed-in',
      apiVersions,
      summary: 'Lists the image definitions of a gallery',
      handle: (request) => listDefinitions(services, request),
    },
    {
      method: 'PUT',
      path: paths.definition,
      action: 'images/write',
      apiVersions,
      summary: 'Creates or updates an image definition',
      handle: (request) => putDefinition(services, request),
    },
    {
      method: 'PATCH',
      path: paths.definition,
      action: 'images/write',
      apiVersions,
      summary: 'Updates an image definition',
      handle: (request) => patchDefinition(services, request),
    },
    {
      method: 'GET',
      path: paths.definition,
      action: 'images/read',
      apiVersions,
      summary: 'Gets an image definition',
      handle: async (request) => ({
        status: 200,
        body: definitionReply(await findDefinition(services, request.params)),
      }),
    },
    {
      method: 'DELETE',
      path: paths.definition,
      action: 'images/delete',
      apiVersions,
      summary: 'Deletes an image definition that has no versions',
      handle: (request) => deleteDefinition(services, request),
    },
  ];
}

/** @throws ServiceError 404 */
export async function findDefinition(
  { context }: Pick<GalleryServices, 'context'>,
  params: Readonly<Record<string, string>>,
): Promise<DefinitionRow> {
  const found = await context.database
    .selectFrom('image_definitions')
    .selectAll()
    .where('id', '=', idKey(armId('definition', params)))
    .executeTakeFirst();
  if (!found) throw notFound('image definition', params['definition'] ?? '');
  return found;
}

async function listDefinitions({ context }: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const gallery = armId('gallery', request.params);
  const { caller } = request;
  const all = await context.access.may(caller, 'images/read', gallery);
  const parent = await context.database
    .selectFrom('galleries')
    .select('id')
    .where('id', '=', idKey(gallery))
    .executeTakeFirst();
  // Whoever may read nothing here does not learn whether there is such a gallery.
  if (!parent && all) throw parentNotFound('gallery', param(request, 'gallery'));
  const { rows, next } = await readPage(
    pageStart(request),
    (after, count) => {
      let query = context.database
        .selectFrom('image_definitions')
        .selectAll()
        .where('gallery_id', '=', idKey(gallery));
      if (after !== undefined) query = query.where('id', '>', after);
      return query.orderBy('id').limit(count).execute();
    },
    async (row) => all || context.access.may(caller, 'images/read', row.arm_id),
  );
  return pageReply(
    request,
    `${gallery}/images`,
    rows.map((row) => definitionReply(row)),
    next,
  );
}

async function putDefinition(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context } = services;
  const name = param(request, 'definition');
  checkName('definition', name);
  const body = readBody(request.body, definitionBody);
  const given = propertiesOf(body);
  if (body['properties'] === undefined)
    throw new ServiceError(400, 'InvalidParameter', "the required parameter 'properties' is missing");
  const id = armId('definition', request.params);
  const galleryId = idKey(armId('gallery', request.params));
  const location = String(body['location']);
  const now = context.now();
  const row = await context.database.transaction().execute(async (transaction) => {
    const gallery = await transaction
      .selectFrom('galleries')
      .select(['id'])
      .where('id', '=', galleryId)
      .forUpdate()
      .executeTakeFirst();
    if (!gallery) throw parentNotFound('gallery', param(request, 'gallery'));
    const before = await transaction
      .selectFrom('image_definitions')
      .selectAll()
      .where('id', '=', idKey(id))
      .executeTakeFirst();
    if (before) {
      keepFixed('location', plainLocation(before.location), plainLocation(location));
      return transaction
        .updateTable('image_definitions')
        .set({
          tags: JSON.stringify(tagsOf(body)),
          properties: JSON.stringify(changedProperties(before.properties, given, true)),
          changed_at: now,
          changed_by: request.caller.name,
        })
        .where('id', '=', before.id)
        .returningAll()
        .executeTakeFirstOrThrow();
    }
    const properties = withDefaults(given, request.query['api-version'] ?? '');
    const triplet = tripletOf(properties);
    const twin = await transaction
      .selectFrom('image_definitions')
      .select('name')
      .where('gallery_id', '=', galleryId)
      .where('triplet', '=', triplet)
      .executeTakeFirst();
    if (twin) {
      throw new ServiceError(
        409,
        'Conflict',
        `the image definition "${twin.name}" of this gallery has the same publisher, offer and sku`,
        { target: 'properties.identifier' },
      );
    }
    return transaction
      .insertInto('image_definitions')
      .values({
        ...newArmColumns({ id, name, location, tags: tagsOf(body), properties }, request.caller, now),
        gallery_id: galleryId,
        triplet,
        policy: '{}',
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  return changed(services, request, row, row.created_at.getTime() === now.getTime());
}

async function changed(
  { begin }: GalleryServices,
  request: RouteRequest,
  row: DefinitionRow,
  isNew: boolean,
): Promise<RouteReply> {
  const headers = await begin({
    request,
    location: row.location,
    resource: row.arm_id,
  });
  const body = definitionReply(row, isNew ? 'Creating' : 'Updating');
  return { status: isNew ? 201 : 200, headers, body };
}

async function patchDefinition(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const body = readBody(request.body ?? {}, definitionBody, { partial: true });
  const before = await findDefinition(services, request.params);
  if (body['location'] !== undefined)
    keepFixed('location', plainLocation(before.location), plainLocation(String(body['location'])));
  const row = await services.context.database
    .updateTable('image_definitions')
    .set({
      ...(body['tags'] !== undefined && { tags: JSON.stringify(body['tags']) }),
      properties: JSON.stringify(changedProperties(before.properties, propertiesOf(body), false)),
      changed_at: services.context.now(),
      changed_by: request.caller.name,
    })
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw notFound('image definition', before.name);
  return changed(services, request, row, false);
}

/** What a definition is once and for all. */
const fixed = ['osType', 'osState', 'hyperVGeneration', 'identifier', 'architecture', 'purchasePlan'];

/** @throws ServiceError 409 PropertyChangeNotAllowed */
export function changedProperties(before: Body, given: Body, replace: boolean): Body {
  for (const name of fixed) keepFixed(`properties.${name}`, before[name], inOrder(before[name], given[name]));
  if (!replace) return { ...before, ...given };
  const kept = fixed.flatMap((name) => (before[name] === undefined ? [] : [[name, before[name]] as const]));
  const features = given['features'] ?? before['features'];
  return { ...given, ...Object.fromEntries(kept), ...(features !== undefined && { features }) };
}

/** Fields of an object in the order of the other, so that their order does not count. */
function inOrder(before: unknown, given: unknown): unknown {
  if (typeof before !== 'object' || before === null || typeof given !== 'object' || given === null)
    return given;
  const names = [...new Set([...Object.keys(before), ...Object.keys(given)])];
  const has = given as Body;
  return Object.fromEntries(names.flatMap((name) => (has[name] === undefined ? [] : [[name, has[name]]])));
}

/** What a new definition is where the body does not say. */
export function withDefaults(given: Body, apiVersion: string): Body {
  const second = apiVersion >= secondGenerationSince;
  const hyperVGeneration = given['hyperVGeneration'] ?? (second ? 'V2' : 'V1');
  const features = (given['features'] as readonly Body[] | undefined) ?? [];
  const saysSecurity = features.some(({ name }) => String(name).toLowerCase() === 'securitytype');
  const trusted =
    second && hyperVGeneration === 'V2' && !saysSecurity
      ? [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }]
      : [];
  const all = [...features, ...trusted];
  return {
    ...given,
    hyperVGeneration,
    architecture: given['architecture'] ?? 'x64',
    ...(all.length > 0 && { features: all }),
  };
}

function tripletOf(properties: Body): string {
  const { publisher, offer, sku } = properties['identifier'] as Readonly<Record<string, string>>;
  return `${publisher}/${offer}/${sku}`.toLowerCase();
}

async function deleteDefinition(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context, begin } = services;
  const id = idKey(armId('definition', request.params));
  const row = await context.database.transaction().execute(async (transaction) => {
    const found = await transaction
      .selectFrom('image_definitions')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!found) return undefined;
    const child = await transaction
      .selectFrom('image_versions')
      .select('name')
      .where('definition_id', '=', id)
      .executeTakeFirst();
    if (child) throw hasChildren('image definition', found.name, `version ${child.name}`);
    await transaction.deleteFrom('image_definitions').where('id', '=', id).execute();
    return found;
  });
  if (!row) return { status: 204 };
  const headers = await begin({
    request,
    location: row.location,
    resource: row.arm_id,
  });
  return { status: 202, headers };
}

function definitionReply(row: DefinitionRow, state = 'Succeeded') {
  return resourceBody(row, 'Microsoft.Compute/galleries/images', {
    ...row.properties,
    provisioningState: state,
  });
}
