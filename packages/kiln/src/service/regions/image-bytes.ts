import { randomBytes } from 'node:crypto';
import { KilnError } from '../../base/errors.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import { openStore, type Store } from '../../store/store.ts';
import { ServiceError } from '../service-error.ts';
import type { Regions } from './regions.ts';
import { type Replicated, replicate } from './replicate.ts';
import { SoundLayers } from './sound-layers.ts';

/** A name that keeps an image in a store for one owner; `prune` leaves it alone until it is released. */
export function newPin(): string {
  return `service/${randomBytes(16).toString('hex')}:pin`;
}

export interface KeepOptions {
  /** Where the image is now, when that is no region. */
  readonly from?: string;
  readonly pin: string;
  readonly location: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** The bytes of images in the stores of the regions. */
export class ImageBytes {
  readonly regions: Regions;
  readonly #sound = new SoundLayers();

  constructor(regions: Regions) {
    this.regions = regions;
  }

  /** Makes an image whole in a region and keeps it there. @throws KilnError as `replicate` */
  async keep(digest: string, { from, pin, location, signal, onProgress }: KeepOptions): Promise<Replicated> {
    return replicate({
      from: [...(from === undefined ? [] : [from]), ...this.regions.homes()],
      to: this.regions.homeOf(location),
      digest,
      references: [pin],
      sound: this.#sound,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
  }

  /**
   * The image in a region's store, every layer read through and put right from another region when it has to be.
   * @throws ServiceError 409 ImageDamaged when that cannot be
   */
  async whole(digest: string, location: string): Promise<{ store: Store; record: ImageRecord }> {
    const home = this.regions.homeOf(location);
    try {
      const { record } = await replicate({
        from: this.regions.homes(),
        to: home,
        digest,
        references: [],
        sound: this.#sound,
      });
      return { store: openStore(home), record };
    } catch (error) {
      if (!(error instanceof KilnError)) throw error;
      if (error.code !== 'store-corrupt' && error.code !== 'not-found') throw error;
      throw new ServiceError(
        409,
        'ImageDamaged',
        `${error.message}; ${error.hint ?? 'make the image again'}`,
      );
    }
  }

  /** Nobody needs the image under this name any more. The next `prune` frees what nothing else needs. */
  async release(pin: string): Promise<void> {
    for (const home of this.regions.homes()) await this.releaseIn(home, pin);
  }

  async releaseIn(home: string, pin: string): Promise<void> {
    try {
      await openStore(home).untag(pin);
    } catch (error) {
      if (!(error instanceof KilnError && error.code === 'not-found')) throw error;
    }
  }
}
