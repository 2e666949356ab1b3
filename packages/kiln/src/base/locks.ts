import { randomBytes } from 'node:crypto';
import { mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sleep } from './cancellation.ts';
import { isSystemError, KilnError } from './errors.ts';
import { translateFull } from './files.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from './processes.ts';

export interface LockOptions {
  /** What the lock protects, for the message when somebody else has it. */
  readonly what: string;
  /** How long to wait for another owner, in milliseconds. 0 gives up at once. */
  readonly wait?: number;
  readonly signal?: AbortSignal;
  readonly onWait?: (owner: ProcessIdentity) => void;
}

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes an exclusive lock that names its owner (pid and start time). A lock whose owner is dead is taken over.
 * Not re-entrant: the same process waits for itself like for any other.
 *
 * The lock is a symbolic link to nowhere whose target is the owner. A link appears with its content at once,
 * which an exclusive create does not, and needs no room for it: a full disk must not keep anybody from the lock
 * that freeing some space needs.
 * @throws KilnError `locked` when another living process keeps it longer than `wait`
 */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const self = identifyProcess(process.pid);
  if (!self) throw new KilnError('internal', 'this process has no start time');
  // Below 60 bytes, which common filesystems keep in the inode.
  const own = `${self.pid} ${self.started} ${randomBytes(8).toString('hex')}`;
  const deadline = performance.now() + (options.wait ?? 0);
  let told = false;
  for (;;) {
    try {
      await symlink(own, path);
      return { release: () => releaseIfOwn(path, own) };
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw translateFull(error, path);
    }
    const owner = await lockOwner(path);
    if (owner === 'gone') continue;
    if (owner === 'unknown' || isDead(owner)) {
      await removeDeadLock(path);
      continue;
    }
    if (performance.now() >= deadline) {
      throw new KilnError('locked', `${options.what} is in use by process ${owner.pid}`, {
        hint: 'wait for that command to end, then try again',
      });
    }
    if (!told) options.onWait?.(owner);
    told = true;
    await sleep(25, options.signal);
  }
}

/** Runs `work` under the lock. */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const lock = await acquireLock(path, options);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Who has a lock. `unknown` for something that no Kiln made. */
type LockOwner = ProcessIdentity | 'unknown' | 'gone';

async function lockOwner(path: string): Promise<LockOwner> {
  try {
    const match = /^(\d+) (\d+) [0-9a-f]+$/.exec(await readlink(path));
    return match ? { pid: Number(match[1]), started: match[2]! } : 'unknown';
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'gone';
    if (isSystemError(error, 'EINVAL')) return 'unknown';
    throw error;
  }
}

/**
 * Removes a lock whose owner is dead, and no other. Several may see the same dead owner, and one of them may
 * have taken the lock by the time the next comes to remove it. So removing needs a lock of its own, and a
 * second look: a dead lock that is still there then can go nowhere, because only its remover could remove it.
 */
export async function removeDeadLock(path: string): Promise<void> {
  if (!isDead(await lockOwner(path))) return;
  const remover = await acquireLock(`${path}.takeover`, { what: path, wait: 60_000 });
  try {
    if (isDead(await lockOwner(path))) await rm(path, { force: true });
  } finally {
    await remover.release();
  }
}

function isDead(owner: LockOwner): boolean {
  return owner === 'unknown' || (owner !== 'gone' && !isAlive(owner));
}

async function releaseIfOwn(path: string, own: string): Promise<void> {
  try {
    if ((await readlink(path)) === own) await rm(path, { force: true });
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'EINVAL')) throw error;
  }
}
