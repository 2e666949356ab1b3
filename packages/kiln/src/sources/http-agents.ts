import { readdir, readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';

export interface HttpAgentsOptions {
  /** Has the proxies: HTTP_PROXY, HTTPS_PROXY, NO_PROXY, in capitals or not. */
  readonly env: NodeJS.ProcessEnv;
  /** Connections to one server at a time. */
  readonly connections: number;
  /** File with certificates of authorities to trust, instead of the usual ones. */
  readonly authorities?: string;
  /** Folder with such files. */
  readonly authoritiesFolder?: string;
  /** PEM file with a certificate of one's own and its key; `FILE:PASSWORD` when the key is encrypted. */
  readonly clientCertificate?: string;
  /** Take whoever answers for the right one. */
  readonly insecure?: boolean;
}

/** Connections that are kept for many requests to the same servers. */
export class HttpAgents {
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;

  private constructor(http: HttpAgent, https: HttpsAgent) {
    this.#http = http;
    this.#https = https;
  }

  /** @throws KilnError `file-missing` for a certificate that cannot be read */
  static async open(options: HttpAgentsOptions): Promise<HttpAgents> {
    const { env, connections, insecure } = options;
    const settings = { keepAlive: true, maxSockets: connections, proxyEnv: env };
    const ca = await authoritiesOf(options);
    const own = await clientCertificateOf(options);
    const trust = { ...(ca.length > 0 && { ca }), ...own, ...(insecure && { rejectUnauthorized: false }) };
    return new HttpAgents(new HttpAgent(settings), new HttpsAgent({ ...settings, ...trust }));
  }

  for(protocol: string): HttpAgent {
    return protocol === 'https:' ? this.#https : this.#http;
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

async function authoritiesOf({ authorities, authoritiesFolder }: HttpAgentsOptions): Promise<Buffer[]> {
  const files = authorities === undefined ? [] : [authorities];
  if (authoritiesFolder !== undefined) {
    const names = await readable(authoritiesFolder, () => readdir(authoritiesFolder));
    // Names as c_rehash gives them, and those that people give.
    const isCertificate = (name: string) => /\.(?:pem|crt|cer|\d)$/i.test(name);
    files.push(...names.filter(isCertificate).map((name) => join(authoritiesFolder, name)));
  }
  return Promise.all(files.map((file) => readable(file, () => readFile(file))));
}

async function clientCertificateOf({ clientCertificate }: HttpAgentsOptions) {
  if (clientCertificate === undefined) return {};
  const colon = clientCertificate.lastIndexOf(':');
  const [file, passphrase] =
    colon > 0 ? [clientCertificate.slice(0, colon), clientCertificate.slice(colon + 1)] : [clientCertificate];
  const pem = await readable(file, () => readFile(file));
  return { cert: pem, key: pem, ...(passphrase !== undefined && { passphrase }) };
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR')) throw error;
    throw new KilnError('file-missing', `the certificates in ${path} cannot be read (${error.code})`, {
      hint: 'name a file or folder with certificates in PEM',
      cause: error,
    });
  }
}
