import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';
import type { Release } from './release.ts';

/** One repository as a one-line entry of sources.list(5) knows it. */
interface Repository {
  readonly uri: string;
  readonly suite: string;
  /** Key files that the entry names. */
  readonly signedBy: readonly string[];
}

/** Where a release's packages come from. */
export interface Mirror {
  readonly archive: string;
  readonly security: string;
}

export const publicMirrors: Readonly<Record<Release['distribution'], Mirror>> = {
  debian: { archive: 'http://deb.debian.org/debian', security: 'http://security.debian.org/debian-security' },
  ubuntu: { archive: 'http://archive.ubuntu.com/ubuntu', security: 'http://security.ubuntu.com/ubuntu' },
};

/**
 * The mirror that this host's apt is set up with for the distribution; the public one on hosts of another kind.
 * `aptFolder` is the host's own unless given.
 */
export async function findMirror(distribution: Release['distribution'], aptFolder?: string): Promise<Mirror> {
  const found = await hostRepositories(aptFolder ?? (await hostAptFolder()));
  const fallback = publicMirrors[distribution];
  const path = distribution === 'debian' ? /\/debian\/?$/ : /\/ubuntu\/?$/;
  const archive = found.find((one) => path.test(one.uri) && !/security|debug/.test(one.suite));
  const security = found.find(
    (one) => /-security$/.test(one.suite) && (path.test(one.uri) || /-security\/?$/.test(one.uri)),
  );
  return {
    archive: archive?.uri ?? fallback.archive,
    security: security?.uri ?? fallback.security,
  };
}

/** Whether a URL is the base of a distribution's own archive, as everybody knows it. */
export function isPublicArchive(url: string): boolean {
  const bare = url.replace(/\/$/, '');
  return Object.values(publicMirrors).some(({ archive, security }) => bare === archive || bare === security);
}

/**
 * The URLs to try for a file of the archives: those at this host's mirrors stand before the ones at the public mirrors.
 */
export async function atHostMirrors(
  aptFolder?: string,
): Promise<(urls: readonly string[]) => readonly string[]> {
  const pairs: (readonly [string, string])[] = [];
  for (const distribution of ['debian', 'ubuntu'] as const) {
    const { archive, security } = publicMirrors[distribution];
    const own = await findMirror(distribution, aptFolder);
    const base = (url: string) => `${url.replace(/\/$/, '')}/`;
    pairs.push([base(security), base(own.security)], [base(archive), base(own.archive)]);
  }
  const expand = (url: string): readonly string[] => {
    const pair = pairs.find(([known]) => url.startsWith(known));
    return pair && pair[0] !== pair[1] ? [pair[1] + url.slice(pair[0].length), url] : [url];
  };
  return (urls) => [...new Set(urls.flatMap(expand))];
}

/** By which keys this host's apt checks its mirror of a distribution. */
export interface MirrorTrust {
  /** Files that the entries of the mirror name (`Signed-By`). */
  readonly keys: readonly string[];
  /** Some entry names no key: every key that this host trusts will do. */
  readonly everyKey: boolean;
}

/** Nothing on hosts of another kind than the distribution. */
export async function findMirrorTrust(
  distribution: Release['distribution'],
  aptFolder?: string,
): Promise<MirrorTrust> {
  const path = distribution === 'debian' ? /\/debian(?:-security)?\/?$/ : /\/ubuntu\/?$/;
  const own = (await hostRepositories(aptFolder ?? (await hostAptFolder()))).filter((one) =>
    path.test(one.uri),
  );
  return {
    keys: [...new Set(own.flatMap((one) => one.signedBy))],
    everyKey: own.some((one) => one.signedBy.length === 0),
  };
}

/** apt settings of this host that decide whether its mirror can be reached at all. */
export async function hostAptOptions(signal: AbortSignal): Promise<string[]> {
  const wanted =
    /^Acquire::(?:(?:http|https|ftp)::Proxy(?:-Auto-Detect|::\S*)?|Check-Valid-Until|Check-Date|Retries|(?:http|https)::(?:Timeout|CaInfo)) /;
  const { stdout } = await run('apt-config', ['dump'], { signal });
  return stdout.split('\n').filter((line) => wanted.test(line));
}

/** Where this host's apt has its settings: /etc/apt, unless its configuration (`Dir::Etc`) says otherwise. */
export async function hostAptFolder(): Promise<string> {
  try {
    const { stdout } = await run('apt-config', ['shell', 'folder', 'Dir::Etc/f']);
    return /^folder='(\/[^']+)'$/m.exec(stdout)?.[1] ?? '/etc/apt';
  } catch (error) {
    if (error instanceof KilnError && error.code === 'tool-missing') return '/etc/apt';
    throw error;
  }
}

async function hostRepositories(aptFolder: string): Promise<Repository[]> {
  const found = parseOneLine(await readIfThere(join(aptFolder, 'sources.list')));
  const parts = join(aptFolder, 'sources.list.d');
  for (const name of (await listIfThere(parts)).sort()) {
    const text = await readIfThere(join(parts, name));
    if (name.endsWith('.list')) found.push(...parseOneLine(text));
    else if (name.endsWith('.sources')) found.push(...parseDeb822(text));
  }
  return found.filter((one) => /^https?:/.test(one.uri));
}

/** `deb [options] uri suite components…` */
function parseOneLine(text: string): Repository[] {
  const found: Repository[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/.exec(line);
    if (!match) continue;
    const keys = /(?:^|\s)signed-by=(\S+)/i.exec(match[1] ?? '')?.[1] ?? '';
    found.push({ uri: match[2]!, suite: match[3]!, signedBy: keyFiles(keys.split(',')) });
  }
  return found;
}

/** Stanzas of `Types:`, `URIs:`, `Suites:`; continuation lines start with white space. */
function parseDeb822(text: string): Repository[] {
  const found: Repository[] = [];
  for (const stanza of text.split(/\n\s*\n/)) {
    const fields = new Map<string, string>();
    for (const match of stanza
      .replace(/^#.*\n?/gm, '')
      .matchAll(/^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t]+.*)*)/gm)) {
      fields.set(match[1]!.toLowerCase(), match[2]!.replace(/\s+/g, ' ').trim());
    }
    const words = (name: string) => (fields.get(name) ?? '').split(' ').filter(Boolean);
    if (!words('types').includes('deb') || fields.get('enabled')?.toLowerCase() === 'no') continue;
    const signedBy = keyFiles(words('signed-by'));
    for (const uri of words('uris')) {
      for (const suite of words('suites')) found.push({ uri, suite, signedBy });
    }
  }
  return found;
}

/** Of what a `Signed-By` can be, files: not fingerprints, and no whole key in the entry itself. */
function keyFiles(words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith('/'));
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES')) return '';
    throw error;
  }
}

async function listIfThere(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES')) return [];
    throw error;
  }
}
