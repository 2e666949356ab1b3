import { hash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { readJsonIfExists, writeFileAtomically } from '../../base/files.ts';

/**
 * A record that the user lets a project do while its Vagrantfile is evaluated what it could do with Vagrant: run programs,
 * read and write files. It holds for the Vagrantfile as it was; a change ends it. Kept in `trust/` of Kiln's home.
 */
export interface TrustRecord {
  /** Real path of the Vagrantfile. */
  readonly file: string;
  /** SHA-256 of its content. */
  readonly digest: string;
  /** ISO 8601. */
  readonly since: string;
}

export type TrustState = 'trusted' | 'changed' | 'unknown';

/** Lets a project do more from now on. @throws the system's error when the Vagrantfile cannot be read */
export async function trustProject(file: string, kilnHome: string, now: Date): Promise<TrustRecord> {
  const real = realpathSync.native(file);
  const record = { file: real, digest: digestOf(real), since: now.toISOString() };
  await mkdir(folderOf(kilnHome), { recursive: true, mode: 0o700 });
  await writeFileAtomically(pathOf(real, kilnHome), `${JSON.stringify(record, undefined, 2)}\n`, 0o600);
  return record;
}

/** False when it was not trusted anyway. */
export async function distrustProject(file: string, kilnHome: string): Promise<boolean> {
  const path = pathOf(realpathSync.native(file), kilnHome);
  const known = (await readJsonIfExists(path)) !== undefined;
  await rm(path, { force: true });
  return known;
}

export async function trustedProjects(kilnHome: string): Promise<readonly TrustRecord[]> {
  let names: string[];
  try {
    names = await readdir(folderOf(kilnHome));
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
  const records = await Promise.all(names.map((name) => readJsonIfExists(join(folderOf(kilnHome), name))));
  return records.filter((record) => record !== undefined).map((record) => record as TrustRecord);
}

/** `changed`: it was trusted, with another Vagrantfile. */
export function trustStateOf(file: string, kilnHome: string): TrustState {
  const real = realpathSync.native(file);
  try {
    const record = JSON.parse(readFileSync(pathOf(real, kilnHome), 'utf8')) as TrustRecord;
    return record.digest === digestOf(real) ? 'trusted' : 'changed';
  } catch (error) {
    // A damaged record is no consent.
    if (isSystemError(error, 'ENOENT', 'ENOTDIR') || error instanceof SyntaxError) return 'unknown';
    throw error;
  }
}

function digestOf(file: string): string {
  return hash('sha256', readFileSync(file));
}

function folderOf(kilnHome: string): string {
  return join(kilnHome, 'trust');
}

function pathOf(real: string, kilnHome: string): string {
  return join(folderOf(kilnHome), `${hash('sha256', real)}.json`);
}
