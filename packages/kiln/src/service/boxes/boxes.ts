import type { Selectable } from 'kysely';
import { openAuthentication } from '../access/authenticate.ts';
import { notFound, param } from '../gallery/arm-resource.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';
import type { BoxTable } from '../gallery/gallery-tables.ts';
import type { Route, RouteReply, RouteRequest } from '../http/route.ts';
import { sendFile } from '../images/send-file.ts';
import { ServiceError } from '../service-error.ts';
import { boxCatalogue } from './box-catalogue.ts';
import { boxFilePath, dropBoxFile } from './box-files.ts';
import { boxScope } from './box-names.ts';
import { pushBox } from './push-box.ts';

type BoxRow = Selectable<BoxTable>;

/** The Vagrant side: `/boxes/team/name` is a catalogue that `vagrant box add` takes; `/boxes` is a server of boxes. */
export function boxRoutes(services: GalleryServices): readonly Route[] {
  const catalogue = (request: RouteRequest) => sendCatalogue(services, request);
  const file = '/boxes/{team}/{box}/versions/{version}/providers/{provider}/{architecture}/{file}';
  return [
    ...(['GET', 'HEAD'] as const).flatMap((method): Route[] => [
      {
        method,
        path: '/boxes/{team}/{box}',
        action: 'public',
        summary: "A box's catalogue for Vagrant and Kiln; private ones with a token",
        handle: catalogue,
      },
      {
        method,
        path: '/boxes/api/v2/vagrant/{team}/{box}',
        action: 'public',
        summary: 'The same, where newer Vagrants look below VAGRANT_SERVER_URL',
        handle: catalogue,
      },
      {
        method,
        path: file,
        action: 'public',
        summary: 'The file of a box; parts by Range',
        handle: (request) => sendBox(services, request),
      },
    ]),
    {
      method: 'GET',
      path: '/api/v1/boxes',
      action: 'signed-in',
      summary: 'Lists the boxes that the caller may read',
      handle: (request) => listBoxes(services, request),
    },
    {
      method: 'POST',
      path: '/api/v1/boxes/{team}/{box}/versions/{version}',
      action: 'boxes/write',
      scope: boxScope,
      takes: 'stream',
      summary: 'Takes a box file as a version, with ?sha256=, ?architecture=, ?private=, ?description=',
      handle: (request) => pushBox(services, request),
    },
    {
      method: 'DELETE',
      path: '/api/v1/boxes/{team}/{box}/versions/{version}',
      action: 'boxes/write',
      scope: boxScope,
      summary: 'Removes a version of a box with all its files',
      handle: (request) => deleteVersion(services, request),
    },
    {
      method: 'DELETE',
      path: '/api/v1/boxes/{team}/{box}',
      action: 'boxes/write',
      scope: boxScope,
      summary: 'Removes a box with all its versions',
      handle: (request) => deleteBox(services, request),
    },
  ];
}

/**
 * The box, for who may see it. Who may not learns no more of a private box than of one that is not there.
 * @throws ServiceError 404; 401 for a token that is no good
 */
async function visibleBox(services: GalleryServices, request: RouteRequest): Promise<BoxRow> {
  const { context } = services;
  const id = `${param(request, 'team')}/${param(request, 'box')}`.toLowerCase();
  const box = await context.database.selectFrom('boxes').selectAll().where('id', '=', id).executeTakeFirst();
  if (box && !box.private) return box;
  const token = request.query['access_token'];
  const header = request.headers['authorization'] ?? (token === undefined ? undefined : `Bearer ${token}`);
  if (header !== undefined) {
    const caller = await openAuthentication(context.database, context.now)(header);
    if (!caller) {
      throw new ServiceError(
        401,
        'AuthenticationFailed',
        'the token is none of this service, or has expired',
      );
    }
    if (box && (await context.access.may(caller, 'boxes/read', boxScope(request.params)))) return box;
  }
  throw new ServiceError(
    404,
    'ResourceNotFound',
    `there is no box "${param(request, 'team')}/${param(request, 'box')}" here that you may see; private boxes need a token`,
  );
}

async function sendCatalogue(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const box = await visibleBox(services, request);
  const files = await services.context.database
    .selectFrom('box_files')
    .selectAll()
    .where('box_id', '=', box.id)
    .orderBy('provider')
    .orderBy('architecture')
    .execute();
  const token = box.private ? request.query['access_token'] : undefined;
  return { status: 200, body: boxCatalogue(box, files, request.origin, token) };
}

async function sendBox(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const box = await visibleBox(services, request);
  const found = await services.context.database
    .selectFrom('box_files')
    .select('sha256')
    .where('box_id', '=', box.id)
    .where('version', '=', param(request, 'version'))
    .where('provider', '=', param(request, 'provider'))
    .where('architecture', '=', param(request, 'architecture'))
    .executeTakeFirst();
  if (!found) throw notFound('box file', `${box.id} ${param(request, 'version')}`);
  return sendFile(request, {
    path: boxFilePath(services.context.home, found.sha256),
    sha256: found.sha256,
    name: `${box.name}-${param(request, 'version')}.box`,
  });
}

async function listBoxes({ context }: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const boxes = await context.database.selectFrom('boxes').selectAll().orderBy('id').execute();
  const value: unknown[] = [];
  for (const box of boxes) {
    const scope = boxScope({ team: box.team, box: box.name });
    if (box.private && !(await context.access.may(request.caller, 'boxes/read', scope))) continue;
    value.push({
      name: `${box.team}/${box.name}`,
      description: box.description,
      private: box.private,
      createdAt: box.created_at.toISOString(),
    });
  }
  return { status: 200, body: { value } };
}

async function deleteVersion(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const id = `${param(request, 'team')}/${param(request, 'box')}`.toLowerCase();
  const gone = await services.context.database
    .deleteFrom('box_files')
    .where('box_id', '=', id)
    .where('version', '=', param(request, 'version'))
    .returning('sha256')
    .execute();
  for (const { sha256 } of gone) await dropBoxFile(services, sha256);
  return { status: 204 };
}

async function deleteBox(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { database } = services.context;
  const id = `${param(request, 'team')}/${param(request, 'box')}`.toLowerCase();
  const gone = await database.deleteFrom('box_files').where('box_id', '=', id).returning('sha256').execute();
  await database.deleteFrom('boxes').where('id', '=', id).execute();
  for (const { sha256 } of gone) await dropBoxFile(services, sha256);
  return { status: 204 };
}
