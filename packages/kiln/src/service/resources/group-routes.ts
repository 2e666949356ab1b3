import { type Selectable, sql } from 'kysely';
import { json } from '../database/columns.ts';
import type { Tables } from '../database/tables.ts';
import { pageReply, pageSize, pageStart } from '../gallery/pages.ts';
import type { Route, RouteRequest } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { resourceVersions } from './resource-versions.ts';

const groupsPath = '/subscriptions/{subscription}/resourceGroups';
const nameForm = /^[-\w.()]{0,89}[-\w()]$/;

/** Resource groups: names below which resources are, and scopes of roles. */
export function groupRoutes(context: ServiceContext): readonly Route[] {
  const { database, access, now } = context;
  const idOf = ({ params }: RouteRequest) =>
    `/subscriptions/${params['subscription']}/resourceGroups/${params['group']}`;
  const find = async (request: RouteRequest) => {
    const row = await database
      .selectFrom('resource_groups')
      .selectAll()
      .where('id', '=', idOf(request).toLowerCase())
      .executeTakeFirst();
    if (row) return row;
    throw new ServiceError(
      404,
      'ResourceGroupNotFound',
      `there is no resource group ${request.params['group']}`,
    );
  };
  return [
    {
      method: 'GET',
      path: groupsPath,
      action: 'signed-in',
      apiVersions: resourceVersions,
      summary: 'Resource groups of a subscription',
      handle: async (request) => {
        const start = pageStart(request);
        const path = `/subscriptions/${request.params['subscription']}/resourceGroups`;
        let asked = database
          .selectFrom('resource_groups')
          .selectAll()
          .where(sql<boolean>`starts_with(id, ${`${path.toLowerCase()}/`})`)
          .orderBy('id')
          .limit(pageSize + 1);
        if (start !== undefined) asked = asked.where('id', '>', start);
        const rows = await asked.execute();
        const page = rows.slice(0, pageSize);
        const value: unknown[] = [];
        for (const row of page) {
          if (await access.may(request.caller, 'groups/read', row.id)) value.push(groupBody(row));
        }
        return pageReply(request, path, value, rows.length > pageSize ? page.at(-1)?.id : undefined);
      },
    },
    {
      method: 'GET',
      path: `${groupsPath}/{group}`,
      action: 'groups/read',
      apiVersions: resourceVersions,
      summary: 'A resource group',
      handle: async (request) => ({ status: 200, body: groupBody(await find(request)) }),
    },
    {
      method: 'HEAD',
      path: `${groupsPath}/{group}`,
      action: 'groups/read',
      apiVersions: resourceVersions,
      summary: 'Whether there is a resource group',
      handle: async (request) => {
        await find(request);
        return { status: 204 };
      },
    },
    {
      method: 'PUT',
      path: `${groupsPath}/{group}`,
      action: 'groups/write',
      apiVersions: resourceVersions,
      summary: 'Makes a resource group, or changes its tags',
      handle: async (request) => {
        const name = request.params['group'] ?? '';
        if (!nameForm.test(name)) {
          throw new ServiceError(
            400,
            'InvalidResourceGroup',
            `"${name}" is no name of a resource group: up to 90 letters, digits, "-", "_", "(", ")" and "."`,
          );
        }
        const { location, tags } = readGroup(request.body);
        const armId = idOf(request);
        const isNew = await database
          .insertInto('resource_groups')
          .values({
            id: armId.toLowerCase(),
            arm_id: armId,
            name,
            location,
            tags: json(tags),
            created_at: now(),
          })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (isNew) return { status: 201, body: groupBody(isNew) };
        const row = await database
          .updateTable('resource_groups')
          .set({ tags: json(tags) })
          .where('id', '=', armId.toLowerCase())
          .returningAll()
          .executeTakeFirstOrThrow();
        return { status: 200, body: groupBody(row) };
      },
    },
    {
      method: 'DELETE',
      path: `${groupsPath}/{group}`,
      action: 'groups/delete',
      apiVersions: resourceVersions,
      summary: 'Removes a resource group that is empty',
      handle: async (request) => {
        const row = await find(request);
        const inside = await firstResource(context, row.id);
        if (inside !== undefined) {
          throw new ServiceError(
            409,
            'Conflict',
            `the resource group ${row.name} is not empty: delete what is in it first, such as ${inside}`,
          );
        }
        await database.deleteFrom('resource_groups').where('id', '=', row.id).execute();
        return { status: 200 };
      },
    },
  ];
}

/** Something that is in a group, or undefined. */
async function firstResource({ database }: ServiceContext, groupId: string): Promise<string | undefined> {
  const below = sql<boolean>`starts_with(id, ${`${groupId}/`})`;
  const ofIdentity = sql<boolean>`starts_with(arm_key, ${`${groupId}/`})`;
  const found =
    (await database.selectFrom('image_templates').select('arm_id').where(below).executeTakeFirst()) ??
    (await database.selectFrom('galleries').select('arm_id').where(below).executeTakeFirst()) ??
    (await database.selectFrom('managed_images').select('arm_id').where(below).executeTakeFirst()) ??
    (await database.selectFrom('principals').select('arm_id').where(ofIdentity).executeTakeFirst());
  return found?.arm_id ?? undefined;
}

function readGroup(body: unknown): { readonly location: string; readonly tags: Record<string, string> } {
  const { location, tags } = (body ?? {}) as { location?: unknown; tags?: unknown };
  if (typeof location !== 'string' || location === '') {
    throw new ServiceError(400, 'LocationRequired', 'a resource group needs a "location"', {
      target: 'location',
    });
  }
  const texts = Object.entries((tags ?? {}) as object).filter(([, value]) => typeof value === 'string');
  return {
    location: location.replaceAll(' ', '').toLowerCase(),
    tags: Object.fromEntries(texts) as Record<string, string>,
  };
}

function groupBody(row: Selectable<Tables['resource_groups']>): Record<string, unknown> {
  return {
    id: row.arm_id,
    name: row.name,
    type: 'Microsoft.Resources/resourceGroups',
    location: row.location,
    tags: row.tags,
    properties: { provisioningState: 'Succeeded' },
  };
}
