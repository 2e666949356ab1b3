import { setFlagsFromString } from 'node:v8';
import type { PGlite } from '@electric-sql/pglite';

/** Settings of the embedded Postgres, which has one connection and little room. */
const settings = {
  shared_buffers: '16MB',
  wal_buffers: '1MB',
  max_connections: '5',
  // What a transaction has written survives the host's end, too.
  fsync: 'on',
} as const;

/** Starts the embedded Postgres. @param folder of its files; undefined for one without files */
export async function startEmbedded(folder: string | undefined): Promise<PGlite> {
  const { PGlite: Engine } = await import('@electric-sql/pglite');
  // Machine code that is made faster and is smaller: compiling Postgres' second, better one takes 50 MB that stay.
  setFlagsFromString('--liftoff-only');
  return Engine.create({
    ...(folder !== undefined && { dataDir: folder }),
    startParams: [
      // PGlite's own turn writing through to the disk off.
      ...Engine.defaultStartParams.filter((word) => word !== '-F'),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
  });
}
