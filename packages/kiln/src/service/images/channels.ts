import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { armId, idKey } from '../gallery/arm-ids.ts';
import { notFound, param } from '../gallery/arm-resource.ts';
import { type Body, readBody } from '../gallery/body/read-body.ts';
import { type DefinitionRow, findDefinition } from '../gallery/definitions.ts';
import { demandUsable } from '../gallery/find-image.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';
import type { ChannelEventTable, ChannelTable } from '../gallery/gallery-tables.ts';
import { demandPolicy, type ImagePolicy, policyFault } from '../gallery/image-policy.ts';
import type { VersionRow } from '../gallery/latest.ts';
import { pageReply, pageSize, pageStart } from '../gallery/pages.ts';
import type { RouteReply, RouteRequest } from '../http/route.ts';
import { ServiceError } from '../service-error.ts';
import { channelName } from './channel-name.ts';
import { apiPath, apiPaths } from './image-paths.ts';
import { namedVersion } from './named-version.ts';

type ChannelRow = Selectable<ChannelTable>;
type EventRow = Selectable<ChannelEventTable>;
type Action = EventRow['action'];

const noteField = { note: { shape: { kind: 'text', longest: 1000 } } } as const;

/** Lets a channel mean a version. The same version again changes nothing. @throws ServiceError 404, 409 */
export async function promote(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const body = readBody(request.body, { version: { shape: { kind: 'text' }, required: true }, ...noteField });
  const definition = await findDefinition(services, request.params);
  const version = await namedVersion(services, request, String(body['version']));
  return change(services, request, definition, async (transaction, channel) => {
    demandThawed(channel);
    await usableNow(transaction, version.id);
    await demandPolicy(
      within(services, transaction),
      channel.policy as ImagePolicy,
      version,
      `the channel "${channel.name}"`,
    );
    if (channel.version_id === version.id) return undefined;
    return { action: 'promote', version, note: body['note'] };
  });
}

/**
 * Lets a channel mean what it meant before. Versions that are gone or revoked meanwhile are passed over, and how old one
 * is does not count: whoever goes back has a reason. @throws ServiceError 409 when there is nothing to go back to
 */
export async function rollBack(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const body = readBody(request.body ?? {}, noteField);
  const definition = await findDefinition(services, request.params);
  return change(services, request, definition, async (transaction, channel) => {
    demandThawed(channel);
    const { maxAgeDays: _, ...policy } = channel.policy as ImagePolicy;
    const current = channel.version_id?.split('/').at(-1);
    for (const name of await earlierVersions(transaction, definition.id, channel.name, current)) {
      const version = await transaction
        .selectFrom('image_versions')
        .selectAll()
        .where('id', '=', `${definition.id}/versions/${name}`)
        .executeTakeFirst();
      if (!version || version.revoked_at || version.state !== 'Succeeded') continue;
      if ((await policyFault(within(services, transaction), policy, version)) !== undefined) continue;
      return { action: 'rollback', version, note: body['note'] };
    }
    throw new ServiceError(
      409,
      'OperationNotAllowed',
      `the channel "${channel.name}" has no earlier version that can be used; promote one instead`,
    );
  });
}

/** Whoever asks outside of a transaction would wait for it where there is only one connection. */
function within(services: GalleryServices, database: Kysely<Tables>): GalleryServices {
  return { ...services, context: { ...services.context, database } };
}

/** Keeps a channel as it is until it is thawed. */
export async function setFrozen(
  services: GalleryServices,
  request: RouteRequest,
  frozen: boolean,
): Promise<RouteReply> {
  const body = readBody(request.body ?? {}, noteField);
  const definition = await findDefinition(services, request.params);
  return change(services, request, definition, async (_, channel) =>
    channel.frozen === frozen
      ? undefined
      : { action: frozen ? 'freeze' : 'unfreeze', frozen, note: body['note'] },
  );
}

/** Says what versions a channel takes; what it means now stays. */
export async function setChannelPolicy(
  services: GalleryServices,
  request: RouteRequest,
  policy: ImagePolicy,
): Promise<RouteReply> {
  const definition = await findDefinition(services, request.params);
  return change(services, request, definition, async () => ({ action: 'policy', policy, note: undefined }));
}

interface Change {
  readonly action: Action;
  readonly version?: VersionRow;
  readonly frozen?: boolean;
  readonly policy?: ImagePolicy;
  readonly note: unknown;
}

/** Changes of one channel come one after the other, and each is in its history. */
async function change(
  { context }: GalleryServices,
  request: RouteRequest,
  definition: DefinitionRow,
  decide: (transaction: Kysely<Tables>, channel: ChannelRow) => Promise<Change | undefined>,
): Promise<RouteReply> {
  const name = channelName(param(request, 'channel'));
  const now = context.now();
  const row = await context.database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('channels')
      .values({
        definition_id: definition.id,
        name,
        version_id: null,
        frozen: false,
        policy: '{}',
        changed_at: now,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const channel = await transaction
      .selectFrom('channels')
      .selectAll()
      .where('definition_id', '=', definition.id)
      .where('name', '=', name)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const decided = await decide(transaction, channel);
    if (!decided) return channel;
    const { action, version, frozen, policy, note } = decided;
    await transaction
      .insertInto('channel_events')
      .values({
        definition_id: definition.id,
        channel: name,
        action,
        version: version?.name ?? null,
        previous: channel.version_id?.split('/').at(-1) ?? null,
        by: request.caller.name,
        note: typeof note === 'string' ? note : '',
        at: now,
      })
      .execute();
    return transaction
      .updateTable('channels')
      .set({
        ...(version && { version_id: version.id }),
        ...(frozen !== undefined && { frozen }),
        ...(policy && { policy: JSON.stringify(policy) }),
        changed_at: now,
      })
      .where('definition_id', '=', definition.id)
      .where('name', '=', name)
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  return { status: 200, body: channelBody(row) };
}

/** The lock keeps the version from being revoked or deleted until the channel means it. */
async function usableNow(database: Kysely<Tables>, id: string): Promise<void> {
  const version = await database
    .selectFrom('image_versions')
    .selectAll()
    .where('id', '=', id)
    .forShare()
    .executeTakeFirst();
  if (!version) throw notFound('image version', id.split('/').at(-1) ?? id);
  demandUsable(version);
}

function demandThawed({ frozen, name }: ChannelRow): void {
  if (!frozen) return;
  throw new ServiceError(409, 'OperationNotAllowed', `the channel "${name}" is frozen; unfreeze it first`);
}

/** What a channel meant before, the newest first: what was rolled back is not meant again. */
async function earlierVersions(
  database: Kysely<Tables>,
  definition: string,
  channel: string,
  current: string | undefined,
): Promise<readonly string[]> {
  const events = await database
    .selectFrom('channel_events')
    .select(['action', 'version'])
    .where('definition_id', '=', definition)
    .where('channel', '=', channel)
    .where('action', 'in', ['promote', 'rollback'])
    .orderBy('id')
    .execute();
  const stack: string[] = [];
  for (const { action, version } of events) {
    if (version === null) continue;
    if (action === 'promote') stack.push(version);
    else while (stack.length > 1 && stack.at(-1) !== version) stack.pop();
  }
  if (stack.at(-1) === current) stack.pop();
  return stack.reverse();
}

export async function listChannels(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const definition = await findDefinition(services, request.params);
  return { status: 200, body: { value: await channelsOf(services, definition.id) } };
}

export async function channelsOf({ context }: GalleryServices, definition: string) {
  const rows = await context.database
    .selectFrom('channels')
    .selectAll()
    .where('definition_id', '=', definition)
    .orderBy('name')
    .execute();
  return rows.map(channelBody);
}

/** The channel with what it means, and why that can no longer be used, when it cannot. */
export async function getChannel(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { database } = services.context;
  const name = channelName(param(request, 'channel'));
  const row = await database
    .selectFrom('channels')
    .selectAll()
    .where('definition_id', '=', idKey(armId('definition', request.params)))
    .where('name', '=', name)
    .executeTakeFirst();
  if (!row) throw notFound('channel', name);
  const version =
    row.version_id === null
      ? undefined
      : await database
          .selectFrom('image_versions')
          .select(['revoked_at', 'revocation', 'digest'])
          .where('id', '=', row.version_id)
          .executeTakeFirst();
  return {
    status: 200,
    body: {
      ...channelBody(row),
      ...(version?.digest && { digest: `sha256:${version.digest}` }),
      ...(version?.revoked_at && { revoked: { reason: version.revocation ?? '' } }),
    },
  };
}

/** Who let a channel mean what, the newest first. */
export async function channelHistory(
  { context }: GalleryServices,
  request: RouteRequest,
): Promise<RouteReply> {
  const start = pageStart(request);
  let query = context.database
    .selectFrom('channel_events')
    .selectAll()
    .where('definition_id', '=', idKey(armId('definition', request.params)))
    .where('channel', '=', channelName(param(request, 'channel')));
  if (start !== undefined && /^\d{1,15}$/.test(start)) query = query.where('id', '<', Number(start));
  const rows = await query
    .orderBy('id', 'desc')
    .limit(pageSize + 1)
    .execute();
  const page = rows.slice(0, pageSize);
  const next = rows.length > pageSize ? String(page.at(-1)?.id) : undefined;
  return pageReply(
    request,
    apiPath(`${apiPaths.channel}/history`, request.params),
    page.map(eventBody),
    next,
  );
}

function channelBody(row: ChannelRow): Body {
  return {
    name: row.name,
    version: row.version_id?.split('/').at(-1) ?? null,
    frozen: row.frozen,
    policy: row.policy,
    changedAt: row.changed_at.toISOString(),
  };
}

function eventBody({ action, version, previous, by, note, at }: EventRow): Body {
  return { action, version, previous, by, note, at: at.toISOString() };
}
