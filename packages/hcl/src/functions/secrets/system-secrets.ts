import type { SecretHost } from '../host.ts';
import { fetchAwsSecret, fieldOfSecret } from './aws.ts';
import { fetchConsulKey } from './consul.ts';
import { fetchVaultSecret } from './vault.ts';

/** Where and how to look for secrets. */
export interface SecretSettings {
  environment(name: string): string | undefined;
  readonly homeFolder: string | undefined;
}

/** Fetches secrets from the services that the environment names. Each is asked for once. */
export function systemSecrets(settings: SecretSettings): SecretHost {
  const known = new Map<string, string>();
  const once = (key: readonly string[], fetch: () => string): string => {
    const name = JSON.stringify(key);
    const value = known.get(name) ?? fetch();
    known.set(name, value);
    return value;
  };
  const aws = (name: string) => once(['aws', name], () => fetchAwsSecret(settings, name));
  return {
    vault: (path, key) => once(['vault', path, key], () => fetchVaultSecret(settings, path, key)),
    consulKey: (key) => once(['consul', key], () => fetchConsulKey(settings, key)),
    awsSecret: (name, key) => fieldOfSecret(name, aws(name), key),
    awsSecretRaw: aws,
  };
}
