import type { PackagedDigest } from '../../supply/packages/installed-package.ts';
import type { Conffile } from './dpkg-state.ts';
import type { Survey, SurveyEntry } from './survey.ts';
import { searchNames } from './survey-query.ts';
import { plainLines, textOf } from './text-lines.ts';

/** What package managers know of the files in a survey's places. Paths are real ones: no folder on the way is a link. */
export interface PackagedFiles {
  /** Package that a file or folder belongs to, by path. */
  readonly owners: ReadonlyMap<string, string>;
  /** Digests of what packages brought, by path; of the survey's `packageDigest` kind. */
  readonly digests: ReadonlyMap<string, string>;
  /** Files that are a package's configuration and have to be there, by path. */
  readonly required: ReadonlySet<string>;
  /** Digests of files of packages elsewhere, that packages' scripts may have copied into the places. */
  readonly templates: ReadonlySet<string>;
}

/** From dpkg's lists and digests, as far as the searches of the survey found them. */
export function dpkgFiles(survey: Survey, conffiles: ReadonlyMap<string, Conffile>): PackagedFiles {
  const real = realFolders(survey.entries);
  const diversions = readDiversions(textOf(survey, '/var/lib/dpkg/diversions') ?? '');
  const place = (path: string, owner: string) => real(divertedPath(path, owner, diversions));
  const owners = new Map<string, string>();
  for (const { path, line } of survey.matches.get(searchNames.owned) ?? []) {
    const owner = packageOf(path);
    owners.set(place(line, owner), owner);
  }
  const digests = new Map<string, string>();
  const templates = new Set<string>();
  for (const { path, line } of survey.matches.get(searchNames.digests) ?? []) {
    const [md5, file] = [line.slice(0, 32), `/${line.slice(34)}`];
    if (file.startsWith('/usr/share/')) templates.add(md5);
    else digests.set(place(file, packageOf(path)), md5);
  }
  const required = new Set<string>();
  for (const [path, { package: owner, md5, obsolete }] of conffiles) {
    const where = place(path, owner);
    digests.set(where, md5);
    owners.set(where, owner);
    if (!obsolete) required.add(where);
  }
  // Configuration that ucf(1) looks after for packages: the digest of what was brought last.
  for (const line of plainLines(textOf(survey, '/var/lib/ucf/hashfile'))) {
    const match = /^([0-9a-f]{32})\s+(\/.+)$/.exec(line);
    if (match && !digests.has(match[2]!)) digests.set(match[2]!, match[1]!);
  }
  return { owners, digests, required, templates };
}

/** From a database that has names and digests of files with its packages, as those of apk and rpm. */
export function databaseFiles(
  survey: Survey,
  packages: readonly {
    readonly name: string;
    readonly files: readonly string[];
    readonly digests: ReadonlyMap<string, PackagedDigest>;
  }[],
): PackagedFiles {
  const real = realFolders(survey.entries);
  const owners = new Map<string, string>();
  const digests = new Map<string, string>();
  const required = new Set<string>();
  const templates = new Set<string>();
  for (const one of packages) {
    for (const file of one.files) {
      const path = real(`/${Buffer.from(file, 'latin1').toString('utf8')}`);
      owners.set(path, one.name);
      const digest = one.digests.get(file)?.digest;
      if (digest === undefined) continue;
      if (path.startsWith('/usr/share/')) templates.add(digest);
      digests.set(path, digest);
      if (path.startsWith('/etc/')) required.add(path);
    }
  }
  return { owners, digests, required, templates };
}

/** `name.list`, or `name:architecture.list`. */
function packageOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).split(/[:]|\.[a-z0-9]+$/, 1)[0]!;
}

/** Follows links that folders at the root are (`/lib` is `usr/lib` nearly everywhere): packages name files as they were packed. */
function realFolders(entries: ReadonlyMap<string, SurveyEntry>): (path: string) => string {
  return (path) => {
    const [, first, rest = ''] = /^\/([^/]+)(\/.*)?$/s.exec(path) ?? [];
    const target = first === undefined ? undefined : entries.get(`/${first}`)?.target;
    if (target === undefined || !/^\/?[\w.-]+(\/[\w.-]+)*$/.test(target)) return path;
    return `/${target.replace(/^\//, '')}${rest}`;
  };
}

interface Diversion {
  readonly to: string;
  readonly by: string;
}

/** Three lines each: from, to, and the package that diverts, or `:` (dpkg-divert(1)). */
function readDiversions(text: string): Map<string, Diversion> {
  const lines = text.split('\n');
  const found = new Map<string, Diversion>();
  for (let at = 0; at + 2 < lines.length; at += 3)
    found.set(lines[at]!, { to: lines[at + 1]!, by: lines[at + 2]! });
  return found;
}

function divertedPath(path: string, owner: string, diversions: ReadonlyMap<string, Diversion>): string {
  const diversion = diversions.get(path);
  return diversion && diversion.by !== owner ? diversion.to : path;
}
