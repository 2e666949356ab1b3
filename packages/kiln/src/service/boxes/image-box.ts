import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFile } from '../../base/files.ts';
import { boxMembers } from '../../store/boxes/box-content.ts';
import { hostArchitecture } from '../../store/boxes/host-architecture.ts';
import { packBox } from '../../store/boxes/pack-box.ts';
import { Run } from '../../store/run.ts';
import { armId } from '../gallery/arm-ids.ts';
import { param } from '../gallery/arm-resource.ts';
import { readBody } from '../gallery/body/read-body.ts';
import { findDefinition } from '../gallery/definitions.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';
import type { Route, RouteReply, RouteRequest } from '../http/route.ts';
import { apiPaths } from '../images/image-paths.ts';
import { usableVersion } from '../images/named-version.ts';
import { localRegion } from '../regions/regions.ts';
import { boxScope, checkBoxNames, checkBoxVersion } from './box-names.ts';
import { addBoxFile } from './push-box.ts';

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', Arm64: 'arm64' };

/** Makes boxes of versions of images. */
export function imageBoxRoutes(services: GalleryServices): readonly Route[] {
  return [
    {
      method: 'POST',
      path: `${apiPaths.version}/box`,
      action: 'images/read',
      scope: (params) => armId('definition', params),
      summary:
        'Makes a version of a Vagrant box (libvirt) of a version of an image: {box: "team/name", version?}',
      handle: (request) => makeBox(services, request),
    },
  ];
}

async function makeBox(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context, bytes } = services;
  const body = readBody(request.body, {
    box: { shape: { kind: 'text', pattern: /^[^/]+\/[^/]+$/, expected: 'team/name' }, required: true },
    version: { shape: { kind: 'text' } },
    private: { shape: { kind: 'boolean' } },
  });
  const [team = '', box = ''] = String(body['box']).split('/');
  checkBoxNames({ team, name: box });
  await context.access.demand(request.caller, 'boxes/write', boxScope({ team, box }));
  const found = await usableVersion(services, request);
  const version = typeof body['version'] === 'string' ? body['version'] : found.name;
  checkBoxVersion(version);
  const definition = await findDefinition(services, request.params);
  const architecture =
    architectures[String(definition.properties['architecture'])] ?? hostArchitecture() ?? 'amd64';
  const { store, record } = await bytes.whole(found.digest, localRegion);
  const run = await Run.open(context.home);
  try {
    const disk = join(run.folder, 'box.img');
    const { signal } = request;
    await store.exportImage(`sha256:${record.id}`, disk, { format: 'qcow2', signal });
    const path = join(run.folder, 'package.box');
    const info = JSON.stringify({ image: found.arm_id, digest: `sha256:${record.id}` });
    const { virtualSize } = record;
    const files = new Map<string, string>();
    await packBox(path, boxMembers({ disk, virtualSize, architecture, settings: [], info, files }), {
      run,
      signal,
    });
    return await addBoxFile(services, {
      ...{ team, box, version, architecture, path, provider: 'libvirt', caller: request.caller },
      sha256: await digestFile(path),
      bytes: (await stat(path)).size,
      description: `${param(request, 'gallery')}/${definition.name}`,
      ...(typeof body['private'] === 'boolean' && { isPrivate: body['private'] }),
    });
  } finally {
    await run.close();
  }
}
