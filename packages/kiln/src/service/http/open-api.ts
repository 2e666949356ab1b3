import { kilnVersion } from '../../base/version.ts';
import type { Route } from './route.ts';

/** The OpenAPI document of our own routes, made of their list; it is one of them. */
export function openApiRoute(routes: readonly Route[]): Route {
  const own: Route = {
    method: 'GET',
    path: '/api/v1/openapi.json',
    action: 'public',
    summary: 'This document',
    handle: async () => ({ status: 200, body: document }),
  };
  const document = openApiDocument([...routes, own]);
  return own;
}

/** @see https://spec.openapis.org/oas/v3.1.0 */
export function openApiDocument(routes: readonly Route[]): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    if (route.path.startsWith('/api/v1/')) {
      const path = route.path.replace('*}', '}');
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kiln',
      version: kilnVersion,
      description:
        'What the image service has beyond the routes of Azure, which are as Microsoft specifies them (Microsoft.VirtualMachineImages, Microsoft.Compute).',
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message'],
              properties: {
                code: { type: 'string' },
                message: { type: 'string' },
                target: { type: 'string' },
                details: { type: 'array', items: { type: 'object' } },
              },
            },
          },
        },
      },
    },
  };
}

function operation({ method, path, action, summary, takes }: Route): Readonly<Record<string, unknown>> {
  const names = [...path.matchAll(/\{(\w+)\*?\}/g)].map(([, name]) => name!);
  const words = path
    .split('/')
    .slice(3)
    .flatMap((part) => part.replace(/[{}*]/g, '').split(/[^A-Za-z0-9]+/));
  const hasBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  const content =
    takes === 'stream'
      ? { 'application/octet-stream': {} }
      : { 'application/json': { schema: { type: 'object' } } };
  return {
    operationId: [method.toLowerCase(), ...words.filter((word) => word !== '')].join('-'),
    summary,
    'x-kiln-action': action,
    ...(action === 'public' && { security: [] }),
    ...(names.length > 0 && {
      parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    }),
    ...(hasBody && { requestBody: { content } }),
    responses: {
      '2XX': { description: 'Done' },
      default: {
        description: 'Refused',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}
