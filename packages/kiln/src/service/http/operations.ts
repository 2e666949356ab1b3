import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { json } from '../database/columns.ts';
import type { Tables } from '../database/tables.ts';

/** How long operations that have ended can be read, in milliseconds. */
const keptFor = 7 * 24 * 3600 * 1000;

/** How something that takes long stands. */
export interface OperationState {
  readonly status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled';
  readonly endedAt?: Date;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface Operation extends OperationState {
  /** A GUID in lower case. */
  readonly id: string;
  readonly subscription: string;
  readonly location: string;
  readonly provider: Provider;
  readonly resourceId: string;
  readonly callerId: string;
  readonly startedAt: Date;
}

export type Provider = 'Microsoft.VirtualMachineImages' | 'Microsoft.Compute';

export interface BeginOperation {
  readonly resourceId: string;
  readonly location: string;
  readonly provider: Provider;
  readonly callerId: string;
  /** Given for what is done already. */
  readonly ended?: OperationState;
  /**
   * What knows how it stands: `{kind: 'run', id}`. An operation that follows something ends by itself, even when the
   * process that began it is gone; one that follows nothing must be ended by `end`.
   */
  readonly follows?: { readonly kind: string; readonly id: string };
}

/** Says how what operations of one kind follow stands; undefined when it is gone. */
export type Follower = (id: string) => Promise<OperationState | undefined>;

/**
 * The body of GET of what an operation worked on, for clients that ask for it where they polled. Undefined when it is
 * gone, as after DELETE.
 */
export type ResultReader = (resourceId: string, apiVersion: string) => Promise<unknown>;

/** The table of what takes long, for all parts. */
export class Operations {
  readonly #database: Kysely<Tables>;
  readonly #now: () => Date;
  readonly #followers = new Map<string, Follower>();
  readonly #readers = new Map<Provider, ResultReader>();

  constructor(database: Kysely<Tables>, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** Registers who knows how things of a kind stand: each part does so for its own kinds when it is made. */
  follow(kind: string, follower: Follower): void {
    this.#followers.set(kind, follower);
  }

  /** Registers who gives the results of a provider's operations. */
  readResults(provider: Provider, reader: ResultReader): void {
    this.#readers.set(provider, reader);
  }

  async result(operation: Operation, apiVersion: string): Promise<unknown> {
    return this.#readers.get(operation.provider)?.(operation.resourceId, apiVersion);
  }

  async begin(request: BeginOperation): Promise<Operation> {
    const { ended, follows } = request;
    const startedAt = this.#now();
    const state: OperationState = ended ? { endedAt: startedAt, ...ended } : { status: 'InProgress' };
    const operation: Operation = {
      id: randomUUID(),
      subscription: subscriptionOf(request.resourceId),
      location: request.location.replaceAll(' ', '').toLowerCase(),
      provider: request.provider,
      resourceId: request.resourceId.toLowerCase(),
      callerId: request.callerId,
      startedAt,
      ...state,
    };
    await this.#database
      .insertInto('operations')
      .values({
        id: operation.id,
        subscription: operation.subscription,
        location: operation.location,
        provider: operation.provider.toLowerCase(),
        resource_id: operation.resourceId,
        caller_id: operation.callerId,
        started_at: startedAt,
        ended_at: state.endedAt ?? null,
        status: state.status,
        error: state.error ? json(state.error) : null,
        follows_kind: follows?.kind ?? null,
        follows_id: follows?.id ?? null,
      })
      .execute();
    return operation;
  }

  /** Ends an operation; one that has ended stays as it is. */
  async end(id: string, state: OperationState): Promise<void> {
    await this.#database
      .updateTable('operations')
      .set({
        status: state.status,
        ended_at: state.endedAt ?? this.#now(),
        error: state.error ? json(state.error) : null,
      })
      .where('id', '=', id.toLowerCase())
      .where('ended_at', 'is', null)
      .execute();
  }

  async get(id: string): Promise<Operation | undefined> {
    const row = await this.#database
      .selectFrom('operations')
      .selectAll()
      .where('id', '=', id.toLowerCase())
      .executeTakeFirst();
    if (!row) return undefined;
    const operation: Operation = {
      id: row.id,
      subscription: row.subscription,
      location: row.location,
      provider: row.provider === 'microsoft.compute' ? 'Microsoft.Compute' : 'Microsoft.VirtualMachineImages',
      resourceId: row.resource_id,
      callerId: row.caller_id,
      startedAt: row.started_at,
      status: row.status,
      ...(row.ended_at && { endedAt: row.ended_at }),
      ...(row.error && { error: row.error }),
    };
    if (row.ended_at || row.follows_kind === null) return operation;
    const follower = this.#followers.get(row.follows_kind);
    if (!follower) return operation;
    const state: OperationState = (await follower(row.follows_id ?? '')) ?? {
      status: 'Canceled',
      error: { code: 'ResourceNotFound', message: 'what the operation worked on is gone' },
    };
    if (state.status === 'InProgress') return operation;
    const ended: OperationState = { endedAt: this.#now(), ...state };
    await this.end(row.id, ended);
    return { ...operation, ...ended };
  }

  /** Removes operations that ended long ago. */
  async prune(): Promise<void> {
    const before = new Date(this.#now().getTime() - keptFor);
    await this.#database.deleteFrom('operations').where('ended_at', '<', before).execute();
  }
}

function subscriptionOf(armId: string): string {
  return (/^\/subscriptions\/([^/]+)/i.exec(armId)?.[1] ?? '').toLowerCase();
}
