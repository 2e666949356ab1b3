import { ServiceError } from '../service-error.ts';
import type { RouteReply } from './route.ts';

/** The first version of Microsoft.VirtualMachineImages whose errors stand in `{error: …}`. */
const firstWithEnvelope = '2021-10-01';

/**
 * An error as ARM says it. Versions of image templates before 2021-10-01 have `{code, message}` without the object
 * around it.
 */
export function errorReply(error: ServiceError, path: string, apiVersion: string | undefined): RouteReply {
  const { status, code, message, target, details } = error;
  const isOld =
    apiVersion !== undefined &&
    /^\d{4}-/.test(apiVersion) &&
    apiVersion < firstWithEnvelope &&
    /\/providers\/microsoft\.virtualmachineimages(\/|$)/i.test(path);
  const inner = {
    code,
    message,
    ...(target !== undefined && { target }),
    ...(details.length > 0 && { details }),
  };
  return { status, body: isOld ? { code, message } : { error: inner } };
}

/** Anything thrown as what may be told: a mistake of ours says no more than that it was one. */
export function asServiceError(thrown: unknown, requestId: string): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  const { statusCode, code } = (thrown ?? {}) as { statusCode?: unknown; code?: unknown };
  // Fastify's own refusals of what was sent: their messages name nothing of the inside.
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 && typeof code === 'string') {
    return new ServiceError(statusCode, requestFaults[code] ?? 'InvalidRequest', sentence(code));
  }
  return new ServiceError(
    500,
    'InternalServerError',
    `the service made a mistake; its log says more under the request ${requestId}`,
  );
}

const requestFaults: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UnsupportedMediaType',
  FST_ERR_CTP_BODY_TOO_LARGE: 'RequestContentTooLarge',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'InvalidRequestContent',
  FST_ERR_CTP_INVALID_JSON_BODY: 'InvalidRequestContent',
};

function sentence(code: string): string {
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'the body must be JSON: send content-type: application/json';
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return 'the body is too large';
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return 'the body is not as long as content-length says';
    default:
      return 'the request cannot be read';
  }
}
