import type { SystemFiles } from './system-files.ts';

/** As many links as Linux follows in one path. */
const mostLinks = 40;

/**
 * Where a path leads when links are followed as the system itself would follow them: never out of its root. Undefined
 * when there is nothing.
 * @param last false: a link that the last name is stays as it is
 */
export function followPath(
  files: Pick<SystemFiles, 'entries'>,
  path: string,
  { last = true }: { readonly last?: boolean } = {},
): string | undefined {
  const { entries } = files;
  let links = 0;
  let waiting = path.split('/').reverse();
  let at = '';
  while (waiting.length > 0) {
    const name = waiting.pop()!;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = parentOf(at);
      continue;
    }
    const next = at === '' ? name : `${at}/${name}`;
    const entry = entries.get(next);
    if (!entry) return undefined;
    if (entry.kind !== 'symlink' || (waiting.length === 0 && !last)) {
      at = next;
      continue;
    }
    links += 1;
    if (links > mostLinks) return undefined;
    if (entry.target.startsWith('/')) at = '';
    waiting = [...waiting, ...entry.target.split('/').reverse()];
  }
  return at;
}

/**
 * Follows only the folders of a path, and remembers them: for the many paths of a package database, which are written
 * as they were packed (`/bin/ls` where the file is /usr/bin/ls). A file that is not there keeps its name.
 */
export function folderFollower(files: Pick<SystemFiles, 'entries'>): (path: string) => string {
  const known = new Map<string, string>();
  return (path) => {
    const slash = path.lastIndexOf('/');
    if (slash < 0) return path;
    const folder = path.slice(0, slash);
    let real = known.get(folder);
    if (real === undefined) {
      real = followPath(files, folder) ?? folder;
      known.set(folder, real);
    }
    return real === '' ? path.slice(slash + 1) : `${real}${path.slice(slash)}`;
  };
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
