import type { AttachmentKind } from '../../store/attachment.ts';
import { layerPath } from '../../store/home.ts';
import { armId } from '../gallery/arm-ids.ts';
import { notFound, param } from '../gallery/arm-resource.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';
import type { Route, RouteReply, RouteRequest } from '../http/route.ts';
import { localRegion } from '../regions/regions.ts';
import { ServiceError } from '../service-error.ts';
import { diskFile, diskFormOf } from './disk-files.ts';
import { apiPaths } from './image-paths.ts';
import { usableVersion } from './named-version.ts';
import { sendFile } from './send-file.ts';

/** Kinds of documents, and what each is in HTTP. */
const documents: Readonly<Record<AttachmentKind, string>> = {
  spdx: 'application/spdx+json',
  cyclonedx: 'application/vnd.cyclonedx+json',
  attestations: 'application/vnd.in-toto+jsonl',
  profile: 'application/yaml',
  lock: 'application/yaml',
};

/** Bytes and documents of versions. */
export function downloadRoutes(services: GalleryServices): readonly Route[] {
  const scope = (params: Readonly<Record<string, string>>) => armId('definition', params);
  return [
    ...(['GET', 'HEAD'] as const).flatMap((method): Route[] => [
      {
        method,
        path: `${apiPaths.version}/layers/{digest}`,
        action: 'images/read',
        scope,
        summary: 'A layer of a version: a qcow2 file that names the one below it; parts by Range',
        handle: (request) => sendLayer(services, request),
      },
      {
        method,
        path: `${apiPaths.version}/disk/{form}`,
        action: 'images/read',
        scope,
        summary: 'The disk of a version in one piece: qcow2, raw, vhd, vhdx, vmdk, or tar; parts by Range',
        handle: (request) => sendDisk(services, request),
      },
      {
        method,
        path: '/api/v1/disks/{disk}/{file}',
        action: 'signed-in',
        summary: 'A disk that a run has distributed as VHD; parts by Range',
        handle: (request) => sendPublishedDisk(services, request),
      },
    ]),
    {
      method: 'GET',
      path: `${apiPaths.version}/documents/{kind}`,
      action: 'images/read',
      scope,
      summary: 'A document of a version: spdx, cyclonedx, attestations, profile or lock',
      handle: (request) => sendDocument(services, request),
    },
  ];
}

async function sendLayer(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const version = await usableVersion(services, request);
  const { store, record } = await services.bytes.whole(version.digest, region(request));
  const digest = param(request, 'digest')
    .toLowerCase()
    .replace(/^sha256:/, '');
  if (!record.layers.includes(digest)) throw notFound('layer', `sha256:${digest}`);
  return sendFile(request, {
    path: layerPath(store.layout, digest),
    sha256: digest,
    name: `${digest}.qcow2`,
  });
}

async function sendDisk(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const form = diskFormOf(param(request, 'form').toLowerCase());
  const version = await usableVersion(services, request);
  const { store, record } = await services.bytes.whole(version.digest, region(request));
  const path = await diskFile(store, record, form);
  const isLayer = path === layerPath(store.layout, record.id);
  return sendFile(request, {
    path,
    name: `${param(request, 'definition')}-${version.name}.${form}`,
    ...(isLayer && { sha256: record.id }),
  });
}

async function sendPublishedDisk(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context, bytes } = services;
  const found = await context.database
    .selectFrom('published_disks')
    .innerJoin('runs', 'runs.id', 'published_disks.run_id')
    .select(['digest', 'region', 'runs.template_id'])
    .where('published_disks.id', '=', param(request, 'disk'))
    .executeTakeFirst();
  if (!found) throw notFound('disk', param(request, 'disk'));
  await context.access.demand(request.caller, 'templates/read', found.template_id);
  const { store, record } = await bytes.whole(found.digest, found.region);
  const path = await diskFile(store, record, 'vhd');
  return sendFile(request, { path, name: param(request, 'file') });
}

async function sendDocument(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const kind = (Object.keys(documents) as AttachmentKind[]).find(
    (one) => one === param(request, 'kind').toLowerCase(),
  );
  if (!kind) {
    throw new ServiceError(
      404,
      'ResourceNotFound',
      `there is no document "${param(request, 'kind')}"; there are ${Object.keys(documents).join(', ')}`,
    );
  }
  const version = await usableVersion(services, request);
  const { store, record } = await services.bytes.whole(version.digest, region(request));
  const content = await store.readAttachment(record, kind);
  if (!content) throw notFound('document', `${kind} of ${version.name}`);
  return { status: 200, headers: { 'content-type': documents[kind] }, body: content };
}

/** Where it is taken from: `?region=`, else the service's own store. */
function region(request: RouteRequest): string {
  return request.query['region'] ?? localRegion;
}
