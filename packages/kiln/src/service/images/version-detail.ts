import { stat } from 'node:fs/promises';
import { isSystemError } from '../../base/errors.ts';
import { layerPath, storeLayout } from '../../store/home.ts';
import { readRecord } from '../../store/images.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';
import type { VersionRow } from '../gallery/latest.ts';
import { replicasOf } from '../gallery/version-rows.ts';

/** A version as lists of `/api/v1` have it. */
export function versionSummary(row: VersionRow) {
  return {
    id: row.arm_id,
    version: row.name,
    state: row.state,
    digest: row.digest === null ? null : `sha256:${row.digest}`,
    virtualSize: Number(row.virtual_size),
    bytes: Number(row.bytes),
    publishedAt: row.published_at?.toISOString() ?? null,
    endOfLife: row.end_of_life?.toISOString() ?? null,
    excludedFromLatest: row.excluded,
    runId: row.run_id,
    ...(row.deprecated_at && {
      deprecated: { at: row.deprecated_at.toISOString(), reason: row.deprecation, with: row.deprecated_with },
    }),
    ...(row.revoked_at && {
      revoked: { at: row.revoked_at.toISOString(), reason: row.revocation, with: row.revoked_with },
    }),
  };
}

/** One version with what is known of its bytes: layers, documents, regions, channels, what it was made from. */
export async function versionDetail({ context, bytes }: GalleryServices, row: VersionRow) {
  const { database } = context;
  const [replicas, channels, parents] = await Promise.all([
    replicasOf(database, row.id),
    database.selectFrom('channels').select('name').where('version_id', '=', row.id).orderBy('name').execute(),
    database.selectFrom('lineage').select('parent').where('child', '=', row.id).orderBy('parent').execute(),
  ]);
  return {
    ...versionSummary(row),
    ...(await contentOf(bytes.regions.homes(), row.digest)),
    regions: replicas.map(({ name, state, progress, details }) => ({
      ...{ name, state, progress, details },
      store: bytes.regions.regionOf(name),
    })),
    channels: channels.map(({ name }) => name),
    madeFrom: parents.map(({ parent }) => parent),
  };
}

async function contentOf(homes: readonly string[], digest: string | null) {
  if (digest === null) return {};
  for (const home of homes) {
    const layout = storeLayout(home);
    const record = await readRecord(layout, digest);
    if (!record) continue;
    return {
      layers: await Promise.all(
        record.layers.map(async (layer) => ({
          digest: `sha256:${layer}`,
          bytes: await sizeOf(layerPath(layout, layer)),
        })),
      ),
      documents: (record.attachments ?? []).map(({ kind, digest: sha256, size }) => ({
        ...{ kind, size, digest: `sha256:${sha256}` },
      })),
      firmware: record.firmware,
      made: record.provenance.made,
    };
  }
  return {};
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}
