import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isSystemError, KilnError } from '../../base/errors.ts';

/** A key that signatures are checked with. */
export interface PublicKey {
  /** SHA-256 of the key in DER (SubjectPublicKeyInfo), hexadecimal: what others call it by, too. */
  readonly id: string;
  /** SubjectPublicKeyInfo in PEM. */
  readonly pem: string;
  readonly key: KeyObject;
}

/** @throws KilnError `file-unsafe` when the text is no Ed25519 key; a private key is taken for its public half */
export function parsePublicKey(pem: string, where: string): PublicKey {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (error) {
    throw new KilnError('file-unsafe', `${where} is not a key in PEM`, {
      hint: 'give a file that starts with -----BEGIN PUBLIC KEY-----, such as `kiln key show` prints',
      cause: error,
    });
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new KilnError('unsupported', `${where} is a key of the kind ${key.asymmetricKeyType}`, {
      hint: 'Kiln signs with Ed25519 keys; make one with `openssl genpkey -algorithm ed25519`',
    });
  }
  return publicKeyOf(key);
}

/** @throws KilnError `file-missing`, and what `parsePublicKey` throws */
export async function readPublicKey(path: string): Promise<PublicKey> {
  try {
    return parsePublicKey(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR')) throw error;
    throw new KilnError('file-missing', `the key ${path} cannot be read (${error.code})`, {
      hint: 'name a file that holds a public key in PEM',
      cause: error,
    });
  }
}

export function publicKeyOf(key: KeyObject): PublicKey {
  const der = key.export({ type: 'spki', format: 'der' });
  return { id: hash('sha256', der), pem: key.export({ type: 'spki', format: 'pem' }) as string, key };
}
