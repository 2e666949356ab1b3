import { join } from 'node:path';
import { sql } from 'kysely';
import { bytesOnDisk, listFolder } from '../../store/folders.ts';
import { storeLayout } from '../../store/home.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';

/** How much of what there is. Bytes of galleries count an image once for each version; those of regions are on disks. */
export async function usage({ context, bytes }: GalleryServices) {
  const { database } = context;
  const galleries = await database
    .selectFrom('galleries')
    .leftJoin('image_definitions', 'image_definitions.gallery_id', 'galleries.id')
    .leftJoin('image_versions', 'image_versions.definition_id', 'image_definitions.id')
    .select([
      'galleries.arm_id',
      sql<string>`count(distinct image_definitions.id)`.as('images'),
      sql<string>`count(image_versions.id)`.as('versions'),
      sql<string>`coalesce(sum(image_versions.bytes), 0)`.as('bytes'),
    ])
    .groupBy(['galleries.id', 'galleries.arm_id'])
    .orderBy('galleries.id')
    .execute();
  const replicas = await database
    .selectFrom('version_replicas')
    .select(['region', sql<string>`count(*)`.as('versions')])
    .where('state', '=', 'Completed')
    .groupBy('region')
    .execute();
  const boxes = await database
    .selectFrom('box_files')
    .select([sql<string>`count(*)`.as('files'), sql<string>`coalesce(sum(bytes), 0)`.as('bytes')])
    .executeTakeFirstOrThrow();
  const managed = await database
    .selectFrom('managed_images')
    .select(sql<string>`count(*)`.as('images'))
    .executeTakeFirstOrThrow();
  return {
    galleries: galleries.map(({ arm_id, images, versions, bytes: size }) => ({
      id: arm_id,
      images: Number(images),
      versions: Number(versions),
      bytes: Number(size),
    })),
    managedImages: Number(managed.images),
    regions: await Promise.all(
      bytes.regions.names().map(async (name) => ({
        name,
        versions: replicas
          .filter(({ region }) => bytes.regions.regionOf(region) === name)
          .reduce((sum, { versions }) => sum + Number(versions), 0),
        bytes: await bytesOfStore(bytes.regions.homeOf(name)),
      })),
    ),
    boxes: { files: Number(boxes.files), bytes: Number(boxes.bytes) },
  };
}

async function bytesOfStore(home: string): Promise<number> {
  const { layers } = storeLayout(home);
  let sum = 0;
  for (const name of await listFolder(layers)) sum += await bytesOnDisk(join(layers, name));
  return sum;
}
