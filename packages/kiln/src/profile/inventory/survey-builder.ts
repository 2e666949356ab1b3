import { showName } from './byte-names.ts';
import {
  type DigestAlgorithm,
  databaseFiles,
  type PackageDatabase,
  type RunningFacts,
  type SearchMatch,
  type Survey,
  type SurveyEntry,
} from './survey.ts';

/** Longer lines are none that people wrote; patterns would take long over them. */
const longestLine = 4096;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Puts a survey together from what is found piece by piece, in any order. */
export class SurveyBuilder {
  readonly #entries = new Map<string, Mutable<SurveyEntry>>();
  readonly #contents = new Map<string, Uint8Array>();
  readonly #matches = new Map<string, SearchMatch[]>();
  readonly #gaps = new Set<string>();
  #oddNames = 0;
  #running: RunningFacts | undefined;

  entry(entry: SurveyEntry): void {
    // Places overlap, and the one that is looked at later may be the one without digests.
    this.#entries.set(entry.path, { ...this.#entries.get(entry.path), ...entry });
  }

  digest(path: string, algorithm: DigestAlgorithm, hex: string): void {
    const entry = this.#entries.get(path);
    if (entry?.kind !== 'file') return;
    if (algorithm === 'sha256') entry.sha256 = hex;
    else entry.packageDigest = hex;
  }

  /** Where a link leads that was found before. */
  link(path: string, target: string): void {
    const entry = this.#entries.get(path);
    if (entry?.kind === 'symlink') entry.target = target;
  }

  content(path: string, bytes: Uint8Array): void {
    this.#contents.set(path, bytes);
  }

  match(search: string, match: SearchMatch): void {
    if (match.line.length > longestLine) return;
    const known = this.#matches.get(search);
    if (known) known.push(match);
    else this.#matches.set(search, [match]);
  }

  running(facts: Partial<RunningFacts>): void {
    this.#running = { kernel: '', ...this.#running, ...facts };
  }

  /** A name with a line break was left out. */
  oddName(): void {
    this.#oddNames += 1;
  }

  /** A folder has more in it than a survey takes. */
  tooLarge(path: string): void {
    this.gap(
      `${showName(path)} holds too many files: only its first two levels were looked at, without their contents`,
    );
  }

  gap(text: string): void {
    this.#gaps.add(text);
  }

  finish(): Survey {
    if (this.#oddNames > 0) {
      const files =
        this.#oddNames === 1
          ? '1 file with a line break in its name was'
          : `${this.#oddNames} files with line breaks in their names were`;
      this.gap(`${files} not looked at`);
    }
    const database = this.#database();
    const entries = [...this.#entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    for (const [, entry] of entries) if (database === 'rpm') entry.packageDigest ??= entry.sha256;
    return {
      entries: new Map(entries),
      contents: this.#contents,
      database,
      matches: new Map([...this.#matches].map(([name, found]) => [name, found.toSorted(byPath)])),
      ...(this.#running === undefined ? {} : { running: this.#running }),
      gaps: [...this.#gaps],
    };
  }

  #database(): PackageDatabase | undefined {
    return databaseFiles.find(([, paths]) => paths.some((path) => this.#contents.has(path)))?.[0];
  }
}

/** Lines of one file stay in their order. */
function byPath(a: SearchMatch, b: SearchMatch): number {
  if (a.path === b.path) return 0;
  return a.path < b.path ? -1 : 1;
}
