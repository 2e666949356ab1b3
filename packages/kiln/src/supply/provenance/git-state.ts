import { KilnError } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';

/** The state of a project that Git looks after. */
export interface GitState {
  readonly commit: string;
  /** Nothing in the folder differs from the commit: neither changed nor new files. */
  readonly clean: boolean;
  /** Where it comes from, without user names and passwords. */
  readonly remote?: string;
}

/** The state of the project that a folder is in; undefined when it is in none, or when there is no Git here. */
export async function gitState(folder: string): Promise<GitState | undefined> {
  const commit = await git(folder, 'rev-parse', '--verify', '--quiet', 'HEAD');
  if (commit === undefined || !/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(commit)) return undefined;
  const changes = await git(folder, 'status', '--porcelain', '--untracked-files=normal', '--', '.');
  const remote = await git(folder, 'config', '--get', 'remote.origin.url');
  const place = remote === undefined ? undefined : withoutLogin(remote);
  return { commit, clean: changes === '', ...(place && { remote: place }) };
}

async function git(folder: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    // Looking must not change anything, and a project of somebody else must not run its programs.
    const quiet = [
      '-C',
      folder,
      '--no-optional-locks',
      '-c',
      'core.fsmonitor=',
      '-c',
      'core.hooksPath=/dev/null',
    ];
    const { code, stdout } = await run('git', [...quiet, ...args]);
    return code === 0 ? stdout.trim() : undefined;
  } catch (error) {
    if (error instanceof KilnError && error.code === 'tool-missing') return undefined;
    throw error;
  }
}

/** Undefined for places on this host: their paths mean nothing elsewhere. */
function withoutLogin(remote: string): string | undefined {
  const short = /^(?:[^@/\s]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(remote);
  if (short) return `ssh://${short[1]}/${short[2]!.replace(/^\/+/, '')}`;
  try {
    const url = new URL(remote);
    if (!/^(?:https?|ssh|git):$/.test(url.protocol)) return undefined;
    url.username = '';
    url.password = '';
    return url.href.replace(/[?#].*$/, '');
  } catch {
    return undefined;
  }
}
