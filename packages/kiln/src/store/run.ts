import { randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import {
  identifyProcess,
  isAlive,
  type ProcessIdentity,
  processStartTime,
  signalQuietly,
} from '../base/processes.ts';
import { Scope } from '../base/scope.ts';
import { storeLayout } from './home.ts';

/**
 * A running command's scratch folder and its journal of what has to be undone. Ends with `close()`; when the
 * command dies without it, the next command's `reapDeadRuns` does the same from the journal.
 */
export class Run {
  readonly id: string;
  /** Scratch folder, mode 0700. Short enough for Unix sockets inside it. */
  readonly folder: string;
  readonly scope = new Scope();

  private constructor(id: string, folder: string) {
    this.id = id;
    this.folder = folder;
  }

  static async open(home: string): Promise<Run> {
    const id = randomBytes(4).toString('hex');
    const { runs } = storeLayout(home);
    await mkdir(runs, { recursive: true, mode: 0o700 });
    const folder = join(runs, id);
    // The owner must be known before the folder looks abandoned: it is made under a name the reaper skips.
    const owner = identifyProcess(process.pid);
    if (!owner) throw new KilnError('internal', 'this process has no start time');
    await mkdir(folder, { mode: 0o700 });
    writeFileSync(join(folder, ownerFile), JSON.stringify(owner), { mode: 0o600 });
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
    appendFileSync(join(this.folder, journalFile), `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  }

  /** Runs the scope's clean-ups, then undoes what the journal still holds, then removes the scratch folder. */
  async close(): Promise<void> {
    try {
      await this.scope.close();
    } finally {
      await undo(this.folder);
    }
  }
}

export interface Reaped {
  readonly run: string;
}

/** Finishes what runs whose owner is dead have left behind. Cheap when there is nothing. */
export async function reapDeadRuns(home: string): Promise<readonly Reaped[]> {
  const { runs } = storeLayout(home);
  const reaped: Reaped[] = [];
  for (const id of await listFolder(runs)) {
    const folder = join(runs, id);
    const owner = await readOwner(folder);
    if (owner === 'unknown' || isAlive(owner)) continue;
    await undo(folder);
    reaped.push({ run: id });
  }
  return reaped;
}

const ownerFile = 'owner.json';
const journalFile = 'journal';

type JournalEntry =
  | ({ readonly kind: 'process' } & ProcessIdentity)
  | { readonly kind: 'path' | 'keep'; readonly path: string };

async function undo(folder: string): Promise<void> {
  const entries = await readJournal(folder);
  const doomed = new Set<string>();
  for (const entry of entries) {
    if (entry.kind === 'process') await endProcess(entry);
    else if (entry.kind === 'path') doomed.add(entry.path);
    else doomed.delete(entry.path);
  }
  await endProcessesNaming(folder);
  for (const path of doomed) await rm(path, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}

/**
 * A process may have been started and its owner killed before the journal knew of it. Everything Kiln starts
 * for a run names the run's folder on its command line, so that is looked for too.
 */
async function endProcessesNaming(folder: string): Promise<void> {
  for (const pid of await listFolder('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    let commandLine: string;
    try {
      commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES')) continue;
      throw error;
    }
    if (!commandLine.includes(`${folder}/`) || !/^[^\0]*qemu/.test(commandLine)) continue;
    const identity = identifyProcess(Number(pid));
    if (identity) await endProcess(identity);
  }
}

async function endProcess(identity: ProcessIdentity): Promise<void> {
  if (!isAlive(identity)) return;
  signalQuietly(identity.pid, 'SIGKILL');
  for (let waited = 0; waited < 5000 && processStartTime(identity.pid) === identity.started; waited += 10) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function readJournal(folder: string): Promise<JournalEntry[]> {
  let text: string;
  try {
    text = await readFile(join(folder, journalFile), 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
  return text
    .split('\n')
    .slice(0, -1) // after the last newline: nothing, or an entry that was cut off before its deed was done
    .map((line) => JSON.parse(line) as JournalEntry);
}

async function readOwner(folder: string): Promise<ProcessIdentity | 'unknown'> {
  try {
    return JSON.parse(await readFile(join(folder, ownerFile), 'utf8')) as ProcessIdentity;
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || error instanceof SyntaxError) return 'unknown';
    throw error;
  }
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
