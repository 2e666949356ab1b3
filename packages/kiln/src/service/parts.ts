import { apiVersions } from '../dialects/azure/model/api-version.ts';
import { computeVersions } from './gallery/gallery-services.ts';
import { openGallery } from './gallery/open-gallery.ts';
import { routesOfOperations } from './http/long-running.ts';
import type { Route } from './http/route.ts';
import { openRuns, type RunsOptions } from './runs/open-runs.ts';
import type { ServiceContext } from './service-context.ts';
import { rarely } from './workers/caretaker.ts';

/** What the parts of the service are together. */
export interface ServiceParts {
  readonly routes: readonly Route[];
  /** Work that goes on beside requests; given back by `stop`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts the parts together: each gives its routes, and what others ask of it. */
export function serviceParts(
  context: ServiceContext,
  options: Pick<RunsOptions, 'worker' | 'times'> = {},
): ServiceParts {
  const gallery = openGallery(context);
  const runs = openRuns(context, {
    ...options,
    publishing: gallery.publishing,
    rounds: [rarely(60_000, () => gallery.sweep())],
  });
  return {
    routes: [
      ...routesOfOperations(context, { images: apiVersions, compute: computeVersions }),
      ...gallery.routes,
      ...runs.routes,
    ],
    start: () => runs.start(),
    stop: async () => {
      await runs.stop();
      await gallery.close();
    },
  };
}
