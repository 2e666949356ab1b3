import { ServiceError } from '../service-error.ts';
import { idKey, parseManagedImageId } from './arm-ids.ts';
import { newArmColumns } from './arm-resource.ts';
import type { GalleryServices } from './gallery-services.ts';
import type { PublishTarget } from './publish.ts';
import type { PublishRequest } from './publishing.ts';
import { writeDescent } from './version-rows.ts';

/** A managed image; one of the same name is replaced, as Azure does. @throws ServiceError 400, 403 */
export async function publishManagedImage(
  { context }: GalleryServices,
  request: PublishRequest,
): Promise<PublishTarget> {
  const { target, identity } = request;
  const imageId = String(target['imageId']);
  const parsed = parseManagedImageId(imageId);
  if (!parsed) {
    throw new ServiceError(400, 'ValidationFailed', `imageId must be the id of an image, not "${imageId}"`);
  }
  await context.access.demand(identity, 'images/publish', imageId);
  const location = typeof target['location'] === 'string' ? target['location'] : request.location;
  return {
    locations: [location],
    write: async (transaction, { record, bytes, pin }) => {
      const now = context.now();
      const id = idKey(imageId);
      const before = await transaction
        .selectFrom('managed_images')
        .select(['pin', 'arm_id'])
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst();
      const properties = {
        storageProfile: {
          osDisk: {
            osType: 'Linux',
            osState: 'Generalized',
            caching: 'ReadWrite',
            storageAccountType: 'Standard_LRS',
            diskSizeGB: Math.ceil(record.virtualSize / 2 ** 30),
          },
          dataDisks: [],
          zoneResilient: false,
        },
        hyperVGeneration: record.firmware.includes('efi') && !record.firmware.includes('bios') ? 'V2' : 'V1',
      };
      const columns = newArmColumns(
        { id: before?.arm_id ?? imageId, name: parsed.image, location, tags: request.tags, properties },
        identity,
        now,
      );
      const values = {
        ...columns,
        subscription: parsed.subscription.toLowerCase(),
        resource_group: parsed.group.toLowerCase(),
        digest: record.id,
        virtual_size: record.virtualSize,
        bytes,
        pin,
        run_id: request.runId,
      };
      await transaction
        .insertInto('managed_images')
        .values(values)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .execute();
      await transaction.deleteFrom('lineage').where('child', '=', id).execute();
      await writeDescent(transaction, id, request.sources);
      return { artifactId: columns.arm_id, ...(before && { release: before.pin }) };
    },
  };
}
