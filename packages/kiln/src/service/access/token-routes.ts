import type { Route } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { BodyReader, checkScope } from './body-reader.ts';
import type { Caller } from './caller.ts';
import { isWithin } from './scopes.ts';
import { createToken } from './tokens.ts';

const day = 24 * 3600 * 1000;

/** Tokens of oneself; those of others for who may change who may do what. */
export function tokenRoutes(context: ServiceContext): readonly Route[] {
  const { database, access, now } = context;
  return [
    {
      method: 'GET',
      path: '/api/v1/tokens',
      action: 'signed-in',
      summary: 'Own tokens; with principalId those of somebody else. Never what they are, only what they may',
      handle: async ({ caller, query }) => {
        const principalId = query['principalId'] ?? caller.id;
        if (principalId !== caller.id) await access.demand(caller, 'access/read', '/');
        const rows = await database
          .selectFrom('tokens')
          .selectAll()
          .where('principal_id', '=', principalId)
          .where('revoked_at', 'is', null)
          .orderBy('created_at')
          .execute();
        return {
          status: 200,
          body: {
            value: rows.map((row) => ({
              id: row.id,
              name: row.name,
              principalId: row.principal_id,
              ...(row.actions && { actions: row.actions }),
              ...(row.scope !== null && { scope: row.scope }),
              createdAt: row.created_at,
              expiresAt: row.expires_at,
              ...(row.last_used_at && { lastUsedAt: row.last_used_at }),
              expired: row.expires_at <= now(),
            })),
          },
        };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/tokens',
      action: 'signed-in',
      summary:
        'Makes a token: {name, days, actions, scope, principalId}. The reply has it, and nothing else ever does',
      handle: async ({ caller, body }) => {
        const reader = new BodyReader(body);
        reader.only('name', 'days', 'actions', 'scope', 'principalId');
        const principalId = reader.optionalText('principalId') ?? caller.id;
        if (principalId !== caller.id) {
          // A token of somebody else is a way to be somebody else.
          await access.demand(caller, 'access/write', '/');
          if (!(await access.principal(principalId))) {
            throw new ServiceError(404, 'ResourceNotFound', `there is no principal ${principalId}`);
          }
        }
        const days = reader.optionalNumber('days') ?? 90;
        if (days <= 0 || days > 366) {
          throw new ServiceError(400, 'ValidationFailed', '"days" must be above 0, and 366 at most', {
            target: 'days',
          });
        }
        const actions = reader.optionalActions('actions');
        const scope = reader.optionalText('scope', { most: 1024 });
        if (scope !== undefined) checkScope(scope, 'scope');
        const limits = narrowed(caller, principalId, { actions, scope });
        const expiresAt = new Date(now().getTime() + days * day);
        const { id, secret } = await createToken(database, {
          principalId,
          name: reader.text('name'),
          createdBy: caller.id,
          createdAt: now(),
          expiresAt,
          ...limits,
        });
        return { status: 201, body: { id, token: secret, expiresAt } };
      },
    },
    {
      method: 'DELETE',
      path: '/api/v1/tokens/{token}',
      action: 'signed-in',
      summary: 'Revokes a token, at once',
      handle: async ({ caller, params }) => {
        const row = await database
          .selectFrom('tokens')
          .select(['id', 'principal_id'])
          .where('id', '=', params['token'] ?? '')
          .where('revoked_at', 'is', null)
          .executeTakeFirst();
        if (!row || (row.principal_id !== caller.id && !(await access.may(caller, 'access/write', '/')))) {
          return { status: 204 };
        }
        await database.updateTable('tokens').set({ revoked_at: now() }).where('id', '=', row.id).execute();
        return { status: 200 };
      },
    },
  ];
}

type Limits = NonNullable<Caller['limits']>;

/** A token made with a limited token is not wider than that one. @throws ServiceError 403 */
function narrowed(
  caller: Caller,
  principalId: string,
  wanted: { readonly actions: Limits['actions'] | undefined; readonly scope: string | undefined },
): Limits {
  const own = caller.limits;
  const actions = wanted.actions ?? own?.actions;
  const scope = wanted.scope ?? own?.scope;
  const isWider =
    (own?.actions && actions?.some((action) => !own.actions!.includes(action))) ||
    (own?.scope !== undefined && scope !== undefined && !isWithin(scope, own.scope)) ||
    (own && principalId !== caller.id);
  if (isWider) {
    throw new ServiceError(
      403,
      'AuthorizationFailed',
      'a token that is limited cannot make one that may more, or one of somebody else',
    );
  }
  return { ...(actions && { actions }), ...(scope !== undefined && { scope }) };
}
