import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followPath } from '../system/follow-path.ts';
import type { SystemFiles } from '../system/system-files.ts';
import type { InstalledPackage, PackagedDigest } from './installed-package.ts';
import { parseRpmHeader, type RpmHeader, rpmTags } from './rpm-header.ts';

const folders = ['usr/lib/sysimage/rpm', 'var/lib/rpm'] as const;

export const rpmDatabaseFiles = folders.map((folder) => `${folder}/rpmdb.sqlite`);

/** Older kinds of rpm's database, which nothing here reads, by the file that only they have. */
const otherDatabases = { 'Packages.db': 'ndb', Packages: 'Berkeley DB' } as const;

/** One package of rpm's database, with the digests of its files by path. */
export interface RpmPackage extends InstalledPackage {
  readonly digests: ReadonlyMap<string, PackagedDigest>;
}

/** The packages of a system with rpm, in the order of their names, and what cannot be read, as a sentence. */
export async function readRpmPackages(
  files: SystemFiles,
): Promise<{ readonly packages: RpmPackage[]; readonly gap?: string }> {
  for (const folder of folders) {
    const path = `${folder}/rpmdb.sqlite`;
    const real = followPath(files, path);
    if (real !== undefined && files.entries.get(real)?.kind === 'file') {
      const journal = `${real}-wal`;
      const journalBytes = files.entries.has(journal) ? await files.read(journal) : undefined;
      return { packages: await parseRpmDatabase(await files.read(real), journalBytes) };
    }
  }
  for (const folder of folders)
    for (const [name, kind] of Object.entries(otherDatabases)) {
      if (followPath(files, `${folder}/${name}`) === undefined) continue;
      const gap = `/${folder}/${name} is an rpm database of the kind ${kind}, which Kiln does not read: its packages are left out`;
      return { packages: [], gap };
    }
  return { packages: [] };
}

/**
 * The packages of an rpmdb.sqlite.
 * @param journal its write-ahead log, when there is one beside it
 */
export async function parseRpmDatabase(database: Uint8Array, journal?: Uint8Array): Promise<RpmPackage[]> {
  // Loaded only here: most systems have no rpm.
  const { DatabaseSync } = await import('node:sqlite');
  const folder = mkdtempSync(join(tmpdir(), 'kiln-rpmdb-'));
  try {
    writeFileSync(join(folder, 'db'), database, { mode: 0o600 });
    if (journal && journal.length > 0) writeFileSync(join(folder, 'db-wal'), journal, { mode: 0o600 });
    const opened = new DatabaseSync(join(folder, 'db'));
    try {
      const rows = opened.prepare('SELECT blob FROM Packages').all() as { readonly blob: Uint8Array }[];
      return rows
        .map(({ blob }) => parseRpmHeader(blob))
        .filter((header) => header !== undefined)
        .map(packageOf)
        .filter((one) => one !== undefined)
        .sort(
          (a, b) =>
            compare(a.name, b.name) ||
            compare(a.version, b.version) ||
            compare(a.architecture, b.architecture),
        );
    } finally {
      opened.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function packageOf(header: RpmHeader): RpmPackage | undefined {
  const text = (tag: number) => {
    const value = header.text(tag);
    return value === undefined ? undefined : Buffer.from(value, 'latin1').toString('utf8');
  };
  const [name, version, release] = [text(rpmTags.name), text(rpmTags.version), text(rpmTags.release)];
  // Keys that packages are checked with are kept as if they were packages.
  if (!name || !version || name === 'gpg-pubkey') return undefined;
  const [epoch] = header.numbers(rpmTags.epoch);
  const full = `${epoch === undefined ? '' : `${epoch}:`}${version}-${release ?? '0'}`;
  const [maintainer, homepage, summary] = [
    text(rpmTags.vendor) ?? text(rpmTags.packager),
    text(rpmTags.url),
    text(rpmTags.summary),
  ];
  const license = text(rpmTags.license);
  const files = filesOf(header);
  return {
    manager: 'rpm',
    name,
    version: full,
    architecture: text(rpmTags.arch) ?? 'noarch',
    source: sourceOf(text(rpmTags.sourceRpm)) ?? { name, version: full },
    ...(maintainer && { maintainer }),
    ...(homepage && { homepage }),
    ...(summary && { summary }),
    licenses: license ? [license] : [],
    // Requirements on rpm's own abilities and on files say nothing about packages.
    depends: header
      .texts(rpmTags.requireName)
      .filter((one) => !one.startsWith('rpmlib(') && !one.startsWith('/'))
      .map((one) => [one]),
    provides: header.texts(rpmTags.provideName).filter((one) => one !== name),
    files,
    digests: digestsOf(header, files),
  };
}

/** `name-version-release.src.rpm`. */
function sourceOf(file: string | undefined): InstalledPackage['source'] | undefined {
  const match = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(file ?? '');
  return match ? { name: match[1]!, version: match[2]! } : undefined;
}

function filesOf(header: RpmHeader): string[] {
  const names = header.texts(rpmTags.baseNames);
  if (names.length === 0) return header.texts(rpmTags.oldFileNames).map(withoutSlash);
  const [places, parents] = [header.numbers(rpmTags.dirIndexes), header.texts(rpmTags.dirNames)];
  return names.map((name, at) => withoutSlash(`${parents[places[at] ?? -1] ?? ''}${name}`));
}

/** OpenPGP's numbers of hash algorithms (RFC 9580, section 9.5). */
const algorithms: Readonly<Record<number, PackagedDigest['algorithm']>> = {
  1: 'md5',
  2: 'sha1',
  8: 'sha256',
};

function digestsOf(header: RpmHeader, files: readonly string[]): Map<string, PackagedDigest> {
  const algorithm = algorithms[header.numbers(rpmTags.fileDigestAlgorithm)[0] ?? 1];
  const found = new Map<string, PackagedDigest>();
  if (!algorithm) return found;
  for (const [at, digest] of header.texts(rpmTags.fileDigests).entries())
    if (digest !== '' && files[at] !== undefined) found.set(files[at], { algorithm, digest });
  return found;
}

function withoutSlash(path: string): string {
  return path.startsWith('/') ? path.slice(1) : path;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
