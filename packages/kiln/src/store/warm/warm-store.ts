import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import {
  exists,
  readJsonIfExists,
  syncFolder,
  temporaryName,
  writeFileAtomically,
} from '../../base/files.ts';
import { bytesOnDisk, listFolder } from '../folders.ts';
import { storeLayout } from '../home.ts';
import { isTemporaryName } from '../temporary-names.ts';
import type { WarmFiles, WarmRecord } from './warm-record.ts';

export function warmFiles(folder: string): WarmFiles {
  return {
    folder,
    record: join(folder, 'record.json'),
    disk: join(folder, 'disk.qcow2'),
    empty: join(folder, 'empty.qcow2'),
    memory: join(folder, 'memory'),
    state: join(folder, 'state'),
    efiVars: join(folder, 'efivars.fd'),
  };
}

/** A booted machine that is kept. */
export interface WarmSnapshot {
  readonly record: WarmRecord;
  readonly files: WarmFiles;
}

/** The one with this key. Using it makes it the last to go. */
export async function findWarm(home: string, key: string): Promise<WarmSnapshot | undefined> {
  const files = warmFiles(join(storeLayout(home).warm, key));
  const record = (await readJsonIfExists(files.record)) as WarmRecord | undefined;
  if (record?.schema !== 1) return undefined;
  const now = new Date();
  try {
    await utimes(files.record, now, now);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    if (!isSystemError(error, 'EPERM', 'EACCES', 'EROFS')) throw error;
  }
  return { record, files };
}

/** A private folder to put a snapshot together in. It goes with its maker until `keepWarm` has given it its name. */
export async function newWarmFolder(home: string, key: string): Promise<WarmFiles> {
  const { warm } = storeLayout(home);
  await mkdir(warm, { recursive: true, mode: 0o700 });
  const folder = temporaryName(join(warm, key));
  await mkdir(folder, { mode: 0o700 });
  return warmFiles(folder);
}

/** Gives a whole snapshot its name; one that has it already stays. */
export async function keepWarm(home: string, record: WarmRecord, files: WarmFiles): Promise<WarmSnapshot> {
  const { warm } = storeLayout(home);
  const folder = join(warm, record.key);
  await writeFileAtomically(files.record, `${JSON.stringify(record, null, 2)}\n`, 0o600);
  try {
    await rename(files.folder, folder);
    await syncFolder(warm);
  } catch (error) {
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    await rm(files.folder, { recursive: true, force: true });
  }
  return { record, files: warmFiles(folder) };
}

/** Machines that were copied from it go on: they hold what they need. */
export async function removeWarm(home: string, key: string): Promise<void> {
  const { warm } = storeLayout(home);
  const aside = temporaryName(join(warm, key));
  try {
    // Nobody may begin with half a snapshot.
    await rename(join(warm, key), aside);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

export interface ListedWarm extends WarmSnapshot {
  readonly usedAt: Date;
  readonly bytes: number;
}

/** Every snapshot, the last used first. */
export async function listWarm(home: string): Promise<readonly ListedWarm[]> {
  const { warm } = storeLayout(home);
  const listed: ListedWarm[] = [];
  for (const name of await listFolder(warm)) {
    if (isTemporaryName(name) || !/^[0-9a-f]{64}$/.test(name)) continue;
    const files = warmFiles(join(warm, name));
    const record = (await readJsonIfExists(files.record)) as WarmRecord | undefined;
    if (record?.schema !== 1) continue;
    try {
      const sizes = (await readdir(files.folder)).map((file) => bytesOnDisk(join(files.folder, file)));
      const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      listed.push({ record, files, bytes, usedAt: (await stat(files.record)).mtime });
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
  return listed.sort((a, b) => b.usedAt.getTime() - a.usedAt.getTime());
}

/** For how long nobody tries again to keep a machine that could not be kept. */
const unfitFor = 7 * 86_400_000;

/** Why machines with this key cannot be copied, when that was found out lately. */
export async function unfitReason(home: string, key: string): Promise<string | undefined> {
  const note = (await readJsonIfExists(notePath(home, key))) as { reason: string; at: number } | undefined;
  return note && Date.now() - note.at < unfitFor ? note.reason : undefined;
}

/** Writes down why machines with this key cannot be copied: finding it out costs a boot. */
export async function noteUnfit(home: string, key: string, reason: string): Promise<void> {
  await mkdir(storeLayout(home).warm, { recursive: true, mode: 0o700 });
  await writeFileAtomically(notePath(home, key), JSON.stringify({ reason, at: Date.now() }), 0o600);
}

/** Paths of notes that nobody heeds any more. */
export async function oldNotes(home: string): Promise<readonly string[]> {
  const { warm } = storeLayout(home);
  const old: string[] = [];
  for (const name of await listFolder(warm)) {
    if (!name.endsWith('.unfit')) continue;
    if ((await unfitReason(home, name.slice(0, -'.unfit'.length))) === undefined) old.push(join(warm, name));
  }
  return old;
}

export async function hasWarm(home: string): Promise<boolean> {
  return exists(storeLayout(home).warm);
}

function notePath(home: string, key: string): string {
  return join(storeLayout(home).warm, `${key}.unfit`);
}
