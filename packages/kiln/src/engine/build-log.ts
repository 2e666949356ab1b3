import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDuration } from '../base/durations.ts';
import { isSystemError, messageOf } from '../base/errors.ts';
import type { KilnEvent } from '../base/events.ts';

/** The whole story of one build as a text file, readable while it is written. Mode 0600. */
export class BuildLog {
  readonly path: string;
  #file: number | undefined;
  readonly #onTrouble: (text: string) => void;

  private constructor(path: string, file: number, onTrouble: (text: string) => void) {
    this.path = path;
    this.#file = file;
    this.#onTrouble = onTrouble;
  }

  /** A build goes on without its log: `onTrouble` hears once why there is none, or why it ends early. */
  static open(
    folder: string,
    build: string,
    onTrouble: (text: string) => void = () => {},
  ): BuildLog | undefined {
    const path = join(folder, `${logName(build)}.log`);
    try {
      return new BuildLog(path, openSync(path, 'a', 0o600), onTrouble);
    } catch (error) {
      onTrouble(`no log is written to ${path}: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Adds an event whose secrets have been hidden already. */
  write(event: KilnEvent): void {
    const line = lineOf(event);
    if (line === undefined || this.#file === undefined) return;
    try {
      writeSync(this.#file, `${new Date().toISOString()} ${line}\n`);
    } catch (error) {
      this.close();
      this.#onTrouble(`the log ${this.path} ends early: ${messageOf(error)}`);
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

const keptLogFolders = 50;

/** Makes this command's log folder under `logs`, named so that names sort by time, and removes old ones. */
export async function makeLogFolder(logs: string, runId: string, now: Date): Promise<string> {
  const stamp = now
    .toISOString()
    .replaceAll(':', '')
    .replace(/\.\d+Z$/, 'Z');
  const folder = join(logs, `${stamp}-${runId}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const old = (await readdir(logs)).filter((name) => /^\d{4}-\d\d-\d\dT\d{6}Z-/.test(name)).sort();
  for (const name of old.slice(0, Math.max(0, old.length - keptLogFolders))) {
    try {
      await rm(join(logs, name), { recursive: true, force: true });
    } catch (error) {
      // Another command may prune at the same moment.
      if (!isSystemError(error, 'ENOENT', 'ENOTEMPTY')) throw error;
    }
  }
  return folder;
}

/**
 * A build's name as a file name: a template may put anything into a name. One that had to be changed gets a few digits
 * of its hash, so that two names that differ only in what was changed have two logs.
 */
export function logName(build: string): string {
  const safe = build.replace(/[^\w.+@-]+/g, '_').slice(0, 100);
  if (safe === build && !/^\.*$/.test(build)) return build;
  const hash = createHash('sha256').update(build).digest('hex').slice(0, 8);
  return `${/^\.*$/.test(safe) ? 'build' : safe}-${hash}`;
}

function lineOf(event: KilnEvent): string | undefined {
  switch (event.kind) {
    case 'build-started':
      return `build ${event.build}`;
    case 'build-finished':
      return `build ${event.outcome} after ${formatDuration(event.milliseconds)}${event.error ? `: ${event.error}` : ''}`;
    case 'stage-started':
      return `> ${event.stage}`;
    case 'stage-finished':
      return `< ${event.stage}: ${event.outcome} after ${formatDuration(event.milliseconds)}`;
    case 'output':
      return `${event.stream === 'stderr' ? '!' : '|'} ${event.line}`;
    case 'message':
      return event.level === 'info' ? event.text : `${event.level}: ${event.text}`;
    case 'artifact':
      return `made ${event.description}${event.files.length > 0 ? ` (${event.files.join(', ')})` : ''}`;
    case 'progress':
      return undefined;
  }
}
