import { KilnError } from '../../base/errors.ts';
import { openStore, type Store } from '../../store/store.ts';
import { plainLocation } from './location.ts';

/** What the service calls the region of its own store. */
export const localRegion = 'local';

/**
 * Regions are stores. Every location that no store was named for is the service's own store, so that templates of the
 * cloud work as they are.
 */
export class Regions {
  readonly #homes: ReadonlyMap<string, string>;
  readonly #own: string;

  /** @param homes folders of stores by location; @param own the store of everything else */
  constructor(own: string, homes: ReadonlyMap<string, string> = new Map()) {
    this.#own = own;
    this.#homes = new Map([...homes].map(([name, home]) => [plainLocation(name), home]));
  }

  /** Locations that have a store of their own, and the rest as `local`. */
  names(): readonly string[] {
    return [...new Set([localRegion, ...this.#homes.keys()])];
  }

  /** The region that a location belongs to. */
  regionOf(location: string): string {
    const plain = plainLocation(location);
    return this.#homes.has(plain) ? plain : localRegion;
  }

  homeOf(location: string): string {
    return this.#homes.get(plainLocation(location)) ?? this.#own;
  }

  storeOf(location: string): Store {
    return openStore(this.homeOf(location));
  }

  /** All stores, the service's own first, each once. */
  homes(): readonly string[] {
    return [...new Set([this.#own, ...this.#homes.values()])];
  }
}

/** Reads `westeurope=/srv/images`. @throws KilnError `bad-usage` */
export function parseRegion(text: string): readonly [name: string, home: string] {
  const at = text.indexOf('=');
  const name = plainLocation(text.slice(0, at));
  const home = text.slice(at + 1);
  if (at > 0 && /^[a-z0-9-]{1,64}$/.test(name) && home !== '') return [name, home];
  throw new KilnError('bad-usage', `"${text}" is no region`, {
    hint: 'write the location and the folder of its store, such as westeurope=/srv/kiln-west',
  });
}
