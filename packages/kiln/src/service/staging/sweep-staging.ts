import { readlink, rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Kysely, Selectable } from 'kysely';
import { isSystemError, KilnError, messageOf } from '../../base/errors.ts';
import { exists } from '../../base/files.ts';
import { removeTree } from '../../base/user-namespace.ts';
import { reapDeadRuns } from '../../store/run.ts';
import { openStore } from '../../store/store.ts';
import type { Tables } from '../database/tables.ts';
import type { StagingGroupRow } from '../runs/run-tables.ts';
import type { ServiceLog } from '../service-context.ts';
import { hostName, killHostGroup } from '../workers/host-process.ts';

/**
 * Removes staging groups whose lease is over: their runs ended, were put back, or are no more. Groups of other hosts
 * are left to those, as long as they have a worker that lives. Gives how many were removed.
 */
export async function sweepStaging(database: Kysely<Tables>, log: ServiceLog): Promise<number> {
  let removed = 0;
  for (const group of await groupsPastLease(database)) {
    if (!(await isOurs(database, group))) continue;
    try {
      await removeStagingGroup(database, group);
      removed++;
    } catch (error) {
      // The next turn tries again; it stays visible until then.
      log.warn({ group: group.name, error: messageOf(error) }, 'a staging group could not be removed');
    }
  }
  return removed;
}

function groupsPastLease(database: Kysely<Tables>): Promise<Selectable<StagingGroupRow>[]> {
  return database
    .selectFrom('staging_groups as one')
    .selectAll('one')
    .where('one.state', '=', 'leased')
    .where(({ not, exists: there, selectFrom }) =>
      not(
        there(
          selectFrom('runs')
            .select('runs.id')
            .whereRef('runs.id', '=', 'one.run_id')
            .whereRef('runs.fence', '=', 'one.fence')
            .where('runs.ended_at', 'is', null)
            .where('runs.worker_id', 'is not', null),
        ),
      ),
    )
    .execute();
}

async function isOurs(database: Kysely<Tables>, group: Selectable<StagingGroupRow>): Promise<boolean> {
  if (group.host === hostName()) return true;
  const other = await database
    .selectFrom('workers')
    .select('id')
    .where('host', '=', group.host)
    .where('state', '=', 'alive')
    .executeTakeFirst();
  // In a folder that hosts share, anyone may; a host that is gone with its disk cannot be helped from here.
  return !other && (await exists(group.folder));
}

/** Ends what still runs for a group, and removes all of it. May be asked for the same again. */
export async function removeStagingGroup(
  database: Kysely<Tables>,
  group: Selectable<StagingGroupRow>,
): Promise<void> {
  for (const process of group.processes.split(' ')) if (process !== '') killHostGroup(process);
  await removeKept(group);
  await removeTree(group.folder);
  if (await exists(group.build_home)) {
    const store = openStore(group.build_home);
    for (const image of group.images.split(' ')) {
      try {
        await store.removeImage(`${image}:latest`);
      } catch (error) {
        if (!(error instanceof KilnError && (error.code === 'not-found' || error.code === 'locked')))
          throw error;
        if (error.code === 'locked') await store.untag(`${image}:latest`);
      }
    }
    // What the killed build was working on lies in its store.
    if (group.processes !== '') await reapDeadRuns(group.build_home);
  }
  await database.deleteFrom('staging_groups').where('name', '=', group.name).execute();
}

/** Disks that a build has left stand beside its store; nothing else is ever removed by a link. */
async function removeKept({ folder, build_home }: Selectable<StagingGroupRow>): Promise<void> {
  let target: string;
  try {
    target = resolve(await readlink(join(folder, 'kept')));
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EINVAL', 'ENOTDIR')) return;
    throw error;
  }
  if (target.startsWith(`${join(build_home, 'kept')}${sep}`))
    await rm(target, { recursive: true, force: true });
}
