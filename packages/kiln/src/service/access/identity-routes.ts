import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { json } from '../database/columns.ts';
import type { Tables } from '../database/tables.ts';
import type { Route, RouteRequest } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { BodyReader } from './body-reader.ts';

const folder =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities';

/** Versions of Microsoft.ManagedIdentity that clients ask for. */
const identityVersions = [
  '2018-11-30',
  '2021-09-30-preview',
  '2022-01-31-preview',
  '2023-01-31',
  '2024-11-30',
];

/** Managed identities: who builds are, and whom they are given roles as. */
export function identityRoutes({ database, now }: ServiceContext): readonly Route[] {
  const idOf = ({ params }: RouteRequest) =>
    `${folder}/${params['identity'] ?? ''}`.replaceAll(
      /\{(\w+)\}/g,
      (_whole, name: string) => params[name] ?? '',
    );
  const find = (request: RouteRequest) =>
    database
      .selectFrom('principals')
      .selectAll()
      .where('arm_key', '=', idOf(request).toLowerCase())
      .executeTakeFirst();
  return [
    {
      method: 'GET',
      path: folder,
      action: 'identities/read',
      apiVersions: identityVersions,
      summary: 'Managed identities of a resource group',
      handle: async (request) => {
        const start = idOf(request).toLowerCase();
        const rows = await database
          .selectFrom('principals')
          .selectAll()
          .where('arm_key', '>', start)
          // The character behind the slash with which the ids of identities go on.
          .where('arm_key', '<', `${start.slice(0, -1)}0`)
          .orderBy('arm_key')
          .limit(1000)
          .execute();
        return { status: 200, body: { value: rows.map(identityBody) } };
      },
    },
    {
      method: 'GET',
      path: `${folder}/{identity}`,
      action: 'identities/read',
      apiVersions: identityVersions,
      summary: 'A managed identity',
      handle: async (request) => {
        const row = await find(request);
        if (row) return { status: 200, body: identityBody(row) };
        throw new ServiceError(
          404,
          'ResourceNotFound',
          `there is no managed identity ${request.params['identity']} in the resource group ${request.params['group']}`,
        );
      },
    },
    {
      method: 'PUT',
      path: `${folder}/{identity}`,
      action: 'identities/write',
      apiVersions: identityVersions,
      summary: 'Makes a managed identity, or changes its tags',
      handle: async (request) => {
        const name = request.params['identity'] ?? '';
        if (!/^[A-Za-z0-9][\w-]{2,127}$/.test(name)) {
          throw new ServiceError(
            400,
            'ValidationFailed',
            `"${name}" is no name of an identity: 3 to 128 letters, digits, "-" and "_"`,
          );
        }
        const location = new BodyReader(request.body).text('location');
        const tags = readTags(request.body);
        const before = await find(request);
        const armId = idOf(request);
        const row = await database
          .insertInto('principals')
          .values({
            id: randomUUID(),
            kind: 'managed-identity',
            name,
            arm_id: armId,
            arm_key: armId.toLowerCase(),
            client_id: randomUUID(),
            location: location.replaceAll(' ', '').toLowerCase(),
            tags: json(tags),
            subject: null,
            created_at: now(),
            disabled_at: null,
          })
          .onConflict((conflict) => conflict.column('arm_key').doUpdateSet({ tags: json(tags) }))
          .returningAll()
          .executeTakeFirstOrThrow();
        return { status: before ? 200 : 201, body: identityBody(row) };
      },
    },
    {
      method: 'DELETE',
      path: `${folder}/{identity}`,
      action: 'identities/delete',
      apiVersions: identityVersions,
      summary: 'Removes a managed identity with its roles',
      handle: async (request) => {
        const row = await find(request);
        if (!row) return { status: 204 };
        // Its roles and tokens go with it: one that is made by its name later is another.
        await database.deleteFrom('principals').where('id', '=', row.id).execute();
        return { status: 200 };
      },
    },
  ];
}

function readTags(body: unknown): Readonly<Record<string, string>> {
  const tags = (body as { tags?: unknown }).tags ?? {};
  const isFit =
    typeof tags === 'object' &&
    tags !== null &&
    !Array.isArray(tags) &&
    Object.values(tags).every((value) => typeof value === 'string');
  if (isFit) return tags as Record<string, string>;
  throw new ServiceError(400, 'ValidationFailed', '"tags" must be texts by name', { target: 'tags' });
}

function identityBody(row: Selectable<Tables['principals']>): Record<string, unknown> {
  return {
    id: row.arm_id,
    name: row.name,
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    location: row.location,
    tags: row.tags ?? {},
    properties: {
      tenantId: '00000000-0000-0000-0000-000000000000',
      principalId: row.id,
      clientId: row.client_id,
    },
  };
}
