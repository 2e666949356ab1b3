import type { LockedPackage } from '../../plan/locked-package.ts';
import { type FetchOptions, fetchByDigest } from './fetch-by-digest.ts';

/**
 * Sees to it that the cache has every one of these packages, with the digest that it is locked to.
 * @throws KilnError `download-failed`, `checksum-mismatch`, `disk-full`, `cancelled`
 */
export async function fetchPackages(
  packages: readonly LockedPackage[],
  options: FetchOptions,
): Promise<void> {
  await fetchByDigest(
    packages.map(({ name, version, sha256, size, urls }) => ({
      ...{ what: `${name} ${version}`, sha256, size, urls },
      hint: `\`kiln profile lock --update ${name}\` moves the lock to the package that is there now`,
    })),
    options,
  );
}
