import { apiVersions } from '../dialects/azure/model/api-version.ts';
import { routesOfAccess } from './access/access-routes.ts';
import { computeVersions } from './gallery/gallery-services.ts';
import { type GalleryOptions, openGallery } from './gallery/open-gallery.ts';
import { routesOfOperations } from './http/long-running.ts';
import { openApiRoute } from './http/open-api.ts';
import type { Route } from './http/route.ts';
import { withGroups } from './resources/ensure-group.ts';
import { routesOfResources } from './resources/resource-routes.ts';
import { openRuns, type WorkerSettings } from './runs/open-runs.ts';
import type { ServiceContext } from './service-context.ts';
import { findTemplate } from './templates/find-template.ts';
import { routesOfTemplates } from './templates/template-routes.ts';
import { rarely } from './workers/caretaker.ts';
import type { WorkerTimes } from './workers/worker-times.ts';

export interface PartsOptions {
  /** How this process works on runs; undefined: it takes none itself. */
  readonly worker?: WorkerSettings;
  readonly times?: WorkerTimes;
  readonly gallery?: GalleryOptions;
}

/** What the parts of the service are together. */
export interface ServiceParts {
  readonly routes: readonly Route[];
  /** Work that goes on beside requests; ended by `stop`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts the parts together: each gives its routes, and what others ask of it. */
export function serviceParts(context: ServiceContext, options: PartsOptions = {}): ServiceParts {
  const gallery = openGallery(context, options.gallery);
  const runs = openRuns(context, {
    publishing: gallery.publishing,
    ...(options.worker && { worker: options.worker }),
    ...(options.times && { times: options.times }),
    findTemplate: async (id) => {
      const row = await findTemplate(context.database, id);
      return row && { template: row.body, location: row.location };
    },
    rounds: [rarely(60_000, () => gallery.sweep()), rarely(3_600_000, () => context.operations.prune())],
  });
  const routes = withGroups(context, [
    ...routesOfOperations(context, { images: apiVersions, compute: computeVersions }),
    ...routesOfResources(context, computeVersions, () => gallery.services.bytes.regions.names()),
    ...routesOfAccess(context),
    ...routesOfTemplates(context, runs.runs),
    ...runs.routes,
    ...gallery.routes,
  ]);
  return {
    routes: [...routes, openApiRoute(routes)],
    start: () => runs.start(),
    stop: async () => {
      await runs.stop();
      await gallery.close();
    },
  };
}
