import type { Selectable } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { plainLocation } from '../regions/location.ts';
import { ServiceError } from '../service-error.ts';
import { idKey, parseManagedImageId, parseVersionId } from './arm-ids.ts';
import { notFound } from './arm-resource.ts';
import type { DefinitionRow } from './definitions.ts';
import type { GalleryServices } from './gallery-services.ts';
import type { ManagedImageTable } from './gallery-tables.ts';
import { type ImagePolicy, policyFault } from './image-policy.ts';
import { latestVersion, type VersionRow } from './latest.ts';

/** An image that a caller may use. */
export interface FoundImage {
  readonly digest: string;
  /** ARM id of exactly what it is. */
  readonly id: string;
  /** `1.2.3` of a version. */
  readonly version?: string;
  /** `Linux` or `Windows`, and the generation, where that is known. */
  readonly osType?: string;
  readonly generation?: string;
}

/**
 * The version of a gallery that an id means for a caller; `latest` is resolved.
 * @param location where the image is wanted: it must have a replica there
 * @throws ServiceError 403, 404, 409 for one that is revoked or not ready
 */
export async function findVersionFor(
  services: GalleryServices,
  caller: Caller,
  id: string,
  location: string | undefined,
): Promise<{ readonly version: VersionRow; readonly definition: DefinitionRow }> {
  const parsed = parseVersionId(id);
  if (!parsed) throw new ServiceError(400, 'InvalidParameter', `"${id}" is no id of an image version`);
  const definitionId = idKey(id).replace(/\/(?:image)?versions\/[^/]+$/, '');
  await services.context.access.demand(caller, 'images/read', definitionId);
  const { database } = services.context;
  const definition = await database
    .selectFrom('image_definitions')
    .selectAll()
    .where('id', '=', definitionId)
    .executeTakeFirst();
  if (!definition) throw notFound('image definition', parsed.definition);
  const asked = parsed.version ?? 'latest';
  if (asked.toLowerCase() === 'latest') {
    const policy = definition.policy as ImagePolicy;
    const version = await latestVersion(
      database,
      definition,
      location,
      async (one) => (await policyFault(services, policy, one)) === undefined,
    );
    return { version, definition };
  }
  const version = await database
    .selectFrom('image_versions')
    .selectAll()
    .where('id', '=', `${definitionId}/versions/${asked.toLowerCase()}`)
    .executeTakeFirst();
  if (!version) throw notFound('image version', `${definition.name}/${asked}`);
  demandUsable(version);
  if (location !== undefined) await demandReplica(services, version, location);
  return { version, definition };
}

/** @throws ServiceError 409 for a version that is revoked, or whose bytes are not there */
export function demandUsable(version: VersionRow): asserts version is VersionRow & { digest: string } {
  if (version.revoked_at) {
    throw new ServiceError(
      409,
      'ImageRevoked',
      `version ${version.name} is revoked: ${version.revocation ?? 'no reason was given'}`,
    );
  }
  if (version.digest !== null && version.state !== 'Creating' && version.state !== 'Failed') {
    if (version.state !== 'Deleting') return;
  }
  throw new ServiceError(409, 'Conflict', `version ${version.name} is not ready: it is ${version.state}`);
}

async function demandReplica(
  { context }: GalleryServices,
  version: VersionRow,
  location: string,
): Promise<void> {
  const replica = await context.database
    .selectFrom('version_replicas')
    .select('state')
    .where('version_id', '=', version.id)
    .where('region', '=', plainLocation(location))
    .executeTakeFirst();
  if (replica?.state === 'Completed') return;
  throw new ServiceError(
    404,
    'ImageNotFound',
    `version ${version.name} is not available in the region ${location}; ` +
      'add the region to its targetRegions, or ask for another region',
  );
}

/** What an ARM id of a managed image or version, or an upload's path, is. @throws ServiceError 400, 403, 404, 409 */
export async function findImage(
  services: GalleryServices,
  caller: Caller,
  id: string,
  location?: string,
): Promise<FoundImage> {
  if (parseVersionId(id)) {
    const { version, definition } = await findVersionFor(services, caller, id, location);
    demandUsable(version);
    return {
      digest: version.digest,
      id: version.arm_id,
      version: version.name,
      ...osOf(definition.properties),
    };
  }
  if (parseManagedImageId(id)) {
    const image = await findManagedImage(services, caller, id);
    const storage = image.properties['storageProfile'] as Readonly<Record<string, unknown>> | undefined;
    const disk = storage?.['osDisk'] as Readonly<Record<string, unknown>> | undefined;
    return {
      digest: image.digest,
      id: image.arm_id,
      ...osOf({ osType: disk?.['osType'], hyperVGeneration: image.properties['hyperVGeneration'] }),
    };
  }
  const upload = /\/api\/v1\/uploads\/([\w-]+)\/?$/i.exec(id)?.[1];
  if (upload !== undefined) return findUpload(services, caller, upload);
  const disk = /\/api\/v1\/disks\/([\w-]+)(?:\/|$)/i.exec(id)?.[1];
  if (disk !== undefined) return findDisk(services, caller, disk);
  throw new ServiceError(
    400,
    'InvalidParameter',
    `"${id}" is no image of this service; it takes ids of managed images and image versions, uploads ` +
      '(/api/v1/uploads/…), and disks that runs have distributed as VHD',
    { target: 'properties.storageProfile.source' },
  );
}

async function findManagedImage(
  { context }: GalleryServices,
  caller: Caller,
  id: string,
): Promise<Selectable<ManagedImageTable>> {
  await context.access.demand(caller, 'images/read', id);
  const found = await context.database
    .selectFrom('managed_images')
    .selectAll()
    .where('id', '=', idKey(id))
    .executeTakeFirst();
  if (!found) throw notFound('image', parseManagedImageId(id)?.image ?? id);
  return found;
}

/** Uploads are their owner's. */
async function findUpload({ context }: GalleryServices, caller: Caller, id: string): Promise<FoundImage> {
  const found = await context.database
    .selectFrom('uploads')
    .selectAll()
    .where('id', '=', id)
    .where('owner', '=', caller.id)
    .executeTakeFirst();
  if (!found) throw notFound('upload', id);
  return { digest: found.digest, id: `/api/v1/uploads/${found.id}` };
}

async function findDisk({ context }: GalleryServices, caller: Caller, id: string): Promise<FoundImage> {
  const found = await context.database
    .selectFrom('published_disks')
    .innerJoin('runs', 'runs.id', 'published_disks.run_id')
    .select(['digest', 'runs.template_id'])
    .where('published_disks.id', '=', id)
    .executeTakeFirst();
  if (!found) throw notFound('disk', id);
  await context.access.demand(caller, 'templates/read', found.template_id);
  return { digest: found.digest, id: `/api/v1/disks/${id}` };
}

function osOf(properties: Readonly<Record<string, unknown>>): Pick<FoundImage, 'osType' | 'generation'> {
  const { osType, hyperVGeneration } = properties;
  return {
    ...(typeof osType === 'string' && { osType }),
    ...(typeof hyperVGeneration === 'string' && { generation: hyperVGeneration }),
  };
}
