import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { isSystemError, KilnError } from './errors.ts';
import { type RunOptions, run, runOrFail } from './processes.ts';

/*
 * A tree of files that belong to many users takes root's rights, or a user namespace (user_namespaces(7)) in which an
 * ordinary user is root, and the other users are ids that /etc/subuid and /etc/subgid have set aside for that user.
 */

/** What keeps this user from being root in a namespace, and how to mend it. */
export interface NamespaceObstacle {
  readonly message: string;
  readonly hint: string;
}

/** True when no namespace is needed. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * A command line that runs a program as root over files of this user: as it stands for root, in a namespace of its own
 * for others. There the program's end is everybody's: nothing that it started outlives it.
 */
export function asRoot(command: string, args: readonly string[]): readonly [string, readonly string[]] {
  if (isRoot()) return [command, args];
  return ['unshare', [...namespaceFlags, '--', command, ...args]];
}

const namespaceFlags = [
  ...['--user', '--map-root-user', '--map-auto'],
  ...['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
];

/** Looks whether `asRoot` works here, by trying. Undefined when it does. */
export async function namespaceObstacle(
  options: Pick<RunOptions, 'signal'> = {},
): Promise<NamespaceObstacle | undefined> {
  if (isRoot()) return undefined;
  const { username, uid } = userInfo();
  const setAside = (file: string) =>
    new RegExp(`^(?:${username.replace(/[^\w-]/g, '\\$&')}|${uid}):\\d+:\\d+`, 'm').test(readQuietly(file));
  if (!setAside('/etc/subuid') || !setAside('/etc/subgid')) {
    return {
      message: `/etc/subuid and /etc/subgid have no ids for ${username}`,
      hint: `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}`,
    };
  }
  try {
    const { code, stderr } = await run(...asRoot('true', []), options);
    if (code === 0) return undefined;
    return explain(stderr.trim());
  } catch (error) {
    if (!(error instanceof KilnError && error.code === 'tool-missing')) throw error;
    return { message: 'the program "unshare" is not installed', hint: 'sudo apt-get install util-linux' };
  }
}

function explain(words: string): NamespaceObstacle {
  if (/newuidmap|newgidmap/.test(words)) {
    return {
      message: 'the programs newuidmap and newgidmap are not installed',
      hint: 'sudo apt-get install uidmap',
    };
  }
  if (/map-auto/.test(words)) {
    return {
      message: 'its util-linux is too old (unshare has no --map-auto)',
      hint: 'run this as root, or update the system: Debian 12 and Ubuntu 24.04 have it',
    };
  }
  if (readQuietly('/proc/sys/kernel/unprivileged_userns_clone').trim() === '0') {
    return {
      message: 'this kernel lets only root make user namespaces',
      hint: 'sudo sysctl kernel.unprivileged_userns_clone=1',
    };
  }
  if (readQuietly('/proc/sys/kernel/apparmor_restrict_unprivileged_userns').trim() === '1') {
    return {
      message: 'AppArmor keeps users from making user namespaces',
      hint: 'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
    };
  }
  return {
    message: `a user namespace cannot be made: ${words || 'unshare did not say why'}`,
    hint: 'run this as root, or in a container that may make user namespaces',
  };
}

/**
 * Removes a file or folder, also one with files in it of users that exist only in a namespace.
 * @throws KilnError `tool-failed` where that needs a namespace and there can be none
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (isRoot() || !isSystemError(error, 'EACCES', 'EPERM', 'ENOTEMPTY')) throw error;
    await runOrFail(...asRoot('rm', ['-rf', '--', path]));
  }
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
