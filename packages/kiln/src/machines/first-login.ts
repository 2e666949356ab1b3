import { readFile } from 'node:fs/promises';
import { KilnError, messageOf } from '../base/errors.ts';
import type { MachineLogin } from '../plan/machine-spec.ts';
import { insecureKeyFiles } from '../sources/boxes/insecure-keys.ts';
import { vagrantHome } from '../store/boxes/vagrant-home.ts';

/** How to log in before the machine knows its own key. */
export interface FirstLogin {
  readonly password?: string;
  /** Their content, the likeliest first. */
  readonly privateKeys?: readonly string[];
  /** How long to wait for it, in milliseconds. */
  readonly timeout?: number;
}

/**
 * What the plan says of the first login, with the keys read.
 * @throws KilnError `file-missing` for a key file that cannot be read
 */
export async function firstLogin(login: MachineLogin): Promise<FirstLogin> {
  const files = [
    ...(login.privateKeyFile === undefined ? [] : [login.privateKeyFile]),
    ...(login.moreKeyFiles ?? []),
    ...(login.publishedKeys ? await insecureKeyFiles(vagrantHome(process.env)) : []),
  ];
  return {
    privateKeys: await Promise.all(files.map(readKey)),
    ...(login.password === undefined ? {} : { password: login.password }),
    ...(login.timeout === undefined ? {} : { timeout: login.timeout }),
  };
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new KilnError('file-missing', `the private key ${path} cannot be read: ${messageOf(error)}`, {
      hint: 'name the key that the machine lets in',
      cause: error,
    });
  }
}
