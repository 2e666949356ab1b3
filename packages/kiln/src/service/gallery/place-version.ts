import { messageOf } from '../../base/errors.ts';
import { removeVersion } from './delete-version.ts';
import type { GalleryServices } from './gallery-services.ts';
import type { VersionRow } from './latest.ts';
import { replicasOf } from './version-rows.ts';

/** How often progress is written, in milliseconds. */
const interval = 500;

/**
 * Brings a version's bytes to all regions that it shall be in, and settles its state. Doing it again goes on where it
 * ended. A region that fails does not keep the others from having it; the version has failed then.
 * @param from a store that has the bytes, when that is no region
 * @throws what the first region that failed said
 */
export async function placeVersion(
  services: GalleryServices,
  version: VersionRow,
  from?: string,
): Promise<void> {
  const { database, now } = services.context;
  const { digest } = version;
  if (digest === null) return;
  const replicas = await replicasOf(database, version.id);
  const failures: unknown[] = [];
  for (const replica of replicas) {
    if (replica.state === 'Completed') continue;
    const write = (change: {
      state?: 'Replicating' | 'Completed' | 'Failed';
      progress?: number;
      details?: string;
    }) =>
      database
        .updateTable('version_replicas')
        .set(change)
        .where('version_id', '=', version.id)
        .where('region', '=', replica.region)
        .execute();
    await write({ state: 'Replicating', details: '' });
    let written = Date.now();
    let writing = Promise.resolve();
    try {
      const { bytes, record } = await services.bytes.keep(digest, {
        pin: version.pin,
        location: replica.region,
        ...(from !== undefined && { from }),
        onProgress: (done, total) => {
          if (Date.now() - written < interval) return;
          written = Date.now();
          const progress = Math.min(99, Math.floor((done / Math.max(1, total)) * 100));
          writing = writing.then(async () => {
            await write({ progress });
            // Says that somebody is at work: others leave it alone.
            await touch(services, version.id);
          });
        },
      });
      await writing;
      await write({ state: 'Completed', progress: 100 });
      await database
        .updateTable('image_versions')
        .set({ bytes, virtual_size: record.virtualSize })
        .where('id', '=', version.id)
        .execute();
    } catch (error) {
      failures.push(error);
      await writing.catch(() => undefined);
      await write({ state: 'Failed', details: messageOf(error).slice(0, 1000) });
    }
  }
  const [failure] = failures;
  await database
    .updateTable('image_versions')
    .set({
      state: failures.length > 0 ? 'Failed' : 'Succeeded',
      failure: failures.length > 0 ? messageOf(failure).slice(0, 1000) : null,
      published_at: version.published_at ?? now(),
      changed_at: now(),
    })
    .where('id', '=', version.id)
    .where('state', '!=', 'Deleting')
    .execute();
  if (failures.length > 0) throw failure;
}

function touch({ context }: GalleryServices, id: string) {
  return context.database
    .updateTable('image_versions')
    .set({ changed_at: context.now() })
    .where('id', '=', id)
    .execute();
}

/** Work on a version that nobody has touched for this long was left by a service that died, in milliseconds. */
const abandoned = 120_000;

/** Takes up again what a service that died was doing with versions. */
export async function resumeVersions(services: GalleryServices): Promise<number> {
  const { database, now, log } = services.context;
  const before = new Date(now().getTime() - abandoned);
  const rows = await database
    .updateTable('image_versions')
    .set({ changed_at: now() })
    .where('state', 'in', ['Creating', 'Updating', 'Deleting'])
    .where('changed_at', '<', before)
    .returningAll()
    .execute();
  for (const row of rows) {
    const work = row.state === 'Deleting' ? removeVersion(services, row) : placeVersion(services, row);
    await work.catch((error: unknown) =>
      log.warn({ version: row.arm_id, reason: messageOf(error) }, 'work on a version failed'),
    );
  }
  return rows.length;
}
