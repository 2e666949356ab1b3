import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { translateFull } from '../base/files.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from '../base/processes.ts';
import { Scope } from '../base/scope.ts';
import { removeTree } from '../base/user-namespace.ts';
import { listFolder } from './folders.ts';
import { storeLayout } from './home.ts';
import { sweepLeftovers } from './leftovers.ts';
import { endProcess, endProcessesOf } from './run-processes.ts';
import { makeFolders } from './store-lock.ts';

/**
 * A running command's scratch folder and its journal of what has to be undone. Ends with `close()`; when the
 * command dies without it, the next command's `reapDeadRuns` does the same from the journal.
 */
export class Run {
  readonly id: string;
  /** Scratch folder, mode 0700. Short enough for Unix sockets inside it. */
  readonly folder: string;
  /**
   * To add to the environment of programs that must not outlive this run: when this process is killed, they and
   * all that they started are found by it, journalled or not. Not for a program that starts what shall stay.
   */
  readonly environment: Readonly<Record<string, string>>;
  readonly scope = new Scope();
  #closed = false;

  private constructor(id: string, folder: string) {
    this.id = id;
    this.folder = folder;
    this.environment = { [runVariable]: folder };
  }

  /** @throws KilnError `disk-full`, `file-missing` when there can be no store there */
  static async open(home: string): Promise<Run> {
    const layout = storeLayout(home);
    await makeFolders(layout);
    const id = randomBytes(4).toString('hex');
    const folder = join(layout.runs, id);
    const owner = ownIdentity();
    // The owner must be known before the folder can look abandoned: until then it is in the folder's name.
    const unready = join(layout.runs, passingName('new', id));
    try {
      await mkdir(unready, { recursive: true, mode: 0o700 });
      await writeFile(join(unready, ownerFile), JSON.stringify(owner), { mode: 0o600 });
      await rename(unready, folder);
    } catch (error) {
      await rm(unready, { recursive: true, force: true });
      throw translateFull(error, folder);
    }
    return new Run(id, folder);
  }

  /** Journals a process that must not outlive this run. Call it right after the start. */
  ownProcess(pid: number): void {
    const identity = identifyProcess(pid);
    if (identity) this.#note({ kind: 'process', ...identity });
  }

  /** Journals a file or folder outside the scratch folder, before it is made. */
  ownPath(path: string): void {
    this.#note({ kind: 'path', path });
  }

  /** The path has reached its final state and stays, whatever happens to the run. */
  disownPath(path: string): void {
    this.#note({ kind: 'keep', path });
  }

  #note(entry: JournalEntry): void {
    try {
      // A line end in front as well: a full disk may have cut the line before.
      appendFileSync(join(this.folder, journalFile), `\n${JSON.stringify(entry)}\n`, { mode: 0o600 });
    } catch (error) {
      throw translateFull(error, this.folder);
    }
  }

  /**
   * Runs the scope's clean-ups, then undoes what the journal still holds, then removes the scratch folder.
   * Closing again does nothing.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.scope.close();
    } finally {
      const passing = join(this.folder, '..', passingName('old', this.id));
      if (await moveAside(this.folder, passing)) await undo(passing, this.folder, 'closing');
    }
  }
}

export interface Reaped {
  readonly run: string;
}

/**
 * Finishes what runs whose owner is dead have left behind, and sweeps up after killed commands. Cheap when there
 * is nothing. Several commands may do it at once: each run is finished by one of them.
 */
export async function reapDeadRuns(home: string): Promise<readonly Reaped[]> {
  const layout = storeLayout(home);
  const reaped: Reaped[] = [];
  for (const name of await listFolder(layout.runs)) {
    const folder = join(layout.runs, name);
    const id = await deadRunOf(layout.runs, name);
    if (id === undefined) continue;
    // Whoever renames the folder owns its end: a slower one would undo what a new run has made since.
    const own = join(layout.runs, passingName('old', id));
    if (!(await moveAside(folder, own))) continue;
    await undo(own, join(layout.runs, id), 'reaping');
    reaped.push({ run: id });
  }
  await sweepLeftovers(layout);
  return reaped;
}

/** Ids of runs whose owner is dead. Changes nothing. */
export async function listDeadRuns(home: string): Promise<readonly string[]> {
  const { runs } = storeLayout(home);
  const ids = await Promise.all((await listFolder(runs)).map((name) => deadRunOf(runs, name)));
  return ids.filter((id) => id !== undefined);
}

/** Id of the run that a folder belongs to, when nobody will end it any more. */
async function deadRunOf(runs: string, name: string): Promise<string | undefined> {
  const passing = parsePassingName(name);
  const dead = passing ? !isAlive(passing.owner) : await isAbandoned(join(runs, name));
  return dead ? (passing?.id ?? name) : undefined;
}

const ownerFile = 'owner.json';
const journalFile = 'journal';
export const runVariable = 'KILN_RUN';

/** A folder without a readable owner was cut off by a power failure, or is no run; this old it is nobody's. */
const unownedFor = 10 * 60_000;

async function isAbandoned(folder: string): Promise<boolean> {
  try {
    const owner = JSON.parse(
      await readFile(join(folder, ownerFile), 'utf8'),
    ) as Partial<ProcessIdentity> | null;
    if (typeof owner?.pid === 'number' && typeof owner.started === 'string')
      return !isAlive({ pid: owner.pid, started: owner.started });
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR') && !(error instanceof SyntaxError)) throw error;
  }
  try {
    return Date.now() - (await stat(folder)).mtimeMs > unownedFor;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}

/** `.new-` and `.old-` folders are on their way into being or out of it; their owner is in the name. */
function passingName(way: 'new' | 'old', id: string): string {
  const { pid, started } = ownIdentity();
  return `.${way}-${pid}-${started}-${id}`;
}

function parsePassingName(
  name: string,
): { readonly owner: ProcessIdentity; readonly id: string } | undefined {
  const match = /^\.(?:new|old)-(\d+)-(\d+)-(.+)$/.exec(name);
  return match ? { owner: { pid: Number(match[1]), started: match[2]! }, id: match[3]! } : undefined;
}

async function moveAside(folder: string, aside: string): Promise<boolean> {
  try {
    await rename(folder, aside);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}

type JournalEntry =
  | ({ readonly kind: 'process' } & ProcessIdentity)
  | { readonly kind: 'path' | 'keep'; readonly path: string };

/**
 * @param folder where the run's folder is now
 * @param named where it was while the run was alive: what processes know it by
 */
async function undo(folder: string, named: string, why: 'closing' | 'reaping'): Promise<void> {
  const doomed = new Set<string>();
  for (const entry of await readJournal(folder)) {
    if (entry.kind === 'process') await endProcess(entry);
    else if (entry.kind === 'path') doomed.add(entry.path);
    else doomed.delete(entry.path);
  }
  await endProcessesOf(named, why === 'reaping' ? `${runVariable}=${named}` : undefined);
  for (const path of doomed) await removeTree(path);
  await removeTree(folder);
}

async function readJournal(folder: string): Promise<JournalEntry[]> {
  let text: string;
  try {
    text = await readFile(join(folder, journalFile), 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
  const entries: JournalEntry[] = [];
  // After the last line end there is nothing, or an entry that was cut off before its deed was done.
  for (const line of text.split('\n').slice(0, -1)) {
    try {
      if (line !== '') entries.push(JSON.parse(line) as JournalEntry);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return entries;
}

function ownIdentity(): ProcessIdentity {
  const owner = identifyProcess(process.pid);
  if (!owner) throw new KilnError('internal', 'this process has no start time');
  return owner;
}
