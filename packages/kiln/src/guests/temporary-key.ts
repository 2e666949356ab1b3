import { KilnError, messageOf } from '../base/errors.ts';
import type { SshCommunicator } from '../plan/communicator.ts';

export interface KeyPair {
  /** In OpenSSH's format. */
  readonly privateKey: string;
  /** A line for authorized_keys, without line end. */
  readonly publicKey: string;
}

/** Bits when the template names none; OpenSSH's own choices. */
const defaultBits = { rsa: 3072, ecdsa: 256 } as const;

/**
 * Makes a key pair for one build or machine.
 * @throws KilnError `unsupported` for DSA and for sizes the kind of key does not have
 */
export async function createTemporaryKey(spec: SshCommunicator['temporaryKey']): Promise<KeyPair> {
  const comment = spec.name ?? 'kiln';
  if (spec.type === 'dsa') {
    throw new KilnError('unsupported', 'the temporary SSH key cannot be of type dsa', {
      hint: 'OpenSSH has not accepted DSA keys since version 7; use ed25519, ecdsa or rsa',
    });
  }
  if (spec.type === 'rsa' && spec.bits !== undefined && (spec.bits < 1024 || spec.bits > 16_384)) {
    throw badBits(spec.type, spec.bits, 'give 1024 to 16384');
  }
  if (spec.type === 'ecdsa' && spec.bits !== undefined && ![256, 384, 521].includes(spec.bits)) {
    throw badBits(spec.type, spec.bits, 'give 256, 384 or 521');
  }
  const { utils } = (await import('ssh2')).default;
  try {
    const pair = await new Promise<{ private: string; public: string }>((resolve, reject) => {
      const done = (error: Error | null, made: { private: string; public: string }) =>
        error ? reject(error) : resolve(made);
      if (spec.type === 'ed25519') utils.generateKeyPair('ed25519', { comment }, done);
      else if (spec.type === 'rsa') {
        utils.generateKeyPair('rsa', { bits: spec.bits || defaultBits.rsa, comment }, done);
      } else {
        utils.generateKeyPair(
          'ecdsa',
          { bits: (spec.bits || defaultBits.ecdsa) as 256 | 384 | 521, comment },
          done,
        );
      }
    });
    return { privateKey: `${pair.private.trimEnd()}\n`, publicKey: pair.public.trim() };
  } catch (error) {
    throw new KilnError('internal', `the temporary SSH key could not be made: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function badBits(type: string, bits: number, hint: string): KilnError {
  return new KilnError('unsupported', `a temporary SSH key of type ${type} cannot have ${bits} bits`, {
    hint,
  });
}
