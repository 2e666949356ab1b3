import { createTemporaryKey } from '../../guests/temporary-key.ts';

export interface HostKey {
  /** Name of the private file in `/etc/ssh`. */
  readonly file: string;
  readonly privateKey: string;
  /** Type and base64, as known_hosts has them. */
  readonly publicKey: string;
}

const kinds = ['ed25519', 'ecdsa', 'rsa'] as const;

/**
 * New host keys of the kinds that a machine has. They are made here: an emulated machine takes a second for each, and a
 * copy that has just begun has nothing random to make them of.
 */
export async function makeHostKeys(wanted: readonly string[]): Promise<readonly HostKey[]> {
  return Promise.all(
    kinds
      .filter((type) => wanted.includes(type))
      .map(async (type) => {
        const { privateKey, publicKey } = await createTemporaryKey({ type, name: '' });
        return {
          file: `/etc/ssh/ssh_host_${type}_key`,
          privateKey,
          publicKey: publicKey.split(' ').slice(0, 2).join(' '),
        };
      }),
  );
}
