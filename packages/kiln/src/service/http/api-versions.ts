import { ServiceError } from '../service-error.ts';

/** @throws ServiceError 400 when a request names no version of the API, or one that the route does not speak */
export function checkApiVersion(given: string | undefined, known: readonly string[], path: string): void {
  if (given === undefined || given === '') {
    throw new ServiceError(
      400,
      'MissingApiVersionParameter',
      `the request names no version of the API: add "?api-version=${known.at(-1)}" to its address`,
    );
  }
  if (known.includes(given.toLowerCase())) return;
  const provider = /\/providers\/([^/]+)/i.exec(path)?.[1];
  throw new ServiceError(
    400,
    provider === undefined ? 'InvalidApiVersionParameter' : 'NoRegisteredProviderFound',
    `"${given}" is no version of the API${provider === undefined ? '' : ` of ${provider}`} that is spoken here; there are ${known.join(', ')}`,
  );
}
