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
  propertiesOf,
  resourceBody,
  tagsOf,
} from './arm-resource.ts';
import { galleryBody } from './body/gallery-bodies.ts';
import { type Body, isObject, readBody } from './body/read-body.ts';
import { computeVersions, type GalleryServices } from './gallery-services.ts';
import type { GalleryTable } from './gallery-tables.ts';
import { pageReply, pageStart, readPage } from './pages.ts';

type GalleryRow = Selectable<GalleryTable>;

/** Routes of `Microsoft.Compute/galleries`. */
export function galleryRoutes(services: GalleryServices): readonly Route[] {
  const apiVersions = computeVersions;
  return [
    {
      method: 'GET',
      path: '/subscriptions/{subscription}/providers/Microsoft.Compute/galleries',
      action: 'signed-in',
      apiVersions,
      summary: 'Lists the galleries of a subscription',
      handle: (request) => listGalleries(services, request),
    },
    {
      method: 'GET',
      path: paths.galleries,
      action: 'signed-in',
      apiVersions,
      summary: 'Lists the galleries of a resource group',
      handle: (request) => listGalleries(services, request),
    },
    {
      method: 'PUT',
      path: paths.gallery,
      action: 'galleries/write',
      apiVersions,
      summary: 'Creates or updates a gallery',
      handle: (request) => putGallery(services, request),
    },
    {
      method: 'PATCH',
      path: paths.gallery,
      action: 'galleries/write',
      apiVersions,
      summary: 'Updates a gallery',
      handle: (request) => patchGallery(services, request),
    },
    {
      method: 'GET',
      path: paths.gallery,
      action: 'galleries/read',
      apiVersions,
      summary: 'Gets a gallery',
      handle: async (request) => ({
        status: 200,
        body: galleryReply(await findGallery(services, request), request),
      }),
    },
    {
      method: 'DELETE',
      path: paths.gallery,
      action: 'galleries/delete',
      apiVersions,
      summary: 'Deletes a gallery that is empty',
      handle: (request) => deleteGallery(services, request),
    },
    {
      method: 'POST',
      path: `${paths.gallery}/share`,
      action: 'galleries/share',
      scope: (params) => armId('gallery', params),
      apiVersions,
      summary: 'Changes with whom a gallery is shared',
      handle: (request) => shareGallery(services, request),
    },
  ];
}

async function listGalleries({ context }: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const subscription = param(request, 'subscription');
  const group = request.params['group'];
  const path =
    group === undefined
      ? `/subscriptions/${subscription}/providers/Microsoft.Compute/galleries`
      : armId('galleries', request.params);
  const scope = group === undefined ? armId('subscription', request.params) : armId('group', request.params);
  const all = await context.access.may(request.caller, 'galleries/read', scope);
  const { rows, next } = await readPage(
    pageStart(request),
    (after, count) => {
      let query = context.database
        .selectFrom('galleries')
        .selectAll()
        .where('subscription', '=', subscription.toLowerCase());
      if (group !== undefined) query = query.where('resource_group', '=', group.toLowerCase());
      if (after !== undefined) query = query.where('id', '>', after);
      return query.orderBy('id').limit(count).execute();
    },
    async (row) => all || context.access.may(request.caller, 'galleries/read', row.arm_id),
  );
  return pageReply(
    request,
    path,
    rows.map((row) => galleryReply(row, request)),
    next,
  );
}

async function findGallery({ context }: GalleryServices, request: RouteRequest): Promise<GalleryRow> {
  const found = await context.database
    .selectFrom('galleries')
    .selectAll()
    .where('id', '=', idKey(armId('gallery', request.params)))
    .executeTakeFirst();
  if (!found) throw notFound('gallery', param(request, 'gallery'));
  return found;
}

async function putGallery(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context } = services;
  const name = param(request, 'gallery');
  checkName('gallery', name);
  const body = readBody(request.body, galleryBody);
  const id = armId('gallery', request.params);
  const subscription = param(request, 'subscription').toLowerCase();
  const now = context.now();
  const location = String(body['location']);
  const row = await context.database.transaction().execute(async (transaction) => {
    const before = await transaction
      .selectFrom('galleries')
      .selectAll()
      .where('id', '=', idKey(id))
      .forUpdate()
      .executeTakeFirst();
    if (before) {
      keepFixed('location', plainLocation(before.location), plainLocation(location));
      return transaction
        .updateTable('galleries')
        .set({
          tags: JSON.stringify(tagsOf(body)),
          properties: JSON.stringify(galleryProperties(body, before.properties)),
          changed_at: now,
          changed_by: request.caller.name,
        })
        .where('id', '=', before.id)
        .returningAll()
        .executeTakeFirstOrThrow();
    }
    // A name counts once in a subscription: its `uniqueName` is made of these two.
    const twin = await transaction
      .selectFrom('galleries')
      .select('arm_id')
      .where('subscription', '=', subscription)
      .where((where) => where(where.fn<string>('lower', ['name']), '=', name.toLowerCase()))
      .executeTakeFirst();
    if (twin) {
      throw new ServiceError(
        409,
        'Conflict',
        `the subscription has a gallery "${name}" already: ${twin.arm_id}`,
      );
    }
    const properties = galleryProperties(body, {});
    return transaction
      .insertInto('galleries')
      .values({
        ...newArmColumns({ id, name, location, tags: tagsOf(body), properties }, request.caller, now),
        subscription,
        resource_group: param(request, 'group').toLowerCase(),
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returningAll()
      .executeTakeFirst();
  });
  if (!row)
    throw new ServiceError(409, 'Conflict', `the gallery "${name}" is being created by another request`);
  return changed(services, request, row, row.created_at.getTime() === now.getTime());
}

/** 201 for what is new; the operation behind it has ended, since nothing is left to do. */
async function changed(
  { begin }: GalleryServices,
  request: RouteRequest,
  row: GalleryRow,
  isNew: boolean,
): Promise<RouteReply> {
  const headers = await begin({
    request,
    location: row.location,
    resource: row.arm_id,
  });
  const state = isNew ? 'Creating' : 'Updating';
  return { status: isNew ? 201 : 200, headers, body: galleryReply(row, request, state) };
}

async function patchGallery(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const body = readBody(request.body ?? {}, galleryBody, { partial: true });
  const before = await findGallery(services, request);
  if (body['location'] !== undefined)
    keepFixed('location', plainLocation(before.location), plainLocation(String(body['location'])));
  const merged = { ...body, properties: { ...before.properties, ...propertiesOf(body) } };
  const row = await services.context.database
    .updateTable('galleries')
    .set({
      ...(body['tags'] !== undefined && { tags: JSON.stringify(body['tags']) }),
      properties: JSON.stringify(galleryProperties(merged, before.properties)),
      changed_at: services.context.now(),
      changed_by: request.caller.name,
    })
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw notFound('gallery', before.name);
  return changed(services, request, row, false);
}

/** Groups are what `share` has set, and stay. */
function galleryProperties(body: Body, before: Body): Body {
  const given = propertiesOf(body);
  const groups = isObject(before['sharingProfile']) ? before['sharingProfile']['groups'] : undefined;
  const profile = given['sharingProfile'] as Body | undefined;
  const sharing = profile === undefined && groups === undefined ? undefined : { ...profile, groups };
  return {
    ...given,
    ...(sharing && { sharingProfile: { permissions: 'Private', ...sharing } }),
    ...(body['identity'] !== undefined && { identity: body['identity'] }),
  };
}

async function deleteGallery(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context, begin } = services;
  const id = idKey(armId('gallery', request.params));
  const row = await context.database.transaction().execute(async (transaction) => {
    const found = await transaction
      .selectFrom('galleries')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!found) return undefined;
    const child = await transaction
      .selectFrom('image_definitions')
      .select('name')
      .where('gallery_id', '=', id)
      .executeTakeFirst();
    if (child) throw hasChildren('gallery', found.name, `image definition "${child.name}"`);
    await transaction.deleteFrom('galleries').where('id', '=', id).execute();
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

/** Parents have to be empty before they go. */
export function hasChildren(what: string, name: string, child: string): ServiceError {
  return new ServiceError(
    409,
    'CannotDeleteResource',
    `the ${what} "${name}" still has the ${child}; delete what is in it first`,
  );
}

const operations = ['Add', 'Remove', 'Reset', 'EnableCommunity'];

interface SharingGroup {
  readonly type: string;
  readonly ids: readonly string[];
}

async function shareGallery(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context, begin } = services;
  const body = readBody(request.body, {
    operationType: { shape: { kind: 'choice', of: operations }, required: true },
    groups: {
      shape: {
        kind: 'list',
        of: {
          kind: 'object',
          fields: {
            type: { shape: { kind: 'choice', of: ['Subscriptions', 'AADTenants'] }, required: true },
            ids: { shape: { kind: 'list', of: { kind: 'text' } } },
          },
        },
      },
    },
  });
  const groups = (body['groups'] as readonly Partial<SharingGroup>[] | undefined) ?? [];
  const id = idKey(armId('gallery', request.params));
  const row = await context.database.transaction().execute(async (transaction) => {
    const found = await transaction
      .selectFrom('galleries')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!found) throw notFound('gallery', param(request, 'gallery'));
    const profile = (found.properties['sharingProfile'] as Body | undefined) ?? { permissions: 'Private' };
    const sharingProfile = { ...profile, ...shared(profile, String(body['operationType']), groups) };
    return transaction
      .updateTable('galleries')
      .set({ properties: JSON.stringify({ ...found.properties, sharingProfile }), changed_at: context.now() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  const headers = await begin({
    request,
    location: row.location,
    resource: row.arm_id,
  });
  return { status: 200, headers, body };
}

const most: Readonly<Record<string, number>> = { Subscriptions: 30, AADTenants: 5 };

function shared(profile: Body, operation: string, groups: readonly Partial<SharingGroup>[]): Body {
  if (operation === 'Reset') return { permissions: 'Private', groups: undefined };
  if (operation === 'EnableCommunity') {
    if (profile['permissions'] !== 'Community') {
      throw new ServiceError(
        409,
        'OperationNotAllowed',
        'only a gallery whose sharingProfile.permissions is Community can be opened to the community',
      );
    }
    return { communityGalleryEnabled: true };
  }
  const before = (profile['groups'] as readonly SharingGroup[] | undefined) ?? [];
  const byType = new Map(before.map(({ type, ids }) => [type, new Set(ids)]));
  for (const { type = 'Subscriptions', ids = [] } of groups) {
    const known = byType.get(type) ?? new Set<string>();
    for (const id of ids) {
      if (operation === 'Add') known.add(id.toLowerCase());
      else known.delete(id.toLowerCase());
    }
    byType.set(type, known);
    if (known.size > (most[type] ?? 0)) {
      throw new ServiceError(
        400,
        'InvalidParameter',
        `a gallery is shared with ${most[type]} ${type} at most`,
        {
          target: 'groups',
        },
      );
    }
  }
  return {
    permissions: 'Groups',
    groups: [...byType].flatMap(([type, ids]) => (ids.size > 0 ? [{ type, ids: [...ids] }] : [])),
  };
}

function galleryReply(row: GalleryRow, request: RouteRequest, state = 'Succeeded') {
  const { identity, sharingProfile, ...rest } = row.properties;
  const { groups, ...profile } = (sharingProfile as Body | undefined) ?? {};
  const expanded = /sharingprofile\/groups/i.test(request.query['$expand'] ?? '');
  const shown = {
    ...rest,
    identifier: { uniqueName: `${row.subscription}-${row.name.toUpperCase()}` },
    ...(sharingProfile !== undefined && {
      sharingProfile: { ...profile, ...(expanded && groups !== undefined && { groups }) },
    }),
    provisioningState: state,
  };
  return {
    ...resourceBody(row, 'Microsoft.Compute/galleries', shown),
    ...(identity !== undefined && { identity }),
  };
}
