import type { HomePlace, Place } from './survey.ts';

/** Homes that are looked at; a machine with more people than that has them elsewhere. */
const mostHomes = 200;

/**
 * The places in home folders, by the text of /etc/passwd (passwd(5)). Homes that are shared by the whole system (`/`,
 * `/bin`, …) are not looked at as homes.
 */
export function homePlaces(passwd: string, homes: readonly HomePlace[]): Place[] {
  const found: Place[] = [];
  for (const { home, person } of homeFolders(passwd)) {
    for (const { path, whose, ...place } of homes) {
      if (whose === 'people' && !person) continue;
      found.push({ ...place, path: path === '' ? home : `${home}/${path}` });
    }
  }
  return found;
}

export interface HomeFolder {
  readonly home: string;
  readonly person: boolean;
}

/** Home folders by the text of /etc/passwd. */
export function homeFolders(passwd: string): HomeFolder[] {
  const folders = new Map<string, boolean>();
  for (const line of passwd.split('\n')) {
    const fields = line.split(':');
    const [uid, home] = [Number(fields[2]), fields[5]];
    if (fields.length < 7 || home === undefined || !isHomeFolder(home)) continue;
    if (folders.size === mostHomes && !folders.has(home)) continue;
    folders.set(home, folders.get(home) === true || isPerson(uid));
  }
  return [...folders].map(([home, person]) => ({ home, person }));
}

/** User ids that distributions give to people. */
export const people = { first: 1000, last: 59_999 } as const;

/** Root and people. */
export function isPerson(uid: number): boolean {
  return uid === 0 || (uid >= people.first && uid <= people.last);
}

/** Folders in which services have their homes although they are everybody's. */
export const sharedFolders = [
  ...['/bin', '/sbin', '/usr/bin', '/usr/sbin', '/dev', '/proc', '/sys', '/run', '/nonexistent'],
] as const;

/** survey-script.ts has the same test for the shell. */
function isHomeFolder(home: string): boolean {
  if (!/^(\/[\w.@+-]+)+$/.test(home) || /\/\.\.?(\/|$)/.test(home)) return false;
  return !sharedFolders.some((folder) => `${home}/`.startsWith(`${folder}/`));
}
