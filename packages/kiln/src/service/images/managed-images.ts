import type { Selectable } from 'kysely';
import { armId, checkName, idKey, paths } from '../gallery/arm-ids.ts';
import {
  keepFixed,
  newArmColumns,
  notFound,
  param,
  propertiesOf,
  resourceBody,
  tagsOf,
} from '../gallery/arm-resource.ts';
import { managedImageBody } from '../gallery/body/gallery-bodies.ts';
import { type Body, readBody } from '../gallery/body/read-body.ts';
import { findImage } from '../gallery/find-image.ts';
import { computeVersions, type GalleryServices } from '../gallery/gallery-services.ts';
import type { ManagedImageTable } from '../gallery/gallery-tables.ts';
import { pageReply, pageStart, readPage } from '../gallery/pages.ts';
import { writeDescent } from '../gallery/version-rows.ts';
import type { Route, RouteReply, RouteRequest } from '../http/route.ts';
import { newPin } from '../regions/image-bytes.ts';
import { plainLocation } from '../regions/location.ts';
import { ServiceError } from '../service-error.ts';

type ImageRow = Selectable<ManagedImageTable>;

/** Routes of `Microsoft.Compute/images`. */
export function managedImageRoutes(services: GalleryServices): readonly Route[] {
  const apiVersions = computeVersions;
  return [
    {
      method: 'GET',
      path: '/subscriptions/{subscription}/providers/Microsoft.Compute/images',
      action: 'signed-in',
      apiVersions,
      summary: 'Lists the managed images of a subscription',
      handle: (request) => listImages(services, request),
    },
    {
      method: 'GET',
      path: paths.managedImages,
      action: 'signed-in',
      apiVersions,
      summary: 'Lists the managed images of a resource group',
      handle: (request) => listImages(services, request),
    },
    {
      method: 'PUT',
      path: paths.managedImage,
      action: 'images/publish',
      apiVersions,
      summary: 'Creates or updates a managed image',
      handle: (request) => putImage(services, request),
    },
    {
      method: 'PATCH',
      path: paths.managedImage,
      action: 'images/publish',
      apiVersions,
      summary: 'Changes the tags of a managed image',
      handle: (request) => patchImage(services, request),
    },
    {
      method: 'GET',
      path: paths.managedImage,
      action: 'images/read',
      apiVersions,
      summary: 'Gets a managed image',
      handle: async (request) => {
        const row = await findRow(services, request);
        if (!row) throw notFound('image', param(request, 'image'));
        return { status: 200, body: imageReply(row) };
      },
    },
    {
      method: 'DELETE',
      path: paths.managedImage,
      action: 'images/delete',
      apiVersions,
      summary: 'Deletes a managed image',
      handle: (request) => deleteImage(services, request),
    },
  ];
}

async function listImages({ context }: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const subscription = param(request, 'subscription');
  const group = request.params['group'];
  const scope = armId(group === undefined ? 'subscription' : 'group', request.params);
  const all = await context.access.may(request.caller, 'images/read', scope);
  const { rows, next } = await readPage(
    pageStart(request),
    (after, count) => {
      let query = context.database
        .selectFrom('managed_images')
        .selectAll()
        .where('subscription', '=', subscription.toLowerCase());
      if (group !== undefined) query = query.where('resource_group', '=', group.toLowerCase());
      if (after !== undefined) query = query.where('id', '>', after);
      return query.orderBy('id').limit(count).execute();
    },
    async (row) => all || context.access.may(request.caller, 'images/read', row.arm_id),
  );
  const path =
    group === undefined
      ? `/subscriptions/${subscription}/providers/Microsoft.Compute/images`
      : armId('managedImages', request.params);
  return pageReply(
    request,
    path,
    rows.map((row) => imageReply(row)),
    next,
  );
}

function findRow({ context }: GalleryServices, request: RouteRequest): Promise<ImageRow | undefined> {
  return context.database
    .selectFrom('managed_images')
    .selectAll()
    .where('id', '=', idKey(armId('managedImage', request.params)))
    .executeTakeFirst();
}

/**
 * The system's disk is one that the service has: an upload, another image or a version, by `managedDisk.id`,
 * `snapshot.id` or `blobUri`. It is whole in the image's region before the reply.
 */
async function putImage(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context, bytes, begin } = services;
  const name = param(request, 'image');
  checkName('image', name);
  const body = readBody(request.body, managedImageBody);
  const given = propertiesOf(body);
  const location = String(body['location']);
  const before = await findRow(services, request);
  if (before) {
    keepFixed('location', plainLocation(before.location), plainLocation(location));
    const same = sourceOf(given);
    if (same !== undefined)
      keepFixed(
        'properties.storageProfile.osDisk',
        sourceOf(before.properties)?.toLowerCase(),
        same.toLowerCase(),
      );
    return changeTags(services, request, before, tagsOf(body));
  }
  const source = sourceOf(given);
  if (source === undefined) {
    throw new ServiceError(
      400,
      'InvalidParameter',
      'properties.storageProfile.osDisk names no disk: give managedDisk.id or blobUri, such as /api/v1/uploads/…',
      { target: 'properties.storageProfile.osDisk' },
    );
  }
  const found = await findImage(services, request.caller, source);
  const pin = newPin();
  const id = armId('managedImage', request.params);
  const now = context.now();
  let row: ImageRow | undefined;
  try {
    const { record, bytes: size } = await bytes.keep(found.digest, { pin, location, signal: request.signal });
    row = await context.database.transaction().execute(async (transaction) => {
      const made = await transaction
        .insertInto('managed_images')
        .values({
          ...newArmColumns(
            {
              id,
              name,
              location,
              tags: tagsOf(body),
              properties: { ...given, hyperVGeneration: given['hyperVGeneration'] ?? 'V1' },
            },
            request.caller,
            now,
          ),
          subscription: param(request, 'subscription').toLowerCase(),
          resource_group: param(request, 'group').toLowerCase(),
          digest: found.digest,
          virtual_size: record.virtualSize,
          bytes: size,
          pin,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returningAll()
        .executeTakeFirst();
      if (made) await writeDescent(transaction, made.id, [found.id]);
      return made;
    });
  } finally {
    if (!row) await bytes.release(pin);
  }
  if (!row)
    throw new ServiceError(409, 'Conflict', `the image "${name}" is being created by another request`);
  const headers = await begin({ request, location, resource: row.arm_id });
  return { status: 201, headers, body: imageReply(row, 'Creating') };
}

function sourceOf(properties: Body): string | undefined {
  const disk = (properties['storageProfile'] as Body | undefined)?.['osDisk'] as Body | undefined;
  const ids = [disk?.['managedDisk'], disk?.['snapshot'], properties['sourceVirtualMachine']].map(
    (one) => (one as Body | undefined)?.['id'],
  );
  return [...ids, disk?.['blobUri']].find((one) => typeof one === 'string');
}

async function patchImage(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const body = readBody(request.body ?? {}, managedImageBody, { partial: true });
  const before = await findRow(services, request);
  if (!before) throw notFound('image', param(request, 'image'));
  return changeTags(services, request, before, body['tags'] === undefined ? before.tags : tagsOf(body));
}

async function changeTags(
  { context, begin }: GalleryServices,
  request: RouteRequest,
  before: ImageRow,
  tags: Readonly<Record<string, string>>,
): Promise<RouteReply> {
  const row = await context.database
    .updateTable('managed_images')
    .set({ tags: JSON.stringify(tags), changed_at: context.now(), changed_by: request.caller.name })
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw notFound('image', before.name);
  const headers = await begin({ request, location: row.location, resource: row.arm_id });
  return { status: 200, headers, body: imageReply(row, 'Updating') };
}

async function deleteImage(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context, bytes, begin } = services;
  const row = await context.database
    .deleteFrom('managed_images')
    .where('id', '=', idKey(armId('managedImage', request.params)))
    .returningAll()
    .executeTakeFirst();
  if (!row) return { status: 204 };
  await bytes.release(row.pin);
  const headers = await begin({ request, location: row.location, resource: row.arm_id });
  return { status: 202, headers };
}

export function imageReply(row: ImageRow, state = 'Succeeded') {
  const storage = (row.properties['storageProfile'] as Body | undefined) ?? {};
  const disk = (storage['osDisk'] as Body | undefined) ?? {};
  return resourceBody(row, 'Microsoft.Compute/images', {
    ...row.properties,
    storageProfile: {
      dataDisks: [],
      zoneResilient: false,
      ...storage,
      osDisk: { diskSizeGB: Math.ceil(Number(row.virtual_size) / 2 ** 30), ...disk },
    },
    provisioningState: state,
  });
}
