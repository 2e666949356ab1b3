import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { temporaryName, translateFull } from '../../base/files.ts';
import { type PublicKey, publicKeyOf } from './public-key.ts';

/** The key that this Kiln signs with. */
export interface SigningKey {
  readonly public: PublicKey;
  /** The file it is in. */
  readonly path: string;
  /** An Ed25519 signature (RFC 8032): the same bytes always have the same. */
  sign(bytes: Uint8Array): Buffer;
}

/** Where keys are: a folder of its own, since what signs must be easier to guard than what is signed. */
export function signingFolder(home: string): string {
  return join(home, 'signing');
}

/**
 * The key that the environment names in KILN_SIGNING_KEY, else the one of this store, which is made when there is none:
 * PKCS #8 in PEM, mode 0600 in a folder with mode 0700. Commands that make it at the same time get the same one.
 * @throws KilnError `file-missing`, `file-unsafe`, `unsupported`, `disk-full`
 */
export async function openSigningKey(
  home: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<SigningKey> {
  const named = env['KILN_SIGNING_KEY'];
  if (named)
    return readSigningKey(named, 'KILN_SIGNING_KEY names a file that holds an Ed25519 private key in PEM');
  const path = join(signingFolder(home), 'key.pem');
  const hint = 'remove it, and the next build makes a new one; what it signed is then signed by a stranger';
  return (await readIfThere(path)) === undefined ? makeKey(home, path) : readSigningKey(path, hint);
}

/** The key that this store's commands would sign with, or undefined when there is none yet. */
export async function existingSigningKey(
  home: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<SigningKey | undefined> {
  const there = env['KILN_SIGNING_KEY'] || (await readIfThere(join(signingFolder(home), 'key.pem')));
  return there ? openSigningKey(home, env) : undefined;
}

async function readSigningKey(path: string, hint: string): Promise<SigningKey> {
  const pem = await readIfThere(path);
  if (pem === undefined)
    throw new KilnError('file-missing', `the signing key ${path} cannot be read`, { hint });
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    const encrypted = /ENCRYPTED/.test(pem)
      ? 'is encrypted, and there is nobody to ask for its password'
      : 'is not a private key in PEM';
    throw new KilnError('file-unsafe', `the signing key ${path} ${encrypted}`, { hint, cause: error });
  }
  if (key.asymmetricKeyType === 'ed25519') return { path, ...usable(key) };
  throw new KilnError('unsupported', `the signing key ${path} is of the kind ${key.asymmetricKeyType}`, {
    hint: 'Kiln signs with Ed25519 keys; make one with `openssl genpkey -algorithm ed25519`',
  });
}

function usable(key: KeyObject): Pick<SigningKey, 'public' | 'sign'> {
  return { public: publicKeyOf(createPublicKey(key)), sign: (bytes) => sign(null, bytes, key) };
}

async function makeKey(home: string, path: string): Promise<SigningKey> {
  const fresh = temporaryName(path);
  try {
    await mkdir(signingFolder(home), { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await writeFile(fresh, pem, { mode: 0o600, flag: 'wx', flush: true });
    // A link, unlike a rename, never takes the place of what another command has made just now.
    await link(fresh, path);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw translateFull(error, path);
  } finally {
    await rm(fresh, { force: true });
  }
  return readSigningKey(path, 'remove it, and run the command again');
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    if (!isSystemError(error, 'EACCES', 'EISDIR')) throw error;
    throw new KilnError('file-missing', `the signing key ${path} cannot be read (${error.code})`, {
      hint: 'it must be a file that you may read',
      cause: error,
    });
  }
}
