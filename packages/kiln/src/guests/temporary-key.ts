import { generateKeyPair, type KeyObject } from 'node:crypto';
import { KilnError } from '../base/errors.ts';
import type { SshCommunicator } from '../plan/communicator.ts';
import { openSshPrivateFile, openSshPublicLine } from './openssh-key.ts';

export interface KeyPair {
  /** In OpenSSH's format. */
  readonly privateKey: string;
  /** A line for authorized_keys, without line end. */
  readonly publicKey: string;
}

/** Bits when the template names none; OpenSSH's own choices. */
const defaultBits = { rsa: 3072, ecdsa: 256 } as const;
const curves = new Map([
  [256, 'P-256'],
  [384, 'P-384'],
  [521, 'P-521'],
]);

/**
 * Makes a key pair for one build or machine.
 * @throws KilnError `unsupported` for DSA and for sizes the kind of key does not have
 */
export async function createTemporaryKey(spec: SshCommunicator['temporaryKey']): Promise<KeyPair> {
  const comment = spec.name ?? 'kiln';
  const key = (await generate(spec)).export({ format: 'jwk' });
  return { privateKey: openSshPrivateFile(key, comment), publicKey: openSshPublicLine(key, comment) };
}

function generate({ type, bits }: SshCommunicator['temporaryKey']): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, _publicKey: KeyObject, privateKey: KeyObject) => {
      if (error) reject(error);
      else resolve(privateKey);
    };
    if (type === 'ed25519') generateKeyPair('ed25519', undefined, done);
    else if (type === 'rsa') {
      const modulusLength = bits || defaultBits.rsa;
      if (modulusLength < 1024 || modulusLength > 16_384) throw badBits(type, modulusLength, '1024 to 16384');
      generateKeyPair('rsa', { modulusLength }, done);
    } else if (type === 'ecdsa') {
      const wanted = bits || defaultBits.ecdsa;
      const namedCurve = curves.get(wanted);
      if (!namedCurve) throw badBits(type, wanted, [...curves.keys()].join(', '));
      generateKeyPair('ec', { namedCurve }, done);
    } else {
      throw new KilnError('unsupported', `the temporary SSH key cannot be of type ${type}`, {
        hint: 'OpenSSH has not accepted DSA keys since version 7; use ed25519, ecdsa or rsa',
      });
    }
  });
}

function badBits(type: string, bits: number, allowed: string): KilnError {
  return new KilnError('unsupported', `a temporary SSH key of type ${type} cannot have ${bits} bits`, {
    hint: `allowed: ${allowed}`,
  });
}
