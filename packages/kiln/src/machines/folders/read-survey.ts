import type { GuestEntry } from './compare-listings.ts';

/** What the machine said of one folder. */
export interface SurveyedFolder {
  readonly uid: number;
  readonly gid: number;
  /** Absolute. */
  readonly path: string;
  readonly isMounted: boolean;
  /** Why it could not be mounted. */
  readonly whyNot?: string;
  readonly listing: ReadonlyMap<string, GuestEntry>;
}

export interface Survey {
  readonly hasRsync: boolean;
  readonly folders: ReadonlyMap<number, SurveyedFolder>;
  /** What cannot be, for people, by the folders' numbers. */
  readonly failures: ReadonlyMap<number, string>;
}

/**
 * Reads what the script of folders prints (folder-script.ts), line by line. Whatever a machine says can only decide what
 * is sent to it, or removed below its own folder: names that lead out of it are not taken.
 */
export class SurveyReader {
  readonly #folders = new Map<number, SurveyedFolder & { listing: Map<string, GuestEntry> }>();
  readonly #failures = new Map<number, string>();
  #tools: readonly string[] = [];
  #current: Map<string, GuestEntry> | undefined;
  /** What was said and not understood, such as complaints. */
  readonly words: string[] = [];

  readonly line = (line: string): void => {
    const entry = gnuEntry(line) ?? statEntry(line);
    if (entry) {
      const [path, facts] = entry;
      if (isInside(path)) this.#current?.set(path, facts);
      return;
    }
    const [word = '', number = '', ...rest] = line.split(' ');
    const at = Number(number);
    const known = this.#folders.get(at);
    if (word === 'tools') this.#tools = [number, ...rest];
    else if (word === 'folder' && rest.length >= 3) {
      this.#current = new Map();
      const [uid, gid, ...path] = rest;
      this.#folders.set(at, {
        uid: Number(uid),
        gid: Number(gid),
        path: path.join(' '),
        isMounted: false,
        listing: this.#current,
      });
    } else if (word === 'mounted' && known) this.#folders.set(at, { ...known, isMounted: true });
    else if (word === 'not' && known) this.#folders.set(at, { ...known, whyNot: rest.join(' ').trim() });
    else if (word === 'unknown') this.#failures.set(at, `the machine has no ${rest.join(' ')}`);
    else if (word === 'failed') this.#failures.set(at, rest.join(' '));
    else this.words.push(line);
  };

  survey(): Survey {
    return {
      hasRsync: this.#tools.includes('rsync'),
      folders: this.#folders,
      failures: this.#failures,
    };
  }
}

type Named = readonly [path: string, entry: GuestEntry];

function gnuEntry(line: string): Named | undefined {
  const match = /^: (\w) (\d+) (\d+) (-?\d+(?:\.\d+)?) (\d+) (\d+) (.+)\0(.*)$/s.exec(line);
  if (!match) return undefined;
  const [, letter, mode, size, modified, uid, gid, path, target] = match;
  const kind = kinds[letter!] ?? 'other';
  return [
    path!,
    {
      kind,
      mode: Number.parseInt(mode!, 8),
      size: Number(size),
      modified: modified!,
      uid: Number(uid),
      gid: Number(gid),
      ...(kind === 'symlink' && { target: target! }),
    },
  ];
}

const kinds: Readonly<Record<string, GuestEntry['kind']>> = { f: 'file', d: 'folder', l: 'symlink' };

/** Kinds in the upper bits of a mode (inode(7)). */
const formats: ReadonlyMap<number, GuestEntry['kind']> = new Map([
  [0o100_000, 'file'],
  [0o040_000, 'folder'],
  [0o120_000, 'symlink'],
]);

function statEntry(line: string): Named | undefined {
  const match = /^; ([0-9a-f]+) (\d+) (-?\d+) (\d+) (\d+) \.\/(.+)$/s.exec(line);
  if (!match) return undefined;
  const [, hex, size, modified, uid, gid, path] = match;
  const mode = Number.parseInt(hex!, 16);
  const kind = formats.get(mode & 0o170_000) ?? 'other';
  return [
    path!,
    {
      kind,
      mode: mode & 0o7777,
      size: Number(size),
      modified: modified!,
      uid: Number(uid),
      gid: Number(gid),
    },
  ];
}

function isInside(path: string): boolean {
  return !path.split('/').some((name) => name === '' || name === '.' || name === '..');
}
