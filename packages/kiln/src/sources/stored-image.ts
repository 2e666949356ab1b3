import type { ImageRecord } from '../store/image-record.ts';
import type { Store } from '../store/store.ts';
import type { LocalImage } from './image-resolver.ts';

/** An image of the store, as something that machines can be made of. */
export function storedImage(store: Pick<Store, 'diskPath'>, record: ImageRecord): LocalImage {
  return {
    path: store.diskPath(record),
    format: 'qcow2',
    digest: record.id,
    virtualSize: record.virtualSize,
    seeded: record.seeded,
    ...(record.user === undefined ? {} : { user: record.user }),
  };
}
