import { json } from '../database/columns.ts';
import type { Route } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';

const ofGroup = /^\/subscriptions\/\{subscription\}\/resourceGroups\/\{(\w+)\}\/providers\//i;

/**
 * Routes that make something in a resource group make the group, too, where there is none: here a group is a name and
 * a scope for roles, and nothing that has to be set up.
 */
export function withGroups(context: ServiceContext, routes: readonly Route[]): readonly Route[] {
  return routes.map((route) => {
    const parameter = route.method === 'PUT' ? ofGroup.exec(route.path)?.[1] : undefined;
    if (parameter === undefined) return route;
    return {
      ...route,
      handle: async (request) => {
        const reply = await route.handle(request);
        if (reply.status < 300) {
          const { [parameter]: name = '', subscription = '' } = request.params;
          const location = (request.body as { location?: unknown } | null | undefined)?.location;
          await ensureGroup(context, subscription, name, typeof location === 'string' ? location : 'local');
        }
        return reply;
      },
    };
  });
}

async function ensureGroup(
  { database, now }: ServiceContext,
  subscription: string,
  name: string,
  location: string,
): Promise<void> {
  const armId = `/subscriptions/${subscription}/resourceGroups/${name}`;
  await database
    .insertInto('resource_groups')
    .values({
      id: armId.toLowerCase(),
      arm_id: armId,
      name,
      location: location.replaceAll(' ', '').toLowerCase(),
      tags: json({}),
      created_at: now(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
