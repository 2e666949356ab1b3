import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import type { BoxServices } from './box-services.ts';

/** The public registry, for as long as it lasts. */
export const publicServer = 'https://vagrantcloud.com';
/** Where that sends its users. */
const publicHosts: readonly string[] = ['vagrantcloud.com', 'app.vagrantup.com', 'api.cloud.hashicorp.com'];

/** Base of the catalogues: as configured, else VAGRANT_SERVER_URL, else the public registry. Without a slash at its end. */
export function serverFor({ env }: Pick<BoxServices, 'env'>, configured?: string): string {
  return (configured || env['VAGRANT_SERVER_URL'] || publicServer).replace(/\/+$/, '');
}

/** Where the catalogue of `user/box` may be, the likeliest first. */
export function catalogueUrls(server: string, name: string): readonly string[] {
  return [`${server}/api/v2/vagrant/${name}`, `${server}/${name}`];
}

export interface Credentials {
  readonly url: URL;
  readonly authorization?: string;
}

/**
 * Adds the token that the registry gave to its user, where a URL is the registry's. It goes as a header, or in the URL
 * when VAGRANT_SERVER_ACCESS_TOKEN_BY_URL says so; never to another host.
 */
export async function withToken(services: BoxServices, url: URL, server: string): Promise<Credentials> {
  const isServers = URL.canParse(server) && new URL(server).origin === url.origin;
  if (!isServers && !(url.protocol === 'https:' && publicHosts.includes(url.hostname))) return { url };
  const token = services.env['VAGRANT_CLOUD_TOKEN'] || (await storedToken(services));
  if (!token) return { url };
  if (services.env['VAGRANT_SERVER_ACCESS_TOKEN_BY_URL']) {
    const withQuery = new URL(url);
    withQuery.searchParams.set('access_token', token);
    return { url: withQuery };
  }
  return { url, authorization: `Bearer ${token}` };
}

/** Where `vagrant login` puts it. */
async function storedToken({ boxes }: BoxServices): Promise<string | undefined> {
  try {
    return (await readFile(join(boxes.data, 'vagrant_login_token'), 'utf8')).trim();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
}
