import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { withLock } from '../../base/locks.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { AptContext } from '../../sources/packages/apt-folder.ts';
import { keepStanzas } from '../../sources/packages/package-cache.ts';
import type { PackageRequest } from '../../sources/packages/package-request.ts';
import { resolvePackages } from '../../sources/packages/resolve-packages.ts';
import { compareLocks, type LockChange } from './compare-locks.ts';
import type { FetchedFile, LockedProfile, LockFile } from './lock.ts';
import { lockedRequest, whyUnfit } from './locked-request.ts';
import { readLock } from './read-lock.ts';
import { writeLock } from './write-lock.ts';

export interface LockPlace {
  /** Absolute path of the lock file. */
  readonly path: string;
  /** How the user knows it, for messages. */
  readonly shown: string;
  /** Name of the profile or image in it. */
  readonly name: string;
}

export interface SettleOptions {
  /** A lock that does not fit is an error; otherwise it is resolved again. */
  readonly frozen?: boolean;
  /**
   * Packages that move to their newest version, or all of them. With it a lock is resolved again even though it fits.
   */
  readonly update?: readonly string[] | 'all';
  /** Write nothing. */
  readonly dryRun?: boolean;
  /** Called before packages are resolved, which takes a moment and the network. */
  readonly onResolve?: () => void;
}

export interface SettledLock {
  readonly locked: LockedProfile;
  /** Why the lock that was there would not do, a sentence each. */
  readonly reasons: readonly string[];
  /** What is otherwise than in the lock that was there. */
  readonly changes: readonly LockChange[];
  /** There was no lock of this name. */
  readonly isNew: boolean;
  /** The file was written. */
  readonly written: boolean;
}

/**
 * The exact packages of a profile: those of the lock when it fits, and then neither apt nor the network is asked; else
 * resolved, staying at the versions of the lock where that can be, and written.
 * @param fetched what else was fetched for the profile
 * @throws KilnError `lock-unfit` when a frozen lock does not fit or is not there; DiagnosticsError for a damaged lock;
 *   and as resolvePackages
 */
export async function settleLock(
  place: LockPlace,
  request: PackageRequest,
  fetched: readonly FetchedFile[],
  context: AptContext,
  options: SettleOptions = {},
): Promise<SettledLock> {
  const { frozen = false, update, dryRun = false } = options;
  const before = (await readLock(place.path, place.shown))?.profiles.get(place.name);
  const reasons = before ? [...whyUnfit(before, request), ...whyUnfetched(before, fetched)] : [];
  if (before && reasons.length === 0 && update === undefined)
    return { locked: before, reasons, changes: [], isNew: false, written: false };
  if (frozen) throw unfit(place, reasons, before !== undefined);
  if (before && update !== undefined && update !== 'all') refuseUnknown(update, before, place);
  options.onResolve?.();
  const resolution = await resolvePackages(request, context, {
    ...(before && update !== 'all' && sameSystem(before, request) && { keep: before.resolved }),
    ...(update !== undefined && update !== 'all' && { update }),
  });
  await keepStanzas(context.layout, resolution);
  const { distribution, version } = request.release;
  const locked: LockedProfile = {
    os: { distribution, release: version },
    asked: lockedRequest(request),
    resolved: resolution.resolved,
    fetched: [...fetched].sort((a, b) => (a.url < b.url ? -1 : 1)),
  };
  if (!dryRun) await putIntoFile(place, locked, context);
  return {
    locked,
    reasons,
    changes: compareLocks(before, locked),
    isNew: before === undefined,
    written: !dryRun,
  };
}

/** Adds or replaces one profile of the file; what other commands have put there meanwhile stays. */
async function putIntoFile(place: LockPlace, locked: LockedProfile, { layout, signal }: AptContext) {
  const id = createHash('sha256').update(place.path).digest('hex').slice(0, 16);
  const lock = { what: place.shown, wait: 60_000, signal };
  await withLock(join(layout.locks, `lock-${id}`), lock, async () => {
    const file: LockFile = (await readLock(place.path, place.shown)) ?? { profiles: new Map() };
    await writeLock(place.path, { profiles: new Map([...file.profiles, [place.name, locked]]) });
  });
}

function sameSystem({ os, resolved }: LockedProfile, { release, architecture }: PackageRequest): boolean {
  return (
    os.distribution === release.distribution &&
    os.release === release.version &&
    resolved.architecture === architecture
  );
}

function whyUnfetched(before: LockedProfile, fetched: readonly FetchedFile[]): string[] {
  const known = new Map(before.fetched.map(({ url, sha256 }) => [url, sha256]));
  return fetched.flatMap(({ url, sha256 }) => {
    const locked = known.get(url);
    if (locked === sha256) return [];
    return [
      locked === undefined ? `it does not have ${url}` : `${url} has another content than the locked one`,
    ];
  });
}

function unfit({ shown, name }: LockPlace, reasons: readonly string[], isThere: boolean): KilnError {
  const words = isThere ? `does not fit "${name}": ${reasons.join('; ')}` : `has no lock of "${name}"`;
  return new KilnError('lock-unfit', `${shown} ${words}`, {
    hint: 'run `kiln profile lock` and commit the file, or build without --locked',
  });
}

function refuseUnknown(names: readonly string[], before: LockedProfile, { shown, name }: LockPlace): void {
  const known = new Set(before.resolved.packages.map((one) => one.name));
  const unknown = names.filter((one) => !known.has(one));
  if (unknown.length === 0) return;
  throw new KilnError('not-found', `${shown} has no package ${unknown.join(', ')} for "${name}"`, {
    hint:
      didYouMean(unknown[0]!, known) ??
      'only packages that are locked can be updated; others are added in the profile',
  });
}
