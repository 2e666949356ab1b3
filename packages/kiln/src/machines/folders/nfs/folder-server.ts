import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep } from '../../../base/cancellation.ts';
import { KilnError } from '../../../base/errors.ts';
import { readJsonIfExists, writeFileAtomically } from '../../../base/files.ts';
import { isAlive, type ProcessIdentity, signalQuietly } from '../../../base/processes.ts';
import type { Export } from './exported-tree.ts';

/** What a machine may use: `folders.json` in its folder. */
export interface ServedFolders {
  /** 32 bytes in hexadecimal digits: who does not know them gets nothing. */
  readonly token: string;
  /** Of the server before. */
  readonly port?: number;
  readonly exports: readonly Export[];
}

/** Where a server is: `folder-server.json`. */
export interface ServerNote {
  readonly port: number;
  readonly process: ProcessIdentity;
}

/** How a machine mounts one of its folders, but for the ids at the end. */
export interface ServedFolder {
  readonly port: number;
  /** `/TOKEN/EXPORT`. */
  readonly path: string;
}

/**
 * Serves folders to a machine that runs, by a process that lives as long as the machine does. One that is there already
 * goes on, with these folders. It listens on the loopback address, where the machine reaches it through QEMU's network;
 * everybody else on the host lacks the token.
 * @param machine the machine's folder
 * @returns by the folders' paths on the host
 * @throws KilnError `tool-failed` when the server does not start, `cancelled`
 */
export async function serveFolders(
  machine: string,
  exports: readonly Export[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ServedFolder>> {
  const listFile = join(machine, 'folders.json');
  const noteFile = join(machine, 'folder-server.json');
  const before = (await readJsonIfExists(listFile)) as ServedFolders | undefined;
  const note = (await readJsonIfExists(noteFile)) as ServerNote | undefined;
  const token = before?.token ?? randomBytes(32).toString('hex');
  const port = note?.port ?? before?.port;
  const list: ServedFolders = { token, ...(port === undefined ? {} : { port }), exports };
  const isSame = JSON.stringify(before?.exports) === JSON.stringify(exports) && before?.port === port;
  if (!isSame) await writeFileAtomically(listFile, `${JSON.stringify(list)}\n`, 0o600);
  const running = note !== undefined && isAlive(note.process);
  const actual = running ? note.port : await start(machine, noteFile, signal);
  return new Map(
    exports.map(({ path }) => {
      const id = createHash('sha256').update(path).digest('hex').slice(0, 8);
      return [path, { port: actual, path: `/${token}/${id}` }] as const;
    }),
  );
}

/** Serves what a machine was served before, as when it wakes up. Nothing happens when that was nothing. */
export async function serveAgain(machine: string, signal: AbortSignal): Promise<void> {
  const before = (await readJsonIfExists(join(machine, 'folders.json'))) as ServedFolders | undefined;
  if (before) await serveFolders(machine, before.exports, signal);
}

/** Ends the server of a machine, if there is one. */
export async function endFolderServer(machine: string): Promise<void> {
  const note = (await readJsonIfExists(join(machine, 'folder-server.json'))) as ServerNote | undefined;
  if (note && isAlive(note.process)) signalQuietly(note.process.pid, 'SIGTERM');
}

async function start(machine: string, noteFile: string, signal: AbortSignal): Promise<number> {
  await rm(noteFile, { force: true });
  const name = import.meta.url.endsWith('.ts') ? './serve-folders.ts' : './serve-folders.js';
  const logFile = join(machine, 'folder-server.log');
  const log = openSync(logFile, 'w', 0o600);
  try {
    const child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), `${machine}/`], {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: '/',
    });
    child.unref();
    const ended = new Promise<'ended'>((resolve) => {
      child.once('exit', () => resolve('ended'));
      child.once('error', () => resolve('ended'));
    });
    for (;;) {
      const note = (await readJsonIfExists(noteFile)) as ServerNote | undefined;
      if (note) return note.port;
      if ((await Promise.race([ended, sleep(5, signal)])) === 'ended') {
        throw new KilnError('tool-failed', `the server of synced folders did not start; see ${logFile}`);
      }
    }
  } finally {
    closeSync(log);
  }
}
