import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import type { Operation } from './operations.ts';
import type { Route, RouteReply, RouteRequest } from './route.ts';

/** What replies say as the end of something that has not ended. */
export const notYet = '0001-01-01T00:00:00Z';

/**
 * The headers by which clients follow an operation. Both always: clients that have only one of them think that they
 * are done when they are not.
 */
export function operationHeaders(request: RouteRequest, operation: Operation): Record<string, string> {
  const { subscription, location, provider, id } = operation;
  const folder = provider === 'Microsoft.Compute' ? 'capsOperations' : 'operations';
  const version = request.query['api-version'] ?? '';
  const address =
    `${request.origin}/subscriptions/${encodeURIComponent(subscription)}/providers/${provider}` +
    `/locations/${encodeURIComponent(location)}/${folder}/${id}?api-version=${encodeURIComponent(version)}`;
  const monitor = provider === 'Microsoft.Compute' ? '&monitor=true' : '';
  return { 'azure-asyncoperation': address, location: `${address}${monitor}` };
}

/** 202 with both headers and no body. */
export function accepted(request: RouteRequest, operation: Operation): RouteReply {
  return { status: 202, headers: operationHeaders(request, operation) };
}

/** An operation as clients poll it. */
export function operationBody(operation: Operation): Record<string, unknown> {
  return {
    name: operation.id.toUpperCase(),
    status: operation.status,
    startTime: operation.startedAt.toISOString(),
    ...(operation.endedAt && { endTime: operation.endedAt.toISOString() }),
    ...(operation.error && { error: operation.error }),
  };
}

/** How operations stand, for whoever began them or may read the groups of their subscription. */
export function routesOfOperations(
  context: ServiceContext,
  versions: { readonly images: readonly string[]; readonly compute: readonly string[] },
): readonly Route[] {
  const find = async ({ caller, params }: RouteRequest, provider: Operation['provider']) => {
    const operation = await context.operations.get(params['operation'] ?? '');
    const isSame =
      operation?.provider === provider && operation.subscription === params['subscription']?.toLowerCase();
    if (
      !operation ||
      !isSame ||
      (operation.callerId !== caller.id &&
        !(await context.access.may(caller, 'groups/read', operation.resourceId)))
    ) {
      throw new ServiceError(404, 'ResourceNotFound', `there is no operation "${params['operation']}" here`);
    }
    return operation;
  };
  return [
    {
      method: 'GET',
      path: '/subscriptions/{subscription}/providers/Microsoft.VirtualMachineImages/locations/{location}/operations/{operation}',
      action: 'signed-in',
      apiVersions: versions.images,
      summary: 'How something that takes long stands',
      handle: async (request) => ({
        status: 200,
        body: operationBody(await find(request, 'Microsoft.VirtualMachineImages')),
      }),
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/capsOperations/{operation}',
      action: 'signed-in',
      apiVersions: versions.compute,
      summary: 'How something that takes long stands',
      handle: async (request) => {
        const operation = await find(request, 'Microsoft.Compute');
        if (request.query['monitor'] !== 'true') return { status: 200, body: operationBody(operation) };
        if (operation.status === 'InProgress') return accepted(request, operation);
        if (operation.status === 'Succeeded') {
          const body = await context.operations.result(operation, request.query['api-version'] ?? '');
          return body === undefined ? { status: 204 } : { status: 200, body };
        }
        const { code, message } = operation.error ?? {
          code: 'OperationNotAllowed',
          message: 'it was cancelled',
        };
        throw new ServiceError(operation.status === 'Canceled' ? 409 : 400, code, message);
      },
    },
  ];
}
