import { readdirSync } from 'node:fs';
import type { Place } from './exported-tree.ts';

export interface FolderPage {
  readonly names: readonly string[];
  /** Tells readings of a folder apart. */
  readonly verifier: bigint;
}

/** How many readings are remembered. */
const most = 32;

/**
 * What was in folders when their reading began: a client asks for a large folder in pieces, and the places of its entries
 * must not move meanwhile.
 */
export class FolderPages {
  readonly #pages = new Map<string, FolderPage>();

  /** @param verifier of an earlier piece; undefined for the first. One that is forgotten is read anew. */
  get(key: string, place: Place, verifier: bigint | undefined): FolderPage {
    const known = this.#pages.get(key);
    if (verifier !== undefined && known?.verifier === verifier) return known;
    const page: FolderPage = {
      names: ['.', '..', ...readdirSync(`/proc/self/fd/${place.fd}`).sort()],
      verifier: place.facts.mtimeNs,
    };
    this.#pages.delete(key);
    this.#pages.set(key, page);
    if (this.#pages.size > most) this.#pages.delete(this.#pages.keys().next().value!);
    return page;
  }
}
