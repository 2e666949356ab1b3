import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import { KilnError, messageOf } from '../../base/errors.ts';
import { acquireLock } from '../../base/locks.ts';
import { startEmbedded } from './embedded-engine.ts';
import { EmbeddedPool } from './embedded-pool.ts';
import { migrate } from './migrate.ts';
import type { Tables } from './tables.ts';

/** Where the service's tables are. */
export type DatabasePlace =
  /** A Postgres of its own inside of this process, with its files in the folder; one process at a time. */
  | { readonly kind: 'embedded'; readonly folder: string }
  /** The same without files, for tests. */
  | { readonly kind: 'memory' }
  /** A server that any number of processes share: `postgres://user:password@host/name`. */
  | { readonly kind: 'postgres'; readonly url: string };

export interface OpenDatabase {
  readonly kysely: Kysely<Tables>;
  readonly kind: DatabasePlace['kind'];
  /** SQL with `$1`, for engines such as pg-boss that bring their own. */
  executeSql(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  close(): Promise<void>;
}

/**
 * Opens a database and brings its schema up to date.
 * @throws KilnError `database-failed` when it cannot be reached or read, `locked` when another process has the folder
 */
export async function openDatabase(place: DatabasePlace): Promise<OpenDatabase> {
  const lock =
    place.kind === 'embedded'
      ? await acquireLock(`${place.folder}.lock`, { what: `the database in ${place.folder}` })
      : undefined;
  const closeAll = async (kysely?: Kysely<Tables>) => {
    try {
      await kysely?.destroy();
    } finally {
      await lock?.release();
    }
  };
  let kysely: Kysely<Tables> | undefined;
  try {
    const pool = await poolOf(place);
    kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    await migrate(kysely);
    const open = kysely;
    return {
      kysely: open,
      kind: place.kind,
      executeSql: async (text, values = []) => {
        const client = await pool.connect();
        try {
          const { rows } = await client.query<Record<string, unknown>>(text, values);
          return { rows };
        } finally {
          client.release();
        }
      },
      close: () => closeAll(open),
    };
  } catch (error) {
    await closeAll(kysely);
    if (error instanceof KilnError) throw error;
    throw new KilnError('database-failed', `the database cannot be opened: ${messageOf(error)}`, {
      cause: error,
      hint:
        place.kind === 'postgres'
          ? 'look whether the server runs and takes the name and password of the address'
          : 'look whether its folder can be written',
    });
  }
}

/** The folder of the embedded database of a home. */
export function embeddedPlace(home: string): DatabasePlace {
  return { kind: 'embedded', folder: join(home, 'service', 'database') };
}

async function poolOf(place: DatabasePlace): Promise<PostgresPool> {
  if (place.kind === 'postgres') {
    const { default: pg } = await import('pg');
    const pool = new pg.Pool({
      connectionString: place.url,
      max: 12,
      connectionTimeoutMillis: 10_000,
      types: { getTypeParser: (oid, format) => (oid === 20 ? Number : pg.types.getTypeParser(oid, format)) },
    });
    // A connection that breaks while nobody uses it is replaced; without a listener it would end the process.
    pool.on('error', () => {});
    // So does one that breaks in somebody's hands, between two queries; the next query says so.
    pool.on('connect', (client) => client.on('error', () => {}));
    // Asked once by itself: Kysely would say less about what is wrong.
    const client = await pool.connect();
    client.release();
    return pool as PostgresPool;
  }
  if (place.kind === 'embedded') await mkdir(place.folder, { recursive: true, mode: 0o700 });
  return new EmbeddedPool(await startEmbedded(place.kind === 'embedded' ? place.folder : undefined));
}
