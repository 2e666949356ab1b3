import { sql } from 'kysely';
import { apiVersions } from '../../dialects/azure/model/api-version.ts';
import type { Route, RouteRequest } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { groupRoutes } from './group-routes.ts';
import { resourceVersions } from './resource-versions.ts';

/** There is one organisation here. */
export const tenantId = '00000000-0000-0000-0000-000000000000';

interface Provider {
  readonly namespace: string;
  readonly types: readonly string[];
  readonly versions: readonly string[];
}

/** What clients ask for before they come to what they want: subscriptions, locations, providers, addresses. */
export function routesOfResources(
  context: ServiceContext,
  compute: readonly string[],
  locations: () => readonly string[],
): readonly Route[] {
  const { database } = context;
  const providers: readonly Provider[] = [
    {
      namespace: 'Microsoft.VirtualMachineImages',
      types: ['imageTemplates', 'imageTemplates/runOutputs', 'imageTemplates/triggers', 'operations'],
      versions: apiVersions,
    },
    {
      namespace: 'Microsoft.Compute',
      types: ['galleries', 'galleries/images', 'galleries/images/versions', 'images'],
      versions: compute,
    },
    { namespace: 'Microsoft.ManagedIdentity', types: ['userAssignedIdentities'], versions: ['2023-01-31'] },
    {
      namespace: 'Microsoft.Resources',
      types: ['resourceGroups', 'subscriptions'],
      versions: resourceVersions,
    },
  ];
  const providerBody = ({ namespace, types, versions }: Provider, subscription: string) => ({
    id: `/subscriptions/${subscription}/providers/${namespace}`,
    namespace,
    registrationState: 'Registered',
    registrationPolicy: 'RegistrationRequired',
    resourceTypes: types.map((resourceType) => ({
      resourceType,
      locations: locations(),
      apiVersions: versions.toReversed(),
    })),
  });
  const findProvider = ({ params }: RouteRequest) => {
    const name = params['provider']?.toLowerCase();
    const provider = providers.find(({ namespace }) => namespace.toLowerCase() === name);
    if (provider) return { status: 200, body: providerBody(provider, params['subscription'] ?? '') };
    throw new ServiceError(
      404,
      'InvalidResourceNamespace',
      `there is no provider ${params['provider']}; there are ${providers.map(({ namespace }) => namespace).join(', ')}`,
    );
  };
  const subscriptionBody = (id: string) => ({
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    tenantId,
    displayName: id,
    state: 'Enabled',
    authorizationSource: 'RoleBased',
  });
  return [
    ...groupRoutes(context),
    {
      method: 'GET',
      path: '/metadata/endpoints',
      action: 'public',
      summary: 'Addresses of this cloud, for the Azure CLI and Terraform',
      handle: async ({ origin, query }) => ({ status: 200, body: cloudOf(origin, query['api-version']) }),
    },
    {
      method: 'GET',
      path: '/tenants',
      action: 'signed-in',
      apiVersions: resourceVersions,
      summary: 'The organisation',
      handle: async () => ({
        status: 200,
        body: { value: [{ id: `/tenants/${tenantId}`, tenantId, displayName: 'Kiln' }] },
      }),
    },
    {
      method: 'GET',
      path: '/subscriptions',
      action: 'signed-in',
      apiVersions: resourceVersions,
      summary: 'Subscriptions that have something that the caller may read',
      handle: async ({ caller }) => {
        const rows = await database
          .selectFrom('resource_groups')
          .select(sql<string>`distinct split_part(id, '/', 3)`.as('subscription'))
          .execute();
        const own = (await context.access.scopes(caller, 'groups/read')).map((scope) => scope.split('/')[2]);
        const sees = (id: string) => own.includes(undefined) || own.includes(id) || own.includes('');
        const ids = new Set([
          ...rows.map(({ subscription }) => subscription).filter(sees),
          ...own.filter((id): id is string => id !== undefined && id !== ''),
        ]);
        return { status: 200, body: { value: [...ids].sort().map(subscriptionBody) } };
      },
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscription}',
      action: 'signed-in',
      apiVersions: resourceVersions,
      summary: 'A subscription',
      handle: async ({ params }) => ({ status: 200, body: subscriptionBody(params['subscription'] ?? '') }),
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscription}/locations',
      action: 'signed-in',
      apiVersions: resourceVersions,
      summary: 'Regions: those that have a store of their own, and the service itself',
      handle: async ({ params }) => ({
        status: 200,
        body: {
          value: locations().map((name) => ({
            id: `/subscriptions/${params['subscription']}/locations/${name}`,
            name,
            displayName: name,
            regionalDisplayName: name,
            metadata: { regionType: 'Physical' },
          })),
        },
      }),
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscription}/providers',
      action: 'signed-in',
      apiVersions: resourceVersions,
      summary: 'What kinds of resources there are',
      handle: async ({ params }) => ({
        status: 200,
        body: { value: providers.map((one) => providerBody(one, params['subscription'] ?? '')) },
      }),
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscription}/providers/{provider}',
      action: 'signed-in',
      apiVersions: resourceVersions,
      summary: 'What kinds of resources a provider has',
      handle: async (request) => findProvider(request),
    },
    {
      method: 'POST',
      path: '/subscriptions/{subscription}/providers/{provider}/register',
      action: 'signed-in',
      apiVersions: resourceVersions,
      summary: 'Nothing needs to be registered here: says how the provider stands',
      handle: async (request) => findProvider(request),
    },
  ];
}

/** As clients for custom clouds read it; since 2019-05-01 versions give a list. */
function cloudOf(origin: string, apiVersion: string | undefined): unknown {
  const cloud = {
    name: 'Kiln',
    portal: origin,
    authentication: {
      loginEndpoint: origin,
      audiences: [origin],
      tenant: tenantId,
      identityProvider: 'AAD',
    },
    resourceManager: origin,
    resourceManagerEndpoint: origin,
    graphEndpoint: origin,
    galleryEndpoint: origin,
    media: origin,
    batch: origin,
    suffixes: {},
  };
  return apiVersion === undefined || apiVersion < '2019-05-01' ? cloud : [cloud];
}
