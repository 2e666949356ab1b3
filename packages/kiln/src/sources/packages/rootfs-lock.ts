import type { LockedPackage } from '../../plan/locked-package.ts';
import type { RootfsLock } from '../../plan/rootfs-source.ts';
import { isPublicArchive } from '../bootstrap/mirror.ts';
import type { ResolvedPackage, ResolvedPackages } from './resolved-packages.ts';

/**
 * What was resolved, in the form that plans have it: nothing in it depends on this host. Packages are at the archive that
 * everybody knows, then at the one of all times; the sources of the finished system are the distribution's own, since a
 * profile brings its repositories itself.
 */
export function toRootfsLock({ epoch, repositories, packages }: ResolvedPackages): RootfsLock {
  const bases = new Map(
    repositories.map(({ name, url, snapshot }) => [name, snapshot === undefined ? [url] : [url, snapshot]]),
  );
  const locked = ({ repository, path, automatic, ...rest }: ResolvedPackage): LockedPackage => {
    const { name, version, architecture, sha256, size } = rest;
    const urls = (bases.get(repository) ?? []).map((base) => base + asUrlPath(path));
    return { name, version, architecture, sha256, size, urls, ...(automatic && { automatic }) };
  };
  const layer = (wanted: ResolvedPackage['layer']) =>
    packages.filter((one) => one.layer === wanted).map(locked);
  return {
    time: epoch,
    base: layer('os'),
    more: layer('profile'),
    sources: repositories
      .filter(({ url }) => isPublicArchive(url))
      .map(({ url, suite, components }) => ['deb', url.replace(/\/$/, ''), suite, ...components].join(' ')),
  };
}

/** Some servers take a plus for a space. */
function asUrlPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':');
}
