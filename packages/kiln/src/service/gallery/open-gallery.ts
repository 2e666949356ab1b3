import { boxRoutes } from '../boxes/boxes.ts';
import { imageBoxRoutes } from '../boxes/image-box.ts';
import type { Route, RouteRequest } from '../http/route.ts';
import { sweepDiskFiles } from '../images/disk-files.ts';
import { downloadRoutes } from '../images/downloads.ts';
import { imageRoutes } from '../images/image-routes.ts';
import { managedImageRoutes } from '../images/managed-images.ts';
import { sweepUploads, uploadRoutes } from '../images/uploads.ts';
import { ImageBytes } from '../regions/image-bytes.ts';
import { Regions } from '../regions/regions.ts';
import type { ServiceContext } from '../service-context.ts';
import { backgroundWork } from './begin-work.ts';
import { definitionRoutes } from './definitions.ts';
import { galleryRoutes } from './galleries.ts';
import type { GalleryServices } from './gallery-services.ts';
import { resumeVersions } from './place-version.ts';
import { publish } from './publish.ts';
import type { Publishing } from './publishing.ts';
import { resolveSource } from './resolve-source.ts';
import { withStoreFaults } from './store-faults.ts';
import { sweepPins } from './sweep-pins.ts';
import { versionRoutes } from './versions.ts';

/** Galleries, images and boxes of a service. */
export interface Gallery {
  readonly publishing: Publishing;
  readonly routes: readonly Route[];
  readonly services: GalleryServices;
  /** To be called now and then: takes up what a service that died was doing, and releases what nobody needs. */
  sweep(): Promise<void>;
  /** Waits for what goes on behind replies. */
  close(): Promise<void>;
}

export interface GalleryOptions {
  /** Folders of stores by location, besides the service's own: regions/regions.ts, `parseRegion`. */
  readonly regions?: ReadonlyMap<string, string>;
}

export function openGallery(context: ServiceContext, options: GalleryOptions = {}): Gallery {
  const bytes = new ImageBytes(new Regions(context.home, options.regions));
  const { begin, settled } = backgroundWork(context);
  const services: GalleryServices = { context, bytes, begin };
  const routes = withStoreFaults([
    ...galleryRoutes(services),
    ...definitionRoutes(services),
    ...versionRoutes(services),
    ...managedImageRoutes(services),
    ...uploadRoutes(services),
    ...downloadRoutes(services),
    ...imageRoutes(services),
    ...boxRoutes(services),
    ...imageBoxRoutes(services),
  ]);
  context.operations.readResults('Microsoft.Compute', (id, apiVersion) =>
    readResource(routes, id, apiVersion),
  );
  return {
    services,
    routes,
    publishing: {
      publish: (request) => publish(services, request),
      resolveSource: (source, identity, location) => resolveSource(services, source, identity, location),
    },
    sweep: async () => {
      await resumeVersions(services);
      await sweepUploads(services);
      await sweepPins(services);
      for (const home of bytes.regions.homes()) await sweepDiskFiles(home);
    },
    close: settled,
  };
}

/** What GET of a resource says: for clients that ask for it where they followed an operation. */
async function readResource(routes: readonly Route[], id: string, apiVersion: string): Promise<unknown> {
  for (const route of routes) {
    if (route.method !== 'GET') continue;
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    const pattern = new RegExp(
      `^${route.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '([^/]+)')}$`,
      'i',
    );
    const match = pattern.exec(id);
    if (!match) continue;
    const request: RouteRequest = {
      caller: { id: '', name: 'service', kind: 'application' },
      params: Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? ''])),
      query: { 'api-version': apiVersion },
      headers: {},
      body: undefined,
      requestId: '',
      clientRequestId: '',
      origin: '',
      signal: new AbortController().signal,
    };
    try {
      return (await route.handle(request)).body;
    } catch {
      return undefined;
    }
  }
  return undefined;
}
