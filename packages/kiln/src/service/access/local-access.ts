import { randomUUID } from 'node:crypto';
import { KilnError } from '../../base/errors.ts';
import { type DatabasePlace, openDatabase } from '../database/open-database.ts';
import { Operations } from '../http/operations.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { writeAudit } from './audit.ts';
import { firstOwner, makeFirstOwner } from './first-owner.ts';
import { openAccess } from './open-access.ts';
import { tokenRoutes } from './token-routes.ts';

export interface LocalReply {
  readonly status: number;
  readonly body: unknown;
  /** Of a refusal. */
  readonly message?: string;
}

/** The routes of tokens for whoever may read the service's files: they ask as its first owner, and are written down. */
export interface LocalAccess {
  ask(method: string, path: string, body?: unknown): Promise<LocalReply>;
  close(): Promise<void>;
}

/** @throws KilnError `database-failed`, `locked` while a service has the database */
export async function openLocalAccess(place: {
  readonly home: string;
  readonly database: DatabasePlace;
}): Promise<LocalAccess> {
  const database = await openDatabase(place.database);
  const now = () => new Date();
  const context: ServiceContext = {
    database: database.kysely,
    home: place.home,
    now,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    access: openAccess(database.kysely),
    operations: new Operations(database.kysely, now),
    instance: randomUUID(),
  };
  try {
    await makeFirstOwner(database.kysely, place.home, now());
    const caller = await firstOwner(database.kysely);
    if (!caller) {
      throw new KilnError('service-refused', 'the administrator of the service is disabled', {
        hint: 'ask the running service with --server and the token of another owner',
      });
    }
    const routes = tokenRoutes(context);
    return {
      ask: async (method, address, body) => {
        const { pathname, searchParams } = new URL(address, 'http://local');
        const requestId = randomUUID();
        for (const route of routes) {
          const pattern = new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
          const match = route.method === method ? pattern.exec(pathname) : null;
          if (!match) continue;
          const reply = await route
            .handle({
              caller,
              params: { ...match.groups },
              query: Object.fromEntries(searchParams),
              headers: {},
              body,
              requestId,
              clientRequestId: requestId,
              origin: '',
              signal: new AbortController().signal,
            })
            .catch((error: unknown) => {
              if (!(error instanceof ServiceError)) throw error;
              return { status: error.status, body: undefined, message: error.message };
            });
          if (method !== 'GET') {
            const { status } = reply;
            const entry = {
              caller,
              action: route.action,
              scope: '/',
              method,
              path: pathname,
              status,
              requestId,
            };
            await writeAudit(database.kysely, entry, now());
          }
          return { body: undefined, ...reply };
        }
        return { status: 404, body: undefined, message: `there is nothing at ${pathname}` };
      },
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
