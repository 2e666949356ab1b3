import type { LockedPackage } from '../../plan/locked-package.ts';
import type { RootfsLock } from '../../plan/rootfs-source.ts';
import type { Release } from '../bootstrap/release.ts';
import { distributionSources } from './apt-source.ts';
import type { ResolvedPackage, ResolvedPackages, ResolvedRepository } from './resolved-packages.ts';

/**
 * What a plan has to know of an answer: where each package can be had from this host (its own mirror of the distribution
 * first, then the archive that everybody knows, then the archive of all times), and the repositories that the finished
 * system is to have.
 */
export async function rootfsLock(
  release: Release,
  resolved: ResolvedPackages,
  aptFolder?: string,
): Promise<RootfsLock> {
  const own = await distributionSources(release, aptFolder);
  const isOwn = ({ url, suite }: ResolvedRepository) =>
    own.find((one) => one.url === url && one.suite === suite);
  const bases = new Map(
    resolved.repositories.map((repository) => {
      const { name, url, snapshot } = repository;
      const mirror = isOwn(repository)?.mirror;
      return [name, [...new Set([mirror, url, snapshot].filter((base) => base !== undefined))]];
    }),
  );
  const locked = ({ repository, path, automatic, ...rest }: ResolvedPackage): LockedPackage => {
    const { name, version, architecture, sha256, size } = rest;
    const urls = (bases.get(repository) ?? []).map((base) => base + encodeURI(path).replaceAll('+', '%2b'));
    return { name, version, architecture, sha256, size, urls, ...(automatic && { automatic }) };
  };
  const layer = (wanted: ResolvedPackage['layer']) =>
    resolved.packages.filter((one) => one.layer === wanted).map(locked);
  return {
    time: resolved.epoch,
    base: layer('os'),
    more: layer('profile'),
    sources: resolved.repositories
      .filter(isOwn)
      .map(({ url, suite, components }) => ['deb', url.replace(/\/$/, ''), suite, ...components].join(' ')),
  };
}
