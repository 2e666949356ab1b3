import type { Route } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';
import { identityRoutes } from './identity-routes.ts';
import { roleRoutes } from './role-routes.ts';
import { tokenRoutes } from './token-routes.ts';

/** The most entries of the audit log that a reply has. */
const mostEntries = 1000;

/** Who may do what, and who did. */
export function routesOfAccess(context: ServiceContext): readonly Route[] {
  const { database, access } = context;
  return [
    {
      method: 'GET',
      path: '/api/v1/me',
      action: 'signed-in',
      summary: 'Who asks, with roles and the limits of the token',
      handle: async ({ caller }) => {
        const roles = await database
          .selectFrom('role_assignments')
          .select(['role', 'scope'])
          .where('principal_id', '=', caller.id)
          .orderBy('scope')
          .execute();
        return { status: 200, body: { ...caller, roles } };
      },
    },
    ...tokenRoutes(context),
    ...roleRoutes(context),
    ...identityRoutes(context),
    {
      method: 'GET',
      path: '/api/v1/audit',
      action: 'audit/read',
      summary: 'Who changed or tried what, the newest first; with before (an id), principalId and limit',
      handle: async ({ query }) => {
        const wanted = Number(query['limit'] ?? 100);
        const limit = Number.isSafeInteger(wanted) && wanted > 0 ? Math.min(wanted, mostEntries) : 100;
        let asked = database.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit);
        const before = Number(query['before']);
        if (Number.isSafeInteger(before)) asked = asked.where('id', '<', before);
        if (query['principalId'] !== undefined)
          asked = asked.where('principal_id', '=', query['principalId']);
        const rows = await asked.execute();
        return {
          status: 200,
          body: {
            value: rows.map((row) => ({
              id: row.id,
              at: row.at,
              ...(row.principal_id !== null && { principalId: row.principal_id, name: row.principal_name }),
              action: row.action,
              scope: row.scope,
              method: row.method,
              path: row.path,
              status: row.status,
              ...(row.code !== null && { code: row.code }),
              requestId: row.request_id,
            })),
          },
        };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/allowed',
      action: 'signed-in',
      summary: 'Whether the caller may do an action (query action) at a scope (query scope)',
      handle: async ({ caller, query }) => {
        const { actions } = await import('./actions.ts');
        const action = actions.find((one) => one === query['action']);
        const allowed = action !== undefined && (await access.may(caller, action, query['scope'] ?? '/'));
        return { status: 200, body: { allowed } };
      },
    },
  ];
}
