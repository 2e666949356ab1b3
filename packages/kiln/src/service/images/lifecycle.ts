import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { readBody } from '../gallery/body/read-body.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';
import type { VersionRow } from '../gallery/latest.ts';
import type { RouteReply, RouteRequest } from '../http/route.ts';
import { descendants } from './lineage.ts';
import { namedVersion } from './named-version.ts';

const shape = {
  reason: { shape: { kind: 'text', longest: 1000 }, required: true },
  descendants: { shape: { kind: 'boolean' } },
} as const;

/**
 * Takes a version, and by default all that was made from it, out of use: it is neither resolved nor served, and channels
 * that mean it say so. What was revoked before stays as it is.
 */
export function revoke(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  return mark(services, request, 'revoked');
}

/** Says that a version, and by default all that was made from it, should not be used any more. It still can be. */
export function deprecate(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  return mark(services, request, 'deprecated');
}

async function mark(
  services: GalleryServices,
  request: RouteRequest,
  how: 'revoked' | 'deprecated',
): Promise<RouteReply> {
  const { context } = services;
  const body = readBody(request.body, shape);
  const reason = String(body['reason']);
  const version = await namedVersion(services, request);
  const now = context.now();
  const reached = await context.database.transaction().execute(async (transaction) => {
    const below = body['descendants'] === false ? [] : await versionsBelow(transaction, version);
    const set = (ids: readonly string[], why: string, cause: string | null) =>
      ids.length === 0
        ? Promise.resolve([])
        : transaction
            .updateTable('image_versions')
            .set(
              how === 'revoked'
                ? { revoked_at: now, revocation: why, revoked_with: cause }
                : { deprecated_at: now, deprecation: why, deprecated_with: cause },
            )
            .where('id', 'in', ids)
            .where(how === 'revoked' ? 'revoked_at' : 'deprecated_at', 'is', null)
            .returning('arm_id')
            .execute();
    const own = await set([version.id], reason, null);
    const inherited = await set(below, `${version.arm_id} is ${how}: ${reason}`, version.id);
    return [...own, ...inherited].map(({ arm_id }) => arm_id);
  });
  const channels = await context.database
    .selectFrom('channels')
    .innerJoin('image_versions', 'image_versions.id', 'channels.version_id')
    .select(['channels.name', 'channels.version_id', 'image_versions.arm_id'])
    .where('image_versions.arm_id', 'in', reached.length === 0 ? [''] : reached)
    .execute();
  context.log.info({ version: version.arm_id, reached: reached.length, by: request.caller.name }, how);
  return {
    status: 200,
    body: {
      [how]: reached,
      channels: channels.map(({ name, arm_id }) => ({ channel: name, version: arm_id })),
    },
  };
}

/** Takes back a revocation and a deprecation, and those that came to others by it. */
export async function restore(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context } = services;
  const version = await namedVersion(services, request);
  const restored = await context.database.transaction().execute(async (transaction) => {
    const revoked = await transaction
      .updateTable('image_versions')
      .set({ revoked_at: null, revocation: null, revoked_with: null })
      .where((where) => where.or([where('id', '=', version.id), where('revoked_with', '=', version.id)]))
      .where('revoked_at', 'is not', null)
      .returning('arm_id')
      .execute();
    const deprecated = await transaction
      .updateTable('image_versions')
      .set({ deprecated_at: null, deprecation: null, deprecated_with: null })
      .where((where) => where.or([where('id', '=', version.id), where('deprecated_with', '=', version.id)]))
      .where('deprecated_at', 'is not', null)
      .returning('arm_id')
      .execute();
    return [...new Set([...revoked, ...deprecated].map(({ arm_id }) => arm_id))];
  });
  return { status: 200, body: { restored } };
}

async function versionsBelow(database: Kysely<Tables>, version: VersionRow): Promise<readonly string[]> {
  return (await descendants(database, version.id)).map(({ id }) => id);
}
