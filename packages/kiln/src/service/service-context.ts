import type { Kysely } from 'kysely';
import type { Action } from './access/actions.ts';
import type { Caller } from './access/caller.ts';
import type { Tables } from './database/tables.ts';
import type { Operations } from './http/operations.ts';

/** What every part of the service works with. */
export interface ServiceContext {
  readonly database: Kysely<Tables>;
  /** The store of this process; regions are stores of their own (regions/). */
  readonly home: string;
  /** Replaceable, so that tests can let it jump. */
  readonly now: () => Date;
  readonly log: ServiceLog;
  readonly access: Access;
  readonly operations: Operations;
  /** Of this process, for leases and logs. */
  readonly instance: string;
}

export interface ServiceLog {
  info(fields: Readonly<Record<string, unknown>>, text: string): void;
  warn(fields: Readonly<Record<string, unknown>>, text: string): void;
  error(fields: Readonly<Record<string, unknown>>, text: string): void;
}

export interface Access {
  /** Whether a caller may do something with the resource of an ARM id, by roles there or above. */
  may(caller: Caller, action: Action, scope: string): Promise<boolean>;
  /** @throws ServiceError 403 AuthorizationFailed */
  demand(caller: Caller, action: Action, scope: string): Promise<void>;
  /** The caller that a user-assigned identity is: what a template's build may read and where it may publish. */
  identity(armId: string): Promise<Caller | undefined>;
  /** The caller that a principal is by its id, without the limits of any token: whose rights a template's build has. */
  principal(id: string): Promise<Caller | undefined>;
  /** Scopes at which a caller may do something, in lower case; `/` for everything. For conditions of lists. */
  scopes(caller: Caller, action: Action): Promise<readonly string[]>;
}
