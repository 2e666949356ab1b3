import { armId, idKey, nameRules } from '../gallery/arm-ids.ts';
import { notFound, param } from '../gallery/arm-resource.ts';
import { findDefinition } from '../gallery/definitions.ts';
import { demandUsable } from '../gallery/find-image.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';
import { type ImagePolicy, policyFault } from '../gallery/image-policy.ts';
import { latestVersion, type VersionRow } from '../gallery/latest.ts';
import type { RouteRequest } from '../http/route.ts';

/** The version that a path names: by number, as `latest`, or by a channel. @throws ServiceError 404 */
export async function namedVersion(
  services: GalleryServices,
  request: RouteRequest,
  name = param(request, 'version'),
): Promise<VersionRow> {
  const { database } = services.context;
  const definitionId = idKey(armId('definition', request.params));
  if (nameRules.version.pattern.test(name)) {
    const found = await database
      .selectFrom('image_versions')
      .selectAll()
      .where('id', '=', `${definitionId}/versions/${name}`)
      .executeTakeFirst();
    if (!found) throw notFound('image version', `${param(request, 'definition')}/${name}`);
    return found;
  }
  const definition = await findDefinition(services, request.params);
  if (name.toLowerCase() === 'latest') {
    const policy = definition.policy as ImagePolicy;
    return latestVersion(
      database,
      definition,
      request.query['region'],
      async (one) => (await policyFault(services, policy, one)) === undefined,
    );
  }
  const found = await database
    .selectFrom('channels')
    .innerJoin('image_versions', 'image_versions.id', 'channels.version_id')
    .selectAll('image_versions')
    .where('channels.definition_id', '=', definitionId)
    .where('channels.name', '=', name.toLowerCase())
    .executeTakeFirst();
  if (!found) throw notFound('version or channel', `${definition.name}/${name}`);
  return found;
}

/** The same, for its bytes. @throws ServiceError 404, 409 for one that is revoked or not ready */
export async function usableVersion(
  services: GalleryServices,
  request: RouteRequest,
): Promise<VersionRow & { digest: string }> {
  const version = await namedVersion(services, request);
  demandUsable(version);
  return version;
}
