import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sleep } from './cancellation.ts';
import { isSystemError, KilnError } from './errors.ts';
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
 * Takes an exclusive lock that is a file naming its owner (pid and start time). A lock whose owner is dead is
 * taken over. Not re-entrant: the same process waits for itself like for any other.
 * @throws KilnError `locked` when another living process keeps it longer than `wait`
 */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true });
  const own = `${JSON.stringify({ ...identifyProcess(process.pid), token: randomBytes(8).toString('hex') })}\n`;
  const candidate = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(candidate, own, { flag: 'wx', mode: 0o600 });
  const deadline = performance.now() + (options.wait ?? 0);
  let told = false;
  try {
    for (;;) {
      try {
        // A link appears with its content at once; an exclusive create would be empty for a moment.
        await link(candidate, path);
        return { release: () => releaseIfOwn(path, own) };
      } catch (error) {
        if (!isSystemError(error, 'EEXIST')) throw error;
      }
      const owner = await readOwner(path);
      if (owner === 'gone') continue;
      if (owner === undefined || !isAlive(owner.identity)) {
        await removeDead(path, owner?.text);
        continue;
      }
      if (performance.now() >= deadline) {
        throw new KilnError('locked', `${options.what} is in use by process ${owner.identity.pid}`, {
          hint: 'wait for that command to end, then try again',
        });
      }
      if (!told) options.onWait?.(owner.identity);
      told = true;
      await sleep(25, options.signal);
    }
  } finally {
    await rm(candidate, { force: true });
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

async function readOwner(
  path: string,
): Promise<{ identity: ProcessIdentity; text: string } | undefined | 'gone'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'gone';
    throw error;
  }
  try {
    const { pid, started } = JSON.parse(text) as Partial<ProcessIdentity>;
    if (typeof pid === 'number' && typeof started === 'string') return { identity: { pid, started }, text };
  } catch {
    // Not written by a living Kiln: links are made from whole files.
  }
  return undefined;
}

/**
 * Removes a dead owner's lock. Two waiters may see the same dead owner, and one may have taken the lock since:
 * the file is moved away first, looked at, and put back if it turns out to be somebody's living lock.
 */
async function removeDead(path: string, seen: string | undefined): Promise<void> {
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.dead`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    throw error;
  }
  const text = await readFile(aside, 'utf8');
  if (seen !== undefined && text !== seen) {
    try {
      await link(aside, path);
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error;
    }
  }
  await rm(aside, { force: true });
}

async function releaseIfOwn(path: string, own: string): Promise<void> {
  try {
    if ((await readFile(path, 'utf8')) === own) await rm(path, { force: true });
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
}
