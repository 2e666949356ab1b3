import { compareVersions } from '../../sources/packages/debian-version.ts';
import type { ResolvedPackage } from '../../sources/packages/resolved-packages.ts';
import type { LockedProfile } from './lock.ts';

/** One thing in which two locks of a profile differ. */
export type LockChange =
  | { readonly kind: 'added' | 'removed'; readonly package: string; readonly version: string }
  | {
      readonly kind: 'changed';
      readonly package: string;
      readonly before: string;
      readonly after: string;
      /** By dpkg's order of versions; `rebuilt` is the same version with other content. */
      readonly direction: 'newer' | 'older' | 'rebuilt';
    }
  | { readonly kind: 'fetched'; readonly url: string; readonly before?: string; readonly after?: string };

/** What differs, sorted by name. Without a lock before, everything is added. */
export function compareLocks(before: LockedProfile | undefined, after: LockedProfile): LockChange[] {
  const changes: LockChange[] = [];
  const [old, now] = [installed(before), installed(after)];
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [was, is] = [old.get(name), now.get(name)];
    if (!was) changes.push({ kind: 'added', package: name, version: is!.version });
    else if (!is) changes.push({ kind: 'removed', package: name, version: was.version });
    else if (was.sha256 !== is.sha256) {
      const order = compareVersions(is.version, was.version);
      const direction = order > 0 ? 'newer' : order < 0 ? 'older' : 'rebuilt';
      changes.push({ kind: 'changed', package: name, before: was.version, after: is.version, direction });
    }
  }
  const [had, has] = [digests(before), digests(after)];
  for (const url of [...new Set([...had.keys(), ...has.keys()])].sort()) {
    const [was, is] = [had.get(url), has.get(url)];
    if (was !== is)
      changes.push({ kind: 'fetched', url, ...(was && { before: was }), ...(is && { after: is }) });
  }
  return changes;
}

/** What is there in the end, by name: a package of the profile's layer replaces the one of the system's. */
function installed(locked: LockedProfile | undefined): Map<string, ResolvedPackage> {
  const { packages = [], removed = [], architecture } = locked?.resolved ?? {};
  const found = new Map<string, ResolvedPackage>();
  const nameOf = (one: ResolvedPackage) =>
    one.architecture === architecture || one.architecture === 'all'
      ? one.name
      : `${one.name}:${one.architecture}`;
  for (const layer of ['os', 'profile'] as const)
    for (const one of packages) if (one.layer === layer) found.set(nameOf(one), one);
  for (const name of removed) found.delete(name);
  return found;
}

function digests(locked: LockedProfile | undefined): Map<string, string> {
  return new Map(locked?.fetched.map(({ url, sha256 }) => [url, sha256]));
}
