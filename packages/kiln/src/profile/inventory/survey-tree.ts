import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { cancelled } from '../../base/cancellation.ts';
import { homeFolders, homePlaces } from './home-folders.ts';
import {
  type DigestAlgorithm,
  databaseFiles,
  type Place,
  packageDigests,
  type Search,
  type Survey,
  type SurveyQuery,
  surveyLimits,
} from './survey.ts';
import { SurveyBuilder } from './survey-builder.ts';
import type { TreeAccess, TreeEntryFound } from './tree-access.ts';

/** Looks at a system through its files, with the same answer as the script of survey-script.ts would give in it. */
export async function surveyTree(
  access: TreeAccess,
  query: SurveyQuery,
  signal?: AbortSignal,
): Promise<Survey> {
  const work = new TreeSurvey(access, signal);
  return work.run(query);
}

class TreeSurvey {
  readonly #access: TreeAccess;
  readonly #signal: AbortSignal | undefined;
  readonly #builder = new SurveyBuilder();
  #algorithms: readonly DigestAlgorithm[] = ['sha256'];
  /** Bytes that may still be read. */
  #left: number = surveyLimits.contents;
  #steps = 0;

  constructor(access: TreeAccess, signal: AbortSignal | undefined) {
    this.#access = access;
    this.#signal = signal;
  }

  async run(query: SurveyQuery): Promise<Survey> {
    this.#algorithms = await this.#chooseAlgorithms();
    const passwd = await this.#access.read('/etc/passwd', surveyLimits.content);
    const text = Buffer.from(passwd ?? []).toString('utf8');
    for (const place of [...query.places, ...homePlaces(text, query.homes)]) await this.#place(place);
    const inHomes = homeFolders(text).flatMap(({ home }) => query.homeFiles.map((path) => `${home}/${path}`));
    for (const pattern of [...query.files, ...inHomes]) await this.#contents(pattern);
    for (const search of query.searches) await this.#search(search);
    for (const gap of this.#access.gaps) this.#builder.gap(gap);
    if (this.#left < 0) this.#builder.gap('its package databases are too large to be read whole');
    return this.#builder.finish();
  }

  async #chooseAlgorithms(): Promise<DigestAlgorithm[]> {
    for (const [database, paths] of databaseFiles) {
      for (const path of paths) {
        if ((await this.#access.entry(path))?.kind !== 'file') continue;
        const own = packageDigests[database];
        return own === 'sha256' ? [own] : ['sha256', own];
      }
    }
    return ['sha256'];
  }

  async #place(place: Place): Promise<void> {
    const root = await this.#access.entry(place.path);
    if (root?.kind !== 'directory') return;
    const walk: Walk = { entries: [root], oddNames: 0 };
    if (!(await this.#walk(place, root, 1, walk))) {
      const top: Walk = { entries: [root], oddNames: 0 };
      await this.#walk(
        { path: place.path, depth: 2, digests: false },
        root,
        1,
        top,
        Number.POSITIVE_INFINITY,
      );
      this.#builder.tooLarge(place.path);
      for (const entry of top.entries) this.#builder.entry(plain(entry));
      return;
    }
    for (let count = 0; count < walk.oddNames; count += 1) this.#builder.oddName();
    for (const entry of walk.entries) {
      this.#builder.entry(plain(entry));
      if (place.digests) await this.#digest(entry);
    }
  }

  /** False when there is more in the place than a survey takes. */
  async #walk(
    place: Place,
    folder: TreeEntryFound,
    depth: number,
    walk: Walk,
    limit: number = surveyLimits.entries,
  ): Promise<boolean> {
    if (folder.mountPoint === true || depth > (place.depth ?? 99)) return true;
    for (const child of (await this.#access.children(folder.path)) ?? []) {
      await this.#breathe();
      if (child.path.includes('\n')) {
        walk.oddNames += 1;
        continue;
      }
      if (place.prefix === undefined || nameOf(child.path).startsWith(place.prefix)) {
        walk.entries.push(child);
        if (walk.entries.length > limit) return false;
      }
      if (child.kind === 'directory' && !(await this.#walk(place, child, depth + 1, walk, limit)))
        return false;
    }
    return true;
  }

  async #digest(entry: TreeEntryFound): Promise<void> {
    if (entry.kind !== 'file' || entry.size > surveyLimits.digest) return;
    await this.#breathe();
    const bytes = await this.#access.read(entry.path, surveyLimits.digest);
    if (!bytes) return;
    for (const algorithm of this.#algorithms) {
      this.#builder.digest(entry.path, algorithm, createHash(algorithm).update(bytes).digest('hex'));
    }
  }

  async #contents(pattern: string): Promise<void> {
    for (const path of await this.#glob(pattern)) {
      const bytes = await this.#read(path);
      if (bytes) this.#builder.content(path, bytes);
    }
  }

  /** Names that a shell would put for a pattern: `*` stands for none that starts with a dot. */
  async #glob(pattern: string): Promise<string[]> {
    if (!pattern.includes('*')) return [pattern];
    const folder = pattern.slice(0, pattern.lastIndexOf('/'));
    const name = new RegExp(`^(?!\\.)${nameOf(pattern).split('*').map(quoted).join('.*')}$`, 's');
    const children = (await this.#access.children(folder)) ?? [];
    return children
      .filter((child) => child.kind === 'file' && name.test(nameOf(child.path)))
      .map((child) => child.path)
      .sort();
  }

  async #search({ name, folder, suffixes, pattern, except, whole }: Search): Promise<void> {
    const wanted = new RegExp(pattern);
    const unwanted = except === undefined ? undefined : new RegExp(except);
    const children = (await this.#access.children(folder)) ?? [];
    for (const { path, kind } of children.toSorted(byPath)) {
      if (kind !== 'file' || !suffixes.some((suffix) => path.endsWith(suffix))) continue;
      const bytes = await this.#read(path);
      // grep takes such a file for a program and tells no lines of it.
      if (!bytes || bytes.includes(0)) continue;
      const lines = linesOf(bytes);
      if (whole && !lines.some((line) => wanted.test(line))) continue;
      for (const line of lines) {
        if (!whole && !wanted.test(line)) continue;
        if (!unwanted?.test(`${path}:${line}`)) this.#builder.match(name, { path, line });
      }
    }
  }

  async #read(path: string): Promise<Uint8Array | undefined> {
    await this.#breathe();
    if (this.#left < 0) return undefined;
    const bytes = await this.#access.read(path, surveyLimits.content);
    this.#left -= bytes?.length ?? 0;
    return bytes;
  }

  /** Lets everything else of this process run from time to time, and ends the work when it was cancelled. */
  async #breathe(): Promise<void> {
    if (this.#signal?.aborted) throw cancelled();
    this.#steps += 1;
    if (this.#steps % 500 === 0) await setImmediate();
  }
}

/** A line break at the end does not start a line. */
function linesOf(bytes: Uint8Array): string[] {
  return Buffer.from(bytes).toString('utf8').replace(/\n$/, '').split('\n');
}

interface Walk {
  readonly entries: TreeEntryFound[];
  oddNames: number;
}

function plain({ mountPoint: _, ...entry }: TreeEntryFound): Omit<TreeEntryFound, 'mountPoint'> {
  return entry;
}

/** A text as a pattern that is nothing but itself. */
function quoted(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function byPath(a: TreeEntryFound, b: TreeEntryFound): number {
  return a.path < b.path ? -1 : 1;
}
