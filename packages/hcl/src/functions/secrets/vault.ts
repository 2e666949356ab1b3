import { readFileSync } from 'node:fs';
import { SecretError } from '../host.ts';
import { fetchSync } from './http-child.ts';
import type { SecretSettings } from './system-secrets.ts';

/**
 * A field of a secret of Vault, of the first or the second version of its key-value store:
 * https://developer.hashicorp.com/vault/api-docs/secret/kv
 * @throws SecretError
 */
export function fetchVaultSecret({ environment }: SecretSettings, path: string, key: string): string {
  const token = environment('VAULT_TOKEN');
  if (!token) throw new SecretError('Vault needs a token; set the environment variable VAULT_TOKEN.');
  const address = environment('VAULT_ADDR') || 'https://127.0.0.1:8200';
  const namespace = environment('VAULT_NAMESPACE');
  const certificates = certificatesFrom(environment('VAULT_CACERT'));
  const { status, body } = fetchSync(
    {
      url: urlOf(address, path),
      method: 'GET',
      headers: {
        'x-vault-token': token,
        'x-vault-request': 'true',
        ...(namespace ? { 'x-vault-namespace': namespace } : {}),
      },
      ...(certificates === undefined ? {} : { certificates }),
      insecure: /^(?:1|t|true)$/i.test(environment('VAULT_SKIP_VERIFY') ?? ''),
      followsRedirects: true,
    },
    environment,
  );
  if (status === 404) throw new SecretError(`Vault has no secret at "${path}".`);
  if (status !== 200)
    throw new SecretError(`Vault refuses the secret at "${path}": ${refusal(status, body)}.`);
  return fieldOf(body, path, key);
}

function urlOf(address: string, path: string): string {
  try {
    const base = new URL(address);
    const parts = path.split('/').filter((part) => part !== '');
    return `${base.origin}${base.pathname.replace(/\/$/, '')}/v1/${parts.map(encodeURIComponent).join('/')}`;
  } catch {
    throw new SecretError(`The environment variable VAULT_ADDR is not a URL: ${address}`);
  }
}

function certificatesFrom(file: string | undefined): string | undefined {
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new SecretError(`The file that VAULT_CACERT names cannot be read: ${file}`);
  }
}

function refusal(status: number, body: string): string {
  const errors = (parsed(body) as { readonly errors?: unknown } | undefined)?.errors;
  const reasons = Array.isArray(errors) ? errors.filter((error) => typeof error === 'string') : [];
  return [`status ${status}`, ...reasons].join(', ');
}

function fieldOf(body: string, path: string, key: string): string {
  const data = membersOf(membersOf(parsed(body))?.['data']);
  if (!data) throw new SecretError(`Vault gave no data for "${path}".`);
  // The second version wraps what the first gives.
  const fields = membersOf(data['data']) ?? data;
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (typeof value === 'string') return value;
  throw new SecretError(
    value === undefined
      ? `The secret at "${path}" has no field "${key}".`
      : `The field "${key}" of the secret at "${path}" is not a text.`,
  );
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
