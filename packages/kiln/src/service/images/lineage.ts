import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { parentKey } from '../gallery/version-rows.ts';

/** Something in the descent of images: a version, a managed image, a digest, or the name of a distribution. */
export interface LineageNode {
  /** ARM id in lower case, `sha256:…`, or a name. */
  readonly id: string;
  /** ARM id as it was written; undefined for what is no image of this service, or is none any more. */
  readonly armId?: string;
  readonly digest?: string;
  readonly runId?: string;
  /** Steps away from what was asked for: 1 for parents and children. */
  readonly depth: number;
}

/** Deeper than images are ever built on each other. */
const deepest = 50;
/** Of ids in one question to the database. */
const batch = 1000;

/** Everything that was made from something, the nearest first. */
export function descendants(database: Kysely<Tables>, of: string): Promise<readonly LineageNode[]> {
  return walk(database, of, async (keys) => {
    const rows = await database.selectFrom('lineage').select('child').where('parent', 'in', keys).execute();
    return rows.map(({ child }) => child);
  });
}

/** Everything that something was made from, the nearest first. */
export function ancestors(database: Kysely<Tables>, of: string): Promise<readonly LineageNode[]> {
  return walk(database, of, async (keys) => {
    const rows = await database.selectFrom('lineage').select('parent').where('child', 'in', keys).execute();
    return rows.map(({ parent }) => parent);
  });
}

async function walk(
  database: Kysely<Tables>,
  of: string,
  next: (keys: readonly string[]) => Promise<readonly string[]>,
): Promise<readonly LineageNode[]> {
  const start = parentKey(of);
  const seen = new Set([start]);
  const found: LineageNode[] = [];
  let [first] = await describe(database, [start], 0);
  let frontier: readonly LineageNode[] = [first ?? { id: start, depth: 0 }];
  first = undefined;
  for (let depth = 1; depth <= deepest && frontier.length > 0; depth++) {
    // What was made of the same bytes was made of this.
    const keys = frontier.flatMap(({ id, digest }) => (digest === undefined ? [id] : [id, digest]));
    const ids = new Set<string>();
    for (let at = 0; at < keys.length; at += batch)
      for (const id of await next(keys.slice(at, at + batch))) if (!seen.has(id)) ids.add(id);
    for (const id of ids) seen.add(id);
    frontier = await describe(database, [...ids], depth);
    found.push(...frontier);
  }
  return found;
}

/** What the database knows of ids. */
async function describe(
  database: Kysely<Tables>,
  ids: readonly string[],
  depth: number,
): Promise<LineageNode[]> {
  const known = new Map<string, LineageNode>();
  for (let at = 0; at < ids.length; at += batch) {
    for (const table of ['image_versions', 'managed_images'] as const) {
      const rows = await database
        .selectFrom(table)
        .select(['id', 'arm_id', 'digest', 'run_id'])
        .where('id', 'in', ids.slice(at, at + batch))
        .execute();
      for (const { id, arm_id, digest, run_id } of rows) {
        known.set(id, {
          ...{ id, depth, armId: arm_id },
          ...(digest !== null && { digest: `sha256:${digest}` }),
          ...(run_id !== null && { runId: run_id }),
        });
      }
    }
  }
  return ids.map((id) => known.get(id) ?? { id, depth, ...(id.startsWith('sha256:') && { digest: id }) });
}
