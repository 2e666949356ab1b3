import { KilnError } from '../../base/errors.ts';
import type { Route } from '../http/route.ts';
import { ServiceError } from '../service-error.ts';

/** Routes that say errors of stores as ARM says errors. */
export function withStoreFaults(routes: readonly Route[]): readonly Route[] {
  return routes.map((route) => ({
    ...route,
    handle: async (request) => {
      try {
        return await route.handle(request);
      } catch (error) {
        throw storeFault(error);
      }
    },
  }));
}

const statuses: Readonly<Record<string, number>> = { 'not-found': 404, 'disk-full': 507, cancelled: 499 };

/** What is wrong with an image is the caller's affair; everything else that a store cannot is ours, and logged. */
function storeFault(error: unknown): unknown {
  if (!(error instanceof KilnError)) return error;
  const ofImages = ['not-found', 'disk-full', 'cancelled', 'store-corrupt', 'file-unsafe', 'unsupported'];
  if (!ofImages.includes(error.code)) return error;
  const message = [error.message, error.hint].filter((one) => one !== undefined).join('; ');
  return new ServiceError(statuses[error.code] ?? 409, 'ImageUnusable', message);
}
