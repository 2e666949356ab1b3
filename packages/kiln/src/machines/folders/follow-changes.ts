import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '../../base/cancellation.ts';
import { isSystemError, KilnError, messageOf } from '../../base/errors.ts';
import type { Guest } from '../../guests/guest.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import { rootCommand } from '../as-root.ts';
import type { MachineRecord } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { type AttachedFolder, attachFolders } from './attach-folders.ts';
import { copyChanges } from './copy-changes.ts';
import { copyOptions } from './copy-options.ts';
import { excludePatterns } from './exclude-patterns.ts';
import { listHostPath } from './host-listing.ts';
import { hostHasRsync, rsyncFolder } from './rsync-program.ts';
import { TreeWatcher } from './watch-tree.ts';

export interface FollowRequest {
  readonly record: MachineRecord;
  readonly spec: Pick<MachineSpec, 'folders'>;
  /** Connects to the machine; asked again after the connection broke. */
  readonly open: (signal: AbortSignal) => Promise<Guest>;
  /** Programs in the machine that watch files of mounted folders are told of changes. */
  readonly notify: boolean;
  /** Everything is as on the host, and from now on changes follow. */
  readonly onReady?: () => void;
}

/** Changes that come within this time of each other go together, in milliseconds. */
const pause = 40;
/** How long to wait before a machine that has gone away is tried again, in milliseconds. */
const retryAfter = 2000;

/**
 * Keeps the folders of a machine as they are on the host until the signal is raised. A machine that restarts is waited
 * for, and then gets everything that it missed.
 * @throws KilnError `cancelled` at the end; `unsupported` when the host cannot watch so many folders
 */
export async function followChanges(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  request: FollowRequest,
): Promise<never> {
  const folders = request.spec.folders.filter(({ rsync }) => rsync.auto);
  let isFirst = true;
  for (;;) {
    const guest = await openPatiently(services, request);
    try {
      await followOnce(services, { ...request, spec: { folders } }, guest, isFirst);
    } catch (error) {
      if (services.signal.aborted) throw error;
      if (!(error instanceof KilnError) || error.code !== 'guest-disconnected') throw error;
      tell(services, request.record.name, 'the connection broke; waiting for the machine');
    } finally {
      await guest.close();
    }
    isFirst = false;
    await sleep(retryAfter, services.signal);
  }
}

async function openPatiently(
  services: Pick<MachineServices, 'emit' | 'signal'>,
  { open, record }: FollowRequest,
): Promise<Guest> {
  let said = false;
  for (;;) {
    try {
      return await open(services.signal);
    } catch (error) {
      if (services.signal.aborted || !(error instanceof KilnError)) throw error;
      if (!['guest-unreachable', 'guest-disconnected', 'not-found'].includes(error.code)) throw error;
      if (!said) tell(services, record.name, `cannot be reached: ${messageOf(error)}; waiting`);
      said = true;
    }
    await sleep(retryAfter, services.signal);
  }
}

async function followOnce(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  request: FollowRequest,
  guest: Guest,
  isFirst: boolean,
): Promise<void> {
  const { record, spec } = request;
  const changed = new ChangedPaths();
  // Watched before they are copied: what changes meanwhile is not missed.
  const watchers: TreeWatcher[] = [];
  try {
    for (const folder of spec.folders) {
      const excluded = excludePatterns(copyOptions(folder.rsync).exclude);
      watchers.push(
        await TreeWatcher.start(folder.hostPath, {
          excluded,
          onChange: (path) => changed.add(folder.id, path),
          onError: (error) => changed.fail(error),
        }),
      );
    }
    const attached = await attachFolders(services, { record, spec, guest, onlyCopies: true });
    const told = new Map<string, string>();
    if (isFirst) request.onReady?.();
    for (;;) {
      const batch = await changed.next(services.signal);
      for (const [id, paths] of batch) {
        const one = attached.find(({ folder }) => folder.id === id);
        if (!one) continue;
        if (one.how === 'copied') await copyPaths(services, record, guest, one, paths);
        else if (request.notify) await notifyPaths(services, guest, one, paths, told);
      }
    }
  } finally {
    for (const watcher of watchers) watcher.close();
  }
}

/** What has changed since it was last asked. */
class ChangedPaths {
  #paths = new Map<string, Set<string>>();
  #error: KilnError | undefined;
  #wake: (() => void) | undefined;

  add(folder: string, path: string): void {
    const paths = this.#paths.get(folder) ?? new Set();
    this.#paths.set(folder, paths.add(path));
    this.#wake?.();
  }

  fail(error: KilnError): void {
    this.#error = error;
    this.#wake?.();
  }

  /** Waits until something has changed, and then until a moment has passed. @throws KilnError `cancelled` */
  async next(signal: AbortSignal): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    while (this.#paths.size === 0 && !this.#error) {
      const stop = new AbortController();
      this.#wake = () => stop.abort();
      try {
        await sleep(2 ** 30, AbortSignal.any([signal, stop.signal]));
      } catch (error) {
        if (signal.aborted) throw error;
      } finally {
        this.#wake = undefined;
      }
    }
    if (this.#error) throw this.#error;
    await sleep(pause, signal);
    const paths = this.#paths;
    this.#paths = new Map();
    return paths;
  }
}

async function copyPaths(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  record: MachineRecord,
  guest: Guest,
  { folder, path, owner }: AttachedFolder,
  changed: ReadonlySet<string>,
): Promise<void> {
  const { home, signal } = services;
  const options = copyOptions(folder.rsync);
  const withOwner = owner ? { owner } : {};
  if ((!options.isExact || folder.rsync.path !== undefined) && hostHasRsync()) {
    await rsyncFolder({ home, record, folder, path, guest, signal, ...withOwner });
    tell(services, record.name, `${folder.guestPath}: copied by rsync`);
    return;
  }
  const excluded = excludePatterns(options.exclude);
  const listed = new Map();
  const gone: string[] = [];
  for (const one of topmost(changed)) {
    const listing = await listHostPath(folder.hostPath, one, { excluded, followLinks: options.followLinks });
    for (const [name, entry] of listing) listed.set(name, entry);
    if (listing.size === 0) gone.push(one);
  }
  const remove = options.delete ? gone : [];
  const target = { guest, path, signal, ...withOwner };
  const sent = await copyChanges(target, folder.hostPath, listed, { send: [...listed.keys()], remove });
  if (sent + remove.length > 0) {
    tell(services, record.name, `${folder.guestPath}: ${describe(sent, remove.length)}`);
  }
}

function describe(sent: number, removed: number): string {
  return [sent > 0 ? `${sent} copied` : '', removed > 0 ? `${removed} removed` : '']
    .filter(Boolean)
    .join(', ');
}

/** Without those below another one. The folder itself is no path to copy: what is new in it tells of itself. */
function topmost(paths: ReadonlySet<string>): string[] {
  return [...paths].filter(
    (path) =>
      path !== '' &&
      !path.split('/').some((_, index, names) => index > 0 && paths.has(names.slice(0, index).join('/'))),
  );
}

/**
 * Has programs in the machine that watch files (inotify(7)) notice what the host did: setting a file's time to what it
 * is already changes nothing and is an event there. For what is gone, or has come, its folder's time is set, too.
 */
async function notifyPaths(
  { signal }: Pick<MachineServices, 'signal'>,
  guest: Guest,
  { folder, path }: AttachedFolder,
  changed: ReadonlySet<string>,
  told: Map<string, string>,
): Promise<void> {
  const words: string[] = [];
  for (const one of changed) {
    const facts = await stampOf(join(folder.hostPath, one));
    const key = `${folder.id}\0${one}`;
    const before = told.get(key);
    if (facts === undefined) {
      told.delete(key);
      const parent = one.split('/').slice(0, -1).join('/');
      const above = await stampOf(join(folder.hostPath, parent));
      if (above) words.push(above.time, `./${parent}`);
      continue;
    }
    // The touch comes back here as a change of the host's file, of which nothing is new.
    if (before === facts.stamp) continue;
    told.set(key, facts.stamp);
    words.push(facts.time, `./${one}`);
  }
  if (words.length === 0) return;
  const script =
    'cd "$1" || exit 1; shift; while [ $# -ge 2 ]; do touch -h -c -m -d "@$1" "$2" 2>/dev/null || touch -c -m -d "@${1%.*}" "$2"; shift 2; done';
  const exit = await guest.exec({ command: rootCommand(script, path, ...words), signal });
  if (exit.kind === 'disconnected') {
    throw new KilnError('guest-disconnected', 'the connection to the machine broke');
  }
}

async function stampOf(
  local: string,
): Promise<{ readonly time: string; readonly stamp: string } | undefined> {
  try {
    const facts = await lstat(local, { bigint: true });
    const fraction = String(facts.mtimeNs % 1_000_000_000n).padStart(9, '0');
    return {
      time: `${facts.mtimeNs / 1_000_000_000n}.${fraction}`,
      stamp: `${facts.ino} ${facts.size} ${facts.mtimeNs} ${facts.mode}`,
    };
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) return undefined;
    throw error;
  }
}
