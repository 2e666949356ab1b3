import { armId } from '../gallery/arm-ids.ts';
import { notFound } from '../gallery/arm-resource.ts';
import { findDefinition } from '../gallery/definitions.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';
import { readPolicy } from '../gallery/image-policy.ts';
import { pageReply, pageStart, readPage } from '../gallery/pages.ts';
import type { Route, RouteReply, RouteRequest } from '../http/route.ts';
import { ServiceError } from '../service-error.ts';
import {
  channelHistory,
  channelsOf,
  getChannel,
  listChannels,
  promote,
  rollBack,
  setChannelPolicy,
  setFrozen,
} from './channels.ts';
import { apiPath, apiPaths } from './image-paths.ts';
import { deprecate, restore, revoke } from './lifecycle.ts';
import { ancestors, descendants, type LineageNode } from './lineage.ts';
import { namedVersion } from './named-version.ts';
import { rebuildOrder } from './rebuild-order.ts';
import { usage } from './usage.ts';
import { versionDetail, versionSummary } from './version-detail.ts';
import { versionDiff } from './version-diff.ts';

type Params = Readonly<Record<string, string>>;

const ofImage = (params: Params) => armId('definition', params);
/** Roles may be given at one channel: who publishes to staging need not publish to production. */
const ofChannel = (params: Params) => `${armId('definition', params)}/channels/${params['channel']}`;
const ofVersion = (params: Params) => armId('version', params);

/** What there is of images beside ARM's resources. */
export function imageRoutes(services: GalleryServices): readonly Route[] {
  const read = (path: string, summary: string, handle: Route['handle']): Route => ({
    ...{ method: 'GET', path, action: 'images/read', scope: ofImage, summary, handle },
  });
  const publish = (
    method: 'POST' | 'PUT',
    path: string,
    scope: Route['scope'] & {},
    summary: string,
    handle: Route['handle'],
  ): Route => ({ method, path, action: 'images/publish', scope, summary, handle });
  const { channel, image, version } = apiPaths;
  return [
    read(image, 'An image with its policy and channels', (request) => getImage(services, request)),
    read(`${image}/versions`, 'Versions of an image with digests, the newest last', (request) =>
      listVersions(services, request),
    ),
    read(version, 'A version by number, as latest, or by a channel', async (request) => ({
      status: 200,
      body: await versionDetail(services, await namedVersion(services, request)),
    })),
    read(`${version}/diff`, 'What differs between a version and the one of ?to=', (request) =>
      versionDiff(services, request),
    ),
    read(`${version}/lineage`, 'What a version was made from, and what was made from it', (request) =>
      lineageOf(services, request),
    ),
    publish('PUT', `${image}/policy`, ofImage, 'What "latest" of an image may be', (request) =>
      putPolicy(services, request),
    ),
    read(`${image}/channels`, 'Channels of an image', (request) => listChannels(services, request)),
    read(channel, 'A channel and the version that it means', (request) => getChannel(services, request)),
    read(`${channel}/history`, 'Who let a channel mean what', (request) => channelHistory(services, request)),
    publish('PUT', `${channel}/policy`, ofChannel, 'What a channel may mean', (request) =>
      setChannelPolicy(services, request, readPolicy(request.body)),
    ),
    publish('POST', `${channel}/promote`, ofChannel, 'Lets a channel mean a version', (request) =>
      promote(services, request),
    ),
    publish('POST', `${channel}/rollback`, ofChannel, 'Lets a channel mean what it meant before', (request) =>
      rollBack(services, request),
    ),
    publish('POST', `${channel}/freeze`, ofChannel, 'Keeps a channel as it is', (request) =>
      setFrozen(services, request, true),
    ),
    publish('POST', `${channel}/unfreeze`, ofChannel, 'Lets a channel change again', (request) =>
      setFrozen(services, request, false),
    ),
    publish(
      'POST',
      `${version}/deprecate`,
      ofVersion,
      'Advises against a version and what was made from it',
      (request) => deprecate(services, request),
    ),
    publish(
      'POST',
      `${version}/revoke`,
      ofVersion,
      'Takes a version and what was made from it out of use',
      (request) => revoke(services, request),
    ),
    publish('POST', `${version}/restore`, ofVersion, 'Takes back a revocation or deprecation', (request) =>
      restore(services, request),
    ),
    {
      method: 'GET',
      path: '/api/v1/rebuilds',
      action: 'signed-in',
      summary: 'Templates that must be rebuilt when ?base= changes (an id, a digest, debian/12), in order',
      handle: (request) => listRebuilds(services, request),
    },
    {
      method: 'GET',
      path: '/api/v1/usage',
      action: 'usage/read',
      summary: 'Counts and bytes of galleries, regions and boxes',
      handle: async () => ({ status: 200, body: await usage(services) }),
    },
  ];
}

async function getImage(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const row = await findDefinition(services, request.params);
  const body = { id: row.arm_id, name: row.name, policy: row.policy, properties: row.properties };
  return { status: 200, body: { ...body, channels: await channelsOf(services, row.id) } };
}

async function listVersions(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { database } = services.context;
  const definition = await findDefinition(services, request.params);
  const { rows, next } = await readPage(
    pageStart(request),
    (after, count) => {
      const [major = -1, minor = 0, patch = 0] = (after?.split('/').at(-1) ?? '-1').split('.').map(Number);
      return database
        .selectFrom('image_versions')
        .selectAll()
        .where('definition_id', '=', definition.id)
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
  return pageReply(
    request,
    apiPath(`${apiPaths.image}/versions`, request.params),
    rows.map(versionSummary),
    next,
  );
}

async function putPolicy(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const policy = readPolicy(request.body);
  const { id, name } = await findDefinition(services, request.params);
  const { numUpdatedRows } = await services.context.database
    .updateTable('image_definitions')
    .set({ policy: JSON.stringify(policy) })
    .where('id', '=', id)
    .executeTakeFirst();
  if (Number(numUpdatedRows) === 0) throw notFound('image definition', name);
  return { status: 200, body: policy };
}

async function lineageOf(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { database } = services.context;
  const version = await namedVersion(services, request);
  const [above, below] = await Promise.all([
    ancestors(database, version.id),
    descendants(database, version.id),
  ]);
  const visible = (nodes: readonly LineageNode[]) => readable(services, request, nodes);
  return {
    status: 200,
    body: { id: version.arm_id, ancestors: await visible(above), descendants: await visible(below) },
  };
}

/** Of images that the caller may not read nothing is told. */
async function readable({ context }: GalleryServices, request: RouteRequest, nodes: readonly LineageNode[]) {
  const told: unknown[] = [];
  for (const { id, armId, digest, runId, depth } of nodes) {
    if (id.startsWith('/') && !(await context.access.may(request.caller, 'images/read', id))) continue;
    told.push({
      ...{ id: armId ?? id, depth },
      ...(digest !== undefined && { digest }),
      ...(runId !== undefined && { runId }),
    });
  }
  return told;
}

async function listRebuilds(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context } = services;
  const { base } = request.query;
  if (base === undefined || base === '') {
    throw new ServiceError(
      400,
      'InvalidParameter',
      'say what changes: add ?base= with an id, a digest or a name',
      {
        target: 'base',
      },
    );
  }
  const value: unknown[] = [];
  for (const one of await rebuildOrder(context.database, base))
    if (await context.access.may(request.caller, 'templates/read', one.templateId)) value.push(one);
  return { status: 200, body: { base, value } };
}
