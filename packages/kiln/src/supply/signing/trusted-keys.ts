import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { writeFileAtomically } from '../../base/files.ts';
import { didYouMean } from '../../base/suggest.ts';
import { listFolder } from '../../store/folders.ts';
import { type PublicKey, parsePublicKey } from './public-key.ts';
import { existingSigningKey, signingFolder } from './signing-key.ts';

/** A key whose signatures count here. */
export interface TrustedKey {
  readonly key: PublicKey;
  /** What people call it; this store's own key is `own`, that of KILN_SIGNING_KEY `environment`. */
  readonly name: string;
}

const ownNames = ['own', 'environment'] as const;

/** Keys that this store has signed with or would sign with, and those that somebody said may be trusted, by name. */
export async function trustedKeys(home: string, env: NodeJS.ProcessEnv = process.env): Promise<TrustedKey[]> {
  const [own, given] = [await existingSigningKey(home, {}), await existingSigningKey(home, env)];
  const keys: TrustedKey[] = own ? [{ key: own.public, name: 'own' }] : [];
  if (given && given.public.id !== own?.public.id) keys.push({ key: given.public, name: 'environment' });
  for (const file of await listFolder(trustFolder(home))) {
    if (!file.endsWith('.pem')) continue;
    const path = join(trustFolder(home), file);
    keys.push({
      key: parsePublicKey(await readFile(path, 'utf8'), path),
      name: file.slice(0, -'.pem'.length),
    });
  }
  return keys;
}

/**
 * From now on signatures of this key count. The same key under the same name changes nothing.
 * @throws KilnError `bad-usage` for a name that cannot be, `already-exists` when another key has it
 */
export async function trustKey(home: string, name: string, key: PublicKey): Promise<void> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(name) || isOwn(name)) {
    throw new KilnError('bad-usage', `"${name}" is not a name for a key`, {
      hint: `a name has letters, digits, dots, dashes and underscores, and is none of ${ownNames.join(', ')}`,
    });
  }
  const before = (await trustedKeys(home)).find((one) => one.name === name);
  if (before && before.key.id !== key.id) {
    throw new KilnError('already-exists', `another key is trusted as "${name}"`, {
      hint: `choose another name, or \`kiln key distrust ${name}\` first`,
    });
  }
  await mkdir(trustFolder(home), { recursive: true, mode: 0o700 });
  await writeFileAtomically(join(trustFolder(home), `${name}.pem`), key.pem);
}

/** Signatures of this key count no more. @throws KilnError `not-found`, `bad-usage` for this store's own key */
export async function distrustKey(home: string, name: string): Promise<void> {
  if (isOwn(name)) {
    throw new KilnError('bad-usage', "this store's own key cannot be distrusted", {
      hint: `remove ${signingFolder(home)} to start with a new one`,
    });
  }
  const names = (await listFolder(trustFolder(home))).map((file) => file.replace(/\.pem$/, ''));
  if (!names.includes(name)) {
    throw new KilnError('not-found', `no key is trusted as "${name}"`, {
      hint: didYouMean(name, names) ?? 'see `kiln key list`',
    });
  }
  await rm(join(trustFolder(home), `${name}.pem`), { force: true });
}

function isOwn(name: string): boolean {
  return ownNames.some((one) => one === name);
}

function trustFolder(home: string): string {
  return join(signingFolder(home), 'trusted');
}
