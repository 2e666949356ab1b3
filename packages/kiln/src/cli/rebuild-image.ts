import type { Store } from '../store/store.ts';
import type { RebuildImage } from '../supply/verify/rebuild.ts';

/** How an image of this store is built again. */
export function rebuildImage(_store: Store, _env: NodeJS.ProcessEnv): RebuildImage {
  // Nothing keeps what that takes yet.
  return async () => undefined;
}
