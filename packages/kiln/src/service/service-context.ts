import type { Kysely } from 'kysely';
import type { Action } from './access/actions.ts';
import type { Caller } from './access/caller.ts';
import type { Tables } from './database/tables.ts';

/** What every part of the service works with. */
export interface ServiceContext {
  readonly database: Kysely<Tables>;
  /** The store of this process; regions are stores of their own (regions/). */
  readonly home: string;
  /** Replaceable, so that tests can let it jump. */
  readonly now: () => Date;
  readonly log: ServiceLog;
  readonly access: Access;
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
}
