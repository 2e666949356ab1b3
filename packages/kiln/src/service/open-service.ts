import { randomUUID } from 'node:crypto';
import { writeAudit } from './access/audit.ts';
import { openAuthentication } from './access/authenticate.ts';
import type { IssuerSettings } from './access/oidc-issuer.ts';
import { openAccess } from './access/open-access.ts';
import type { DatabasePlace, OpenDatabase } from './database/open-database.ts';
import { openDatabase } from './database/open-database.ts';
import { Operations } from './http/operations.ts';
import type { Route } from './http/route.ts';
import { type ServedRoutes, serveRoutes } from './http/serve-routes.ts';
import { type PartsOptions, serviceParts } from './parts.ts';
import type { ServiceContext, ServiceLog } from './service-context.ts';

export interface ServiceOptions extends PartsOptions {
  readonly home: string;
  readonly database: DatabasePlace;
  readonly log: ServiceLog;
  readonly now?: () => Date;
  /** An issuer whose tokens are taken, too. */
  readonly oidc?: IssuerSettings;
}

/** A service that is open: its tables and parts, with or without HTTP. */
export interface OpenService {
  readonly context: ServiceContext;
  readonly database: OpenDatabase;
  readonly routes: readonly Route[];
  serve(how: ServeHow): Promise<ServedRoutes>;
  /** Ends what goes on and closes the database. */
  close(): Promise<void>;
}

export interface ServeHow {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** @throws KilnError `database-failed`, `locked` */
export async function openService(options: ServiceOptions): Promise<OpenService> {
  const { home, log, now = () => new Date() } = options;
  const database = await openDatabase(options.database);
  const { kysely } = database;
  const context: ServiceContext = {
    database: kysely,
    home,
    now,
    log,
    access: openAccess(kysely),
    operations: new Operations(kysely, now),
    instance: randomUUID(),
  };
  const parts = serviceParts(context, options);
  await parts.start();
  const served: ServedRoutes[] = [];
  return {
    context,
    database,
    routes: parts.routes,
    serve: async (how) => {
      const one = await serveRoutes({
        ...how,
        context,
        routes: parts.routes,
        authenticate: openAuthentication(kysely, now, options.oidc),
        audit: (entry) => writeAudit(kysely, entry, now()),
      });
      served.push(one);
      return one;
    },
    close: async () => {
      try {
        await Promise.all(served.map((one) => one.close()));
        await parts.stop();
      } finally {
        await database.close();
      }
    },
  };
}
