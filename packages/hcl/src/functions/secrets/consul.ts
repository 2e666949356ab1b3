import { readFileSync } from 'node:fs';
import { SecretError } from '../host.ts';
import { fetchSync } from './http-child.ts';
import type { SecretSettings } from './system-secrets.ts';

/**
 * The value of a key in Consul: https://developer.hashicorp.com/consul/api-docs/kv#read-key
 * @throws SecretError
 */
export function fetchConsulKey(settings: SecretSettings, key: string): string {
  const { environment } = settings;
  const certificates = readNamed(settings, 'CONSUL_CACERT');
  const { status, body } = fetchSync(
    {
      url: urlOf(settings, key),
      method: 'GET',
      headers: headersOf(settings),
      ...(certificates === undefined ? {} : { certificates }),
      insecure: /^(?:0|f|false)$/i.test(environment('CONSUL_HTTP_SSL_VERIFY') ?? ''),
    },
    environment,
  );
  if (status === 404) throw new SecretError(`Consul has no key "${key}".`);
  if (status !== 200) throw new SecretError(`Consul refuses the key "${key}": status ${status}.`);
  if (body === '') throw new SecretError(`The value of the key "${key}" in Consul is empty.`);
  return body;
}

function urlOf({ environment }: SecretSettings, key: string): string {
  const address = environment('CONSUL_HTTP_ADDR') || '127.0.0.1:8500';
  const isSecure = /^(?:1|t|true)$/i.test(environment('CONSUL_HTTP_SSL') ?? '');
  try {
    const base = new URL(address.includes('://') ? address : `${isSecure ? 'https' : 'http'}://${address}`);
    if (base.protocol !== 'http:' && base.protocol !== 'https:') throw new Error();
    const path = key.replace(/^\/+/, '').split('/').map(encodeURIComponent).join('/');
    const url = new URL(`${base.origin}${base.pathname.replace(/\/$/, '')}/v1/kv/${path}`);
    // The value alone, not wrapped in JSON and Base64.
    url.searchParams.set('raw', '');
    const namespace = environment('CONSUL_NAMESPACE');
    if (namespace) url.searchParams.set('ns', namespace);
    return url.href;
  } catch {
    throw new SecretError(
      `The environment variable CONSUL_HTTP_ADDR is not the address of an HTTP server: ${address}`,
    );
  }
}

function headersOf(settings: SecretSettings): Record<string, string> {
  const { environment } = settings;
  const token = environment('CONSUL_HTTP_TOKEN') || readNamed(settings, 'CONSUL_HTTP_TOKEN_FILE')?.trim();
  const login = environment('CONSUL_HTTP_AUTH');
  return {
    ...(token ? { 'x-consul-token': token } : {}),
    ...(login ? { authorization: `Basic ${Buffer.from(login).toString('base64')}` } : {}),
  };
}

/** The content of the file that a variable names. */
function readNamed({ environment }: SecretSettings, variable: string): string | undefined {
  const file = environment(variable);
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new SecretError(`The file that ${variable} names cannot be read: ${file}`);
  }
}
