import { createHash } from 'node:crypto';
import { link, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { exists, writeFileAtomically } from '../../base/files.ts';
import { withLock } from '../../base/locks.ts';
import { run } from '../../base/processes.ts';
import type { StoreLayout } from '../../store/home.ts';
import { indexLock } from '../../store/prune-indexes.ts';
import { findMirrorTrust, hostAptFolder, hostAptOptions } from '../bootstrap/mirror.ts';
import type { Release } from '../bootstrap/release.ts';
import { distributionKeys, keyFileName, placeKeys } from './apt-keys.ts';
import { refreshFault } from './apt-refresh.ts';
import { type AptSource, sourceLine } from './apt-source.ts';

export interface AptContext {
  readonly layout: StoreLayout;
  readonly signal: AbortSignal;
  /** Where this host's own settings of apt are. Default: where its apt looks for them. */
  readonly aptFolder?: string;
}

/** One Packages file, with the source it comes from. */
export interface IndexTarget {
  readonly path: string;
  readonly source: AptSource;
}

/**
 * A folder of Kiln's in which the host's apt works on sources of our choice: its indexes, caches, keys and settings
 * are all in there. Nothing of the host's apt is read but how to reach its mirrors, and nothing is changed. One folder
 * serves one list of sources with their keys, and many requests.
 */
export class AptFolder {
  readonly path: string;
  readonly sources: readonly AptSource[];
  readonly #context: AptContext;

  private constructor(path: string, sources: readonly AptSource[], context: AptContext) {
    this.path = path;
    this.sources = sources;
    this.#context = context;
  }

  /**
   * Makes the folder, or takes the one that is there.
   * @throws KilnError `tool-missing` without apt or without keys, `unsupported` for a store that apt cannot work in
   */
  static async open(
    release: Release,
    architecture: string,
    sources: readonly AptSource[],
    context: AptContext,
  ): Promise<AptFolder> {
    const { layout, signal, aptFolder = await hostAptFolder() } = context;
    if (/[\s,"]/.test(layout.apt)) {
      throw new KilnError('unsupported', `apt cannot work in ${layout.apt}: there is a space in the path`, {
        hint: 'set KILN_HOME to a folder without spaces, commas and quotation marks in its path',
      });
    }
    const trust = await findMirrorTrust(release.distribution, aptFolder);
    const keys = await distributionKeys(release.distribution, trust.keys, trust.everyKey, aptFolder);
    const hash = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
    const identity = sources.map((one) => [sourceLine(one, 'mirror'), one.key ? hash(one.key) : '']);
    const id = hash(JSON.stringify([architecture, identity, keys])).slice(0, 16);
    const folder = new AptFolder(join(layout.apt, id), sources, context);
    const hostOptions = await hostAptOptions(signal);
    await mkdir(folder.path, { recursive: true, mode: 0o700 });
    await folder.withLock(() => folder.#prepare(architecture, keys, hostOptions));
    return folder;
  }

  async #prepare(
    architecture: string,
    keys: readonly string[],
    hostOptions: readonly string[],
  ): Promise<void> {
    const at = (...names: string[]) => join(this.path, ...names);
    await mkdir(at('lists', 'partial'), { recursive: true, mode: 0o700 });
    await mkdir(at('cache', 'archives', 'partial'), { recursive: true, mode: 0o700 });
    await mkdir(at('state'), { recursive: true, mode: 0o700 });
    await rm(at('keys'), { recursive: true, force: true });
    await placeKeys(at('keys', 'trusted'), keys);
    const lines: string[] = [];
    for (const [index, source] of this.sources.entries()) {
      let keyPath: string | undefined;
      if (source.key) {
        keyPath = at('keys', `${index}-${keyFileName(source.key)}`);
        await writeFile(keyPath, source.key);
      }
      lines.push(sourceLine(source, 'mirror', keyPath));
    }
    await writeFileAtomically(at('sources.list'), `${lines.join('\n')}\n`);
    await writeFileAtomically(
      at('apt.conf'),
      `${settings(this.path, architecture, hostOptions).join('\n')}\n`,
    );
  }

  /** The lock under which indexes are fetched and read. */
  withLock<T>(work: () => Promise<T>): Promise<T> {
    const { layout, signal } = this.#context;
    const lock = indexLock(layout, basename(this.path));
    const what = 'the index of packages';
    return withLock(lock, { what, wait: Number.POSITIVE_INFINITY, signal }, async () => {
      const now = new Date();
      await utimes(this.path, now, now);
      return work();
    });
  }

  /**
   * Fetches the indexes anew where they have changed; apt checks their signatures. To be called under the lock.
   * @throws KilnError `download-failed`, `checksum-mismatch` when a signature is not right
   */
  async refresh(): Promise<void> {
    const result = await this.run('apt-get', [
      ...['update', '-q', '-o', 'APT::Update::Error-Mode=any'],
      // It would be made anew even when nothing has changed; whoever needs it makes it.
      ...['-o', 'pkgCacheFile::Generate=false'],
    ]);
    const fault = refreshFault(result, this.sources);
    if (fault) throw fault;
  }

  /** Takes over what another folder has of the same indexes, so that apt has to ask only whether they are current. */
  async seedFrom(other: AptFolder): Promise<void> {
    const lists = join(this.path, 'lists');
    if ((await readdir(lists)).some((name) => name.endsWith('_Packages'))) return;
    for (const name of await readdir(join(other.path, 'lists'))) {
      if (!/_(?:InRelease|Release|Release\.gpg|Packages)$/.test(name)) continue;
      try {
        await link(join(other.path, 'lists', name), join(lists, name));
      } catch (error) {
        if (!isSystemError(error, 'EEXIST', 'EPERM', 'ENOENT')) throw error;
      }
    }
  }

  /** The Packages files, in the order of the sources. */
  async targets(): Promise<IndexTarget[]> {
    const format = '$(REPO_URI)\t$(RELEASE)\t$(FILENAME)';
    const { stdout } = await this.run('apt-get', [
      'indextargets',
      '--format',
      format,
      'Created-By: Packages',
    ]);
    const found = stdout
      .split('\n')
      .map((line) => line.split('\t'))
      .filter((words) => words.length === 3);
    return this.sources.flatMap((source) =>
      found
        .filter(([uri, suite]) => uri === source.mirror && suite === source.suite.replace(/^\/$/, ''))
        .map(([, , path]) => ({ path: path!, source })),
    );
  }

  /**
   * The signed index of a source: InRelease, or the Release file that has its signature beside it.
   * @throws KilnError `store-corrupt` when it is not there
   */
  async releaseFile({ mirror, suite }: AptSource): Promise<string> {
    const flat = suite === '/' ? mirror : `${mirror}${suite}`;
    const folder = suite.endsWith('/') ? flat : `${mirror}dists/${suite}/`;
    for (const name of ['InRelease', 'Release']) {
      const path = join(this.path, 'lists', asListName(`${folder}${name}`));
      if (await exists(path)) return path;
    }
    throw new KilnError('store-corrupt', `${this.path} has no index of ${mirror} ${suite}`, {
      hint: 'remove that folder and try again',
    });
  }

  /** Runs a program of apt's with this folder's settings. Its exit code is the caller's to look at. */
  run(command: 'apt-get' | 'apt-config', args: readonly string[]) {
    const env = { ...process.env, APT_CONFIG: join(this.path, 'apt.conf'), LC_ALL: 'C', LANGUAGE: 'C' };
    return run(command, args, { env, signal: this.#context.signal });
  }
}

/** apt.conf(5). The file is read first (APT_CONFIG), so that it decides whether any other is. */
function settings(path: string, architecture: string, hostOptions: readonly string[]): string[] {
  const at = (...names: string[]) => `"${join(path, ...names)}"`;
  return [
    'Dir::Etc::parts "/dev/null";',
    'Dir::Etc::main "/dev/null";',
    `Dir::State ${at('state')};`,
    `Dir::State::lists ${at('lists')};`,
    'Dir::State::status "/dev/null";',
    `Dir::Cache ${at('cache')};`,
    // It would have to be made anew for every state of packages that is asked about; the other one serves them all.
    'Dir::Cache::pkgcache "";',
    `Dir::Cache::srcpkgcache ${at('cache', 'srcpkgcache.bin')};`,
    `Dir::Etc::sourcelist ${at('sources.list')};`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferences "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    'Dir::Etc::trusted "/dev/null";',
    `Dir::Etc::trustedparts ${at('keys', 'trusted')};`,
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Acquire::PDiffs "false";',
    'Acquire::GzipIndexes "false";',
    'Acquire::AllowInsecureRepositories "false";',
    'Acquire::ForceHash "SHA256";',
    ...hostOptions,
  ];
}

/** The name under which apt keeps an index: its URL without scheme and user, some characters written as numbers. */
function asListName(url: string): string {
  return url
    .replace(/^[a-z0-9+.-]+:(?:\/\/)?(?:[^/@]*@)?/, '')
    .replace(/[\\|{}[\]<>"^~_=!@#$%&*\s]/g, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replaceAll('/', '_');
}
