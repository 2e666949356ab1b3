import { createHash, randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { ImageRecord } from '../../store/image-record.ts';
import { openStore } from '../../store/store.ts';
import type { Tables } from '../database/tables.ts';
import { ServiceError } from '../service-error.ts';
import type { GalleryServices } from './gallery-services.ts';
import { publishManagedImage } from './publish-managed-image.ts';
import { publishVersion } from './publish-version.ts';
import type { Published, PublishRequest } from './publishing.ts';

/** Bytes that are whole in every region that they shall be in, and kept there under a name. */
export interface KeptBytes {
  readonly record: ImageRecord;
  readonly bytes: number;
  readonly pin: string;
}

/** What one kind of target does. */
export interface PublishTarget {
  /** Where the bytes have to be. */
  readonly locations: readonly string[];
  /** Writes what is published. Everything that it says takes effect together, or not at all. */
  readonly write: (transaction: Kysely<Tables>, kept: KeptBytes) => Promise<Published & { release?: string }>;
}

/**
 * Publishes an image that a run has left. First the bytes are brought to all regions, under a name that only this
 * attempt uses; then one transaction looks whether the run is still held with this fence, and writes the version with
 * all its replicas. So nothing is ever seen that is half there, and who lost the run leaves nothing.
 * @throws ServiceError 403, 404, 409; KilnError `cancelled`, `disk-full`, `store-corrupt`
 */
export async function publish(services: GalleryServices, request: PublishRequest): Promise<Published> {
  const { context, bytes } = services;
  const { runId, runOutputName, fence, home, image, signal } = request;
  const before = await findPublication(context.database, runId, runOutputName);
  if (before) return before;
  await demandFence(context.database, runId, fence, false);
  const target = await targetOf(services, request);
  const { id: digest } = await openStore(home).getImage(image);
  const pin = pinOf(runId, runOutputName, fence);
  let done: { readonly published: Published; readonly release?: string } | undefined;
  try {
    let kept: KeptBytes | undefined;
    for (const location of new Set(target.locations)) {
      const { record, bytes: size } = await bytes.keep(digest, { from: home, pin, location, signal });
      kept = { record, bytes: size, pin };
    }
    if (!kept) throw new ServiceError(400, 'InvalidParameter', 'the target names no region');
    const whole = kept;
    done = await context.database.transaction().execute(async (transaction) => {
      await demandFence(transaction, runId, fence, true);
      const again = await findPublication(transaction, runId, runOutputName);
      if (again) return { published: again, release: pin };
      const { release, ...published } = await target.write(transaction, whole);
      await transaction
        .insertInto('publications')
        .values({
          run_id: runId,
          output: runOutputName,
          artifact_id: published.artifactId ?? null,
          artifact_uri: published.artifactUri ?? null,
          created_at: context.now(),
        })
        .execute();
      return { published, ...(release !== undefined && { release }) };
    });
  } finally {
    if (!done) await bytes.release(pin);
  }
  // Of an image that was replaced, or an attempt that came second.
  if (done.release !== undefined) await bytes.release(done.release);
  context.log.info(
    { run: runId, output: runOutputName, artifact: done.published.artifactId ?? done.published.artifactUri },
    'published',
  );
  return done.published;
}

async function targetOf(services: GalleryServices, request: PublishRequest): Promise<PublishTarget> {
  switch (request.target['type']) {
    case 'SharedImage':
      return publishVersion(services, request);
    case 'ManagedImage':
      return publishManagedImage(services, request);
    case 'VHD':
      return publishDisk(services, request);
    default:
      throw new ServiceError(
        400,
        'BadDistributeType',
        `a target cannot have the type "${String(request.target['type'])}"`,
      );
  }
}

/** A disk that is written as VHD when somebody asks for it. */
function publishDisk({ context, bytes }: GalleryServices, request: PublishRequest): PublishTarget {
  return {
    locations: [request.location],
    write: async (transaction, { record, pin }) => {
      const id = randomUUID();
      await transaction
        .insertInto('published_disks')
        .values({
          id,
          digest: record.id,
          pin,
          run_id: request.runId,
          region: bytes.regions.regionOf(request.location),
          created_at: context.now(),
        })
        .execute();
      return { artifactUri: `/api/v1/disks/${id}/${encodeURIComponent(request.runOutputName)}.vhd` };
    },
  };
}

async function findPublication(
  database: Kysely<Tables>,
  runId: string,
  output: string,
): Promise<Published | undefined> {
  const found = await database
    .selectFrom('publications')
    .select(['artifact_id', 'artifact_uri'])
    .where('run_id', '=', runId)
    .where('output', '=', output)
    .executeTakeFirst();
  if (!found) return undefined;
  return {
    ...(found.artifact_id !== null && { artifactId: found.artifact_id }),
    ...(found.artifact_uri !== null && { artifactUri: found.artifact_uri }),
  };
}

/** The lock on the run's row keeps everybody else from taking the run until the transaction has ended. */
async function demandFence(
  database: Kysely<Tables>,
  runId: string,
  fence: number,
  lock: boolean,
): Promise<void> {
  const query = database.selectFrom('runs').select(['fence', 'ended_at']).where('id', '=', runId);
  const run = await (lock ? query.forUpdate() : query).executeTakeFirst();
  if (run && Number(run.fence) === fence && run.ended_at === null) return;
  throw new ServiceError(
    409,
    'LeaseLost',
    `the run ${runId} is not held with the fence ${fence} any more; nothing is published for it`,
  );
}

function pinOf(runId: string, output: string, fence: number): string {
  const hash = createHash('sha256').update(JSON.stringify([runId, output, fence]));
  return `service/${hash.digest('hex').slice(0, 32)}:pin`;
}
