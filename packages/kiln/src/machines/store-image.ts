import { dirname, resolve } from 'node:path';
import { kilnVersion } from '../base/version.ts';
import type { LocalImage } from '../sources/image-resolver.ts';
import { storedImage } from '../sources/stored-image.ts';
import { type MachineServices, tell } from './machine-services.ts';

/**
 * The image as one of the store. A machine's disk stands on its image for as long as it lives; a file that somebody
 * may change or remove is no ground for that, so it is copied in (or found there by its content).
 * @throws KilnError `file-unsafe`, `disk-full`, `cancelled`
 */
export async function storeImage(
  services: MachineServices,
  local: LocalImage,
  description: string,
): Promise<LocalImage> {
  const { store, signal } = services;
  if (dirname(resolve(local.path)) === resolve(store.layout.layers)) return local;
  const key = `file ${local.digest}`;
  let record = await store.findByKey(key);
  if (!record) {
    tell(services, description, 'copying the image into the store');
    const layer = await store.addLayer({ diskPath: local.path, move: false, signal });
    record = {
      schema: 1,
      id: layer.digest,
      layers: layer.layers,
      virtualSize: layer.virtualSize,
      createdAt: new Date().toISOString(),
      seeded: local.seeded,
      firmware: [],
      provenance: { kilnVersion, made: `import ${description}`, key },
    };
    await store.putImage(record);
  }
  return { ...storedImage(store, record), ...(local.firmware && { firmware: local.firmware }) };
}
