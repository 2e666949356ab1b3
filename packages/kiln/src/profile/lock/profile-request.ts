import { readFile } from 'node:fs/promises';
import { isSystemError, KilnError, type SourceLocation } from '../../base/errors.ts';
import type { Content, PackageWish, Profile, Repository } from '../../plan/profile.ts';
import { basePackages } from '../../sources/bootstrap/base-packages.ts';
import type { Release } from '../../sources/bootstrap/release.ts';
import type {
  ForeignRepository,
  PackageRequest,
  RequestedPackage,
} from '../../sources/packages/package-request.ts';

export interface ProfileRequestOptions {
  readonly release: Release;
  readonly architecture: string;
  /** The bytes behind a URL that a key is to be had from, checked against their digest. */
  readonly fetch: (url: string, sha256: string) => Promise<Uint8Array>;
  /** Where the profile names a package or repository. */
  readonly locate?: (what: 'package' | 'repository', name: string) => SourceLocation | undefined;
}

/**
 * What several profiles, one after the other on the same machine, ask apt for. The last word on a package counts.
 * @param profiles without what conditions leave out on that machine (`profileFor`)
 */
export async function profileRequest(
  profiles: readonly Profile[],
  options: ProfileRequestOptions,
): Promise<PackageRequest> {
  const { release, architecture, locate } = options;
  const wishes = new Map<string, RequestedPackage>();
  const repositories = new Map<string, Repository>();
  for (const profile of profiles) {
    for (const wish of profile.packages) wishes.set(wish.name, asRequested(wish, locate));
    for (const one of profile.repositories) {
      if (one.absent) repositories.delete(one.name);
      else repositories.set(one.name, one);
    }
  }
  return {
    release,
    architecture,
    base: [...basePackages, ...release.extraPackages, release.kernelPackage],
    wishes: [...wishes.values()],
    repositories: await Promise.all([...repositories.values()].map((one) => asForeign(one, options))),
    recommends: false,
  };
}

function asRequested(
  { name, state, version }: PackageWish,
  locate: ProfileRequestOptions['locate'],
): RequestedPackage {
  const at = locate?.('package', name);
  return { name, state, ...(version !== undefined && { version }), ...(at && { at }) };
}

async function asForeign(
  { name, urls, suites, components, architectures, key }: Repository,
  { fetch, locate }: ProfileRequestOptions,
): Promise<ForeignRepository> {
  const at = locate?.('repository', name);
  return {
    ...{ name, urls, suites, components, architectures },
    ...(key && { key: await bytesOf(key, fetch) }),
    ...(at && { at }),
  };
}

async function bytesOf(content: Content, fetch: ProfileRequestOptions['fetch']): Promise<Uint8Array> {
  switch (content.kind) {
    case 'text':
      return Buffer.from(content.text);
    case 'bytes':
      return Buffer.from(content.base64, 'base64');
    case 'url':
      return fetch(content.url, content.digest);
    case 'local':
      try {
        return await readFile(content.path);
      } catch (error) {
        if (!isSystemError(error)) throw error;
        throw new KilnError('file-missing', `the key ${content.path} cannot be read: ${error.message}`, {
          cause: error,
        });
      }
  }
}
