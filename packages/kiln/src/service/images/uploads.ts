import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Selectable } from 'kysely';
import { Run } from '../../store/run.ts';
import { notFound, param } from '../gallery/arm-resource.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';
import type { UploadTable } from '../gallery/gallery-tables.ts';
import type { Route, RouteReply, RouteRequest } from '../http/route.ts';
import { newPin } from '../regions/image-bytes.ts';
import { localRegion } from '../regions/regions.ts';
import { ServiceError } from '../service-error.ts';
import { promisedDigest, receiveFile } from './receive-file.ts';

/** How long an upload is kept, in milliseconds; what was made of it stays. */
const keptFor = 7 * 24 * 3600 * 1000;

/** Routes of `/api/v1/uploads`: disks and archives of images that come from elsewhere, to make versions of. */
export function uploadRoutes(services: GalleryServices): readonly Route[] {
  const { database } = services.context;
  return [
    {
      method: 'POST',
      path: '/api/v1/uploads',
      action: 'signed-in',
      takes: 'stream',
      summary: 'Takes a disk or an archive of an image, with ?sha256= and ?name=',
      handle: (request) => takeUpload(services, request),
    },
    {
      method: 'GET',
      path: '/api/v1/uploads',
      action: 'signed-in',
      summary: "Lists the caller's uploads",
      handle: async ({ caller }) => {
        const rows = await database
          .selectFrom('uploads')
          .selectAll()
          .where('owner', '=', caller.id)
          .orderBy('created_at', 'desc')
          .limit(1000)
          .execute();
        return { status: 200, body: { value: rows.map(uploadBody) } };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/uploads/{upload}',
      action: 'signed-in',
      summary: "Gets one of the caller's uploads",
      handle: async (request) => {
        const row = await database
          .selectFrom('uploads')
          .selectAll()
          .where('id', '=', param(request, 'upload'))
          .where('owner', '=', request.caller.id)
          .executeTakeFirst();
        if (!row) throw notFound('upload', param(request, 'upload'));
        return { status: 200, body: uploadBody(row) };
      },
    },
    {
      method: 'DELETE',
      path: '/api/v1/uploads/{upload}',
      action: 'signed-in',
      summary: "Removes one of the caller's uploads; what was made of it stays",
      handle: async (request) => {
        const row = await database
          .deleteFrom('uploads')
          .where('id', '=', param(request, 'upload'))
          .where('owner', '=', request.caller.id)
          .returning('pin')
          .executeTakeFirst();
        if (row) await services.bytes.release(row.pin);
        return { status: 204 };
      },
    },
  ];
}

/** @throws ServiceError 403 for callers who may publish nowhere, 400 */
async function takeUpload(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context, bytes } = services;
  const { caller, signal } = request;
  const scopes = await context.access.scopes(caller, 'images/publish');
  if (scopes.length === 0) {
    throw new ServiceError(403, 'AuthorizationFailed', `"${caller.name}" may publish images nowhere`);
  }
  const sha256 = promisedDigest(request);
  const name = (request.query['name'] ?? 'upload').slice(0, 200);
  const home = bytes.regions.homeOf(localRegion);
  const run = await Run.open(home);
  try {
    const path = join(run.folder, 'upload');
    await receiveFile(request.stream, path, sha256, signal);
    const pin = newPin();
    const record = await bytes.regions
      .storeOf(localRegion)
      .importImage(path, { name, signal, references: [pin] });
    const { bytes: size } = await bytes.keep(record.id, { pin, location: localRegion, signal });
    const row = await context.database
      .insertInto('uploads')
      .values({
        id: randomUUID(),
        owner: caller.id,
        name,
        digest: record.id,
        virtual_size: record.virtualSize,
        bytes: size,
        pin,
        created_at: context.now(),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { status: 201, body: uploadBody(row) };
  } finally {
    await run.close();
  }
}

function uploadBody(row: Selectable<UploadTable>) {
  return {
    id: `/api/v1/uploads/${row.id}`,
    name: row.name,
    digest: `sha256:${row.digest}`,
    virtualSize: Number(row.virtual_size),
    bytes: Number(row.bytes),
    createdAt: row.created_at.toISOString(),
    expiresAt: new Date(row.created_at.getTime() + keptFor).toISOString(),
  };
}

/** Releases uploads that nobody has used for a week. */
export async function sweepUploads({ context, bytes }: GalleryServices): Promise<void> {
  const rows = await context.database
    .deleteFrom('uploads')
    .where('created_at', '<', new Date(context.now().getTime() - keptFor))
    .returning('pin')
    .execute();
  for (const { pin } of rows) await bytes.release(pin);
}
