import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ParsedKey, utils } from 'ssh2';
import { isSystemError, KilnError, messageOf } from '../base/errors.ts';

/** One way to log in, as far as it can be prepared before there is a connection. */
export type Credential =
  | { readonly kind: 'key'; readonly key: ParsedKey; readonly label: string }
  | { readonly kind: 'agent'; readonly socket: string; readonly label: string }
  | { readonly kind: 'password'; readonly password: string; readonly label: string };

export interface CredentialSources {
  readonly agentSocket?: string | undefined;
  readonly privateKeyFile?: string | undefined;
  readonly certificateFile?: string | undefined;
  readonly privateKeys?: readonly string[] | undefined;
  readonly password?: string | undefined;
  readonly folder?: string | undefined;
}

/**
 * Reads and checks everything that can be used to log in, in the order of trying: agent, keys, password.
 * @throws KilnError `file-missing`, `unsupported`
 */
export async function readCredentials(
  sources: CredentialSources,
  { parseKey }: Pick<typeof utils, 'parseKey'>,
): Promise<readonly Credential[]> {
  if (sources.certificateFile) {
    throw new KilnError(
      'unsupported',
      `the SSH certificate ${sources.certificateFile} cannot be used: Kiln's SSH library signs logins with plain keys only`,
      { hint: 'let the machine accept the plain key, and leave the certificate out' },
    );
  }
  const credentials: Credential[] = [];
  if (sources.agentSocket) {
    credentials.push({ kind: 'agent', socket: sources.agentSocket, label: 'agent' });
  }
  const texts: { text: string; label: string }[] = [];
  if (sources.privateKeyFile) {
    const path = expandHome(sources.privateKeyFile, sources.folder);
    texts.push({ text: await readKeyFile(path), label: `key ${sources.privateKeyFile}` });
  }
  for (const text of sources.privateKeys ?? []) {
    if (!texts.some((other) => other.text.trim() === text.trim())) texts.push({ text, label: 'key' });
  }
  for (const { text, label } of texts) {
    credentials.push({ kind: 'key', key: readKey(text, label, parseKey), label });
  }
  if (sources.password !== undefined) {
    credentials.push({ kind: 'password', password: sources.password, label: 'password' });
  }
  return credentials;
}

function readKey(text: string, label: string, parseKey: typeof utils.parseKey): ParsedKey {
  // Keys that went through templates and environment variables often lose the last line end, which OpenSSH's
  // format needs.
  const parsed: unknown = parseKey(`${text.trimEnd()}\n`);
  if (parsed instanceof Error) {
    if (/encrypted|passphrase/i.test(parsed.message)) {
      throw new KilnError('unsupported', `the private ${label} is encrypted with a passphrase`, {
        hint: 'add it to an ssh-agent and use the agent, or write a copy without passphrase with ssh-keygen -p',
      });
    }
    throw new KilnError('unsupported', `the private ${label} cannot be read: ${messageOf(parsed)}`, {
      hint: 'keys in the formats of OpenSSH and PEM work',
    });
  }
  const key = (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey;
  if (!key.isPrivateKey()) {
    throw new KilnError('unsupported', `the private ${label} is a public key`, {
      hint: 'give the file without .pub',
    });
  }
  return key;
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR')) {
      throw new KilnError('file-missing', `the private key file ${path} cannot be read: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}

function expandHome(path: string, folder = '.'): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(folder, path);
}
