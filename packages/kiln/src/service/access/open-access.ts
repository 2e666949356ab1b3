import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { Access } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import type { Action } from './actions.ts';
import type { Caller } from './caller.ts';
import { type RoleName, roleAllows } from './roles.ts';
import { everything, isWithin, scopeKey } from './scopes.ts';

/** How long what was read of a caller's roles counts: a list asks for each of its members. In milliseconds. */
const rolesCount = 2000;

interface Assigned {
  readonly role: RoleName;
  readonly scope: string;
}

/** Decides by the roles in the database; a token's limits narrow what its owner may. */
export function openAccess(database: Kysely<Tables>): Access {
  // By the caller's object, which lives as long as a request does.
  const known = new WeakMap<Caller, { readonly at: number; readonly roles: Promise<readonly Assigned[]> }>();

  const rolesOf = (caller: Caller): Promise<readonly Assigned[]> => {
    const kept = known.get(caller);
    if (kept && performance.now() - kept.at < rolesCount) return kept.roles;
    const roles = database
      .selectFrom('role_assignments')
      .innerJoin('principals', 'principals.id', 'role_assignments.principal_id')
      .select(['role_assignments.role', 'role_assignments.scope'])
      .where('principals.id', '=', caller.id)
      .where('principals.disabled_at', 'is', null)
      .execute();
    known.set(caller, { at: performance.now(), roles });
    return roles;
  };

  const may: Access['may'] = async (caller, action, scope) => {
    const { limits } = caller;
    if (limits?.actions && !limits.actions.includes(action)) return false;
    if (limits?.scope !== undefined && !isWithin(scope, limits.scope)) return false;
    const roles = await rolesOf(caller);
    return roles.some((one) => roleAllows(one.role, action) && isWithin(scope, one.scope));
  };

  return {
    may,
    demand: async (caller, action, scope) => {
      if (await may(caller, action, scope)) return;
      throw forbidden(caller, action, scope);
    },
    scopes: async (caller, action) => {
      const { limits } = caller;
      if (limits?.actions && !limits.actions.includes(action)) return [];
      const roles = (await rolesOf(caller)).filter(({ role }) => roleAllows(role, action));
      const scopes = new Set<string>();
      for (const { scope } of roles) {
        if (limits?.scope === undefined || isWithin(scope, limits.scope)) scopes.add(scope);
        else if (isWithin(limits.scope, scope)) scopes.add(limits.scope);
      }
      return scopes.has(everything) ? [everything] : [...scopes];
    },
    identity: async (armId) => {
      const row = await database
        .selectFrom('principals')
        .select(['id', 'name', 'kind'])
        .where('arm_key', '=', scopeKey(armId))
        .where('disabled_at', 'is', null)
        .executeTakeFirst();
      return row;
    },
    principal: async (id) =>
      database
        .selectFrom('principals')
        .select(['id', 'name', 'kind'])
        .where('id', '=', id)
        .where('disabled_at', 'is', null)
        .executeTakeFirst(),
  };
}

function forbidden(caller: Caller, action: Action, scope: string): ServiceError {
  return new ServiceError(
    403,
    'AuthorizationFailed',
    `"${caller.name}" may not do ${action} at ${scope}; an owner can assign a role there, or above`,
  );
}
