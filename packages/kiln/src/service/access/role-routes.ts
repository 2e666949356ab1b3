import type { Route } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { BodyReader, checkScope } from './body-reader.ts';
import { assignRole, createPrincipal } from './principals.ts';
import { isRole, roles } from './roles.ts';
import { everything, scopeKey } from './scopes.ts';

/** Users and services, and the roles they have. */
export function roleRoutes(context: ServiceContext): readonly Route[] {
  const { database, access, now } = context;
  return [
    {
      method: 'GET',
      path: '/api/v1/principals',
      action: 'access/read',
      summary: 'Everybody who may be given a role',
      handle: async () => {
        const rows = await database
          .selectFrom('principals')
          .selectAll()
          .orderBy('name')
          .limit(5000)
          .execute();
        return {
          status: 200,
          body: {
            value: rows.map((row) => ({
              id: row.id,
              kind: row.kind,
              name: row.name,
              ...(row.arm_id !== null && { armId: row.arm_id }),
              ...(row.subject !== null && { subject: row.subject }),
              createdAt: row.created_at,
              ...(row.disabled_at && { disabledAt: row.disabled_at }),
            })),
          },
        };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/principals',
      action: 'access/write',
      summary: 'Makes a user, application or worker: {name, kind}',
      handle: async ({ body }) => {
        const reader = new BodyReader(body);
        reader.only('name', 'kind');
        const kind = reader.optionalText('kind') ?? 'user';
        if (kind !== 'user' && kind !== 'application' && kind !== 'worker') {
          throw new ServiceError(400, 'ValidationFailed', '"kind" must be user, application or worker', {
            target: 'kind',
          });
        }
        const principal = await createPrincipal(database, { kind, name: reader.text('name') }, now());
        if (kind === 'worker') {
          const role = { principalId: principal.id, role: 'worker', scope: everything } as const;
          await assignRole(database, role, { callerId: principal.id, now: now() });
        }
        return { status: 201, body: principal };
      },
    },
    {
      method: 'DELETE',
      path: '/api/v1/principals/{principal}',
      action: 'access/write',
      summary: 'Disables a principal: it may do nothing any more, and its tokens are no good',
      handle: async ({ caller, params }) => {
        if (params['principal'] === caller.id) {
          throw new ServiceError(409, 'Conflict', 'nobody can disable themselves');
        }
        const row = await database
          .updateTable('principals')
          .set({ disabled_at: now() })
          .where('id', '=', params['principal'] ?? '')
          .where('disabled_at', 'is', null)
          .returning('id')
          .executeTakeFirst();
        return { status: row ? 200 : 204 };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/roles',
      action: 'signed-in',
      summary: 'Roles, and what each may do',
      handle: async () => ({
        status: 200,
        body: { value: Object.entries(roles).map(([name, actions]) => ({ name, actions })) },
      }),
    },
    {
      method: 'GET',
      path: '/api/v1/role-assignments',
      action: 'signed-in',
      summary: 'Roles that principals have at a scope (query scope) or anywhere',
      handle: async ({ caller, query }) => {
        const scope = query['scope'];
        await access.demand(caller, 'access/read', scope ?? everything);
        let asked = database
          .selectFrom('role_assignments')
          .innerJoin('principals', 'principals.id', 'role_assignments.principal_id')
          .selectAll('role_assignments')
          .select('principals.name')
          .orderBy('role_assignments.scope')
          .limit(5000);
        if (scope !== undefined) asked = asked.where('role_assignments.scope', '=', scopeKey(scope));
        const rows = await asked.execute();
        return {
          status: 200,
          body: {
            value: rows.map(({ id, principal_id, name, role, scope: at, created_at }) => ({
              id,
              principalId: principal_id,
              principalName: name,
              role,
              scope: at,
              createdAt: created_at,
            })),
          },
        };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/role-assignments',
      action: 'signed-in',
      summary: 'Gives a principal a role: {principalId, role, scope}',
      handle: async ({ caller, body }) => {
        const reader = new BodyReader(body);
        reader.only('principalId', 'role', 'scope');
        const [role, scope] = [
          reader.text('role'),
          checkScope(reader.text('scope', { most: 1024 }), 'scope'),
        ];
        await access.demand(caller, 'access/write', scope);
        if (!isRole(role) || role === 'worker') {
          throw new ServiceError(
            400,
            'ValidationFailed',
            `"role" must be one of ${Object.keys(roles)
              .filter((name) => name !== 'worker')
              .join(', ')}`,
            { target: 'role' },
          );
        }
        const principalId = reader.text('principalId');
        if (!(await access.principal(principalId))) {
          throw new ServiceError(404, 'ResourceNotFound', `there is no principal ${principalId}`);
        }
        const id = await assignRole(
          database,
          { principalId, role, scope },
          { callerId: caller.id, now: now() },
        );
        return { status: 201, body: { id, principalId, role, scope: scopeKey(scope) } };
      },
    },
    {
      method: 'DELETE',
      path: '/api/v1/role-assignments/{assignment}',
      action: 'signed-in',
      summary: 'Takes a role away',
      handle: async ({ caller, params }) => {
        const row = await database
          .selectFrom('role_assignments')
          .select(['id', 'scope', 'role', 'principal_id'])
          .where('id', '=', params['assignment'] ?? '')
          .executeTakeFirst();
        if (!row || !(await access.may(caller, 'access/write', row.scope))) return { status: 204 };
        if (row.principal_id === caller.id && row.role === 'owner' && row.scope === everything) {
          throw new ServiceError(
            409,
            'Conflict',
            'nobody can take their own role as owner of everything away',
          );
        }
        await database.deleteFrom('role_assignments').where('id', '=', row.id).execute();
        return { status: 200 };
      },
    },
  ];
}
