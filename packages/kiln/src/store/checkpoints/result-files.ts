import { rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { readJsonIfExists, writeFileAtomically } from '../../base/files.ts';
import { listFolder } from '../folders.ts';
import { storeLayout } from '../home.ts';
import {
  type CheckpointFiles,
  checkpointFiles,
  identityOf,
  makeCheckpointFolders,
} from './checkpoint-files.ts';

/** Anything that consists of files, whose names count from the working folder. */
export interface HasFiles {
  readonly files: readonly string[];
}

/** `results/<key>.json`: what came out of a state, with what its files were like then. */
interface ResultFile {
  readonly schema: 1;
  readonly artifact: HasFiles;
  /** The artifact's files. Paths absolute. */
  readonly files: readonly { readonly path: string; readonly identity: string }[];
}

/**
 * What was remembered under a key, when all of its files are there and nobody has touched them. Whoever asks knows of
 * what type it was.
 */
export async function readResult(home: string, key: string): Promise<HasFiles | undefined> {
  const result = await read(resultPath(checkpointFiles(storeLayout(home)), key));
  return result && (await isUntouched(result)) ? result.artifact : undefined;
}

/** Remembers what came out of a state. One whose files are not all there is forgotten. @throws KilnError `disk-full` */
export async function writeResult(home: string, key: string, artifact: HasFiles): Promise<void> {
  const path = resultPath(await makeCheckpointFolders(storeLayout(home)), key);
  const files: ResultFile['files'][number][] = [];
  for (const file of artifact.files) {
    const identity = await identityIfThere(file);
    if (identity === undefined) return rm(path, { force: true });
    files.push({ path: resolve(file), identity });
  }
  const result: ResultFile = { schema: 1, artifact, files };
  await writeFileAtomically(path, `${JSON.stringify(result)}\n`, 0o600);
}

/** Paths of remembered results that nobody can use any more: their files were removed or changed. */
export async function deadResults(files: CheckpointFiles): Promise<string[]> {
  const dead: string[] = [];
  for (const name of await listFolder(files.results)) {
    if (!name.endsWith('.json')) continue;
    const path = join(files.results, name);
    const result = await read(path);
    if (!result || !(await isUntouched(result))) dead.push(path);
  }
  return dead;
}

/** What a build was made of the last time is of no interest when it was not built for so long, in milliseconds. */
const forgottenAfter = 90 * 86_400_000;

/** Paths of notes of builds that were not made for a long time. */
export async function oldNotes(files: CheckpointFiles): Promise<string[]> {
  const old: string[] = [];
  for (const name of await listFolder(files.last)) {
    const path = join(files.last, name);
    try {
      if (name.endsWith('.json') && Date.now() - (await stat(path)).mtimeMs > forgottenAfter) old.push(path);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
  return old;
}

function resultPath(files: CheckpointFiles, key: string): string {
  return join(files.results, `${key}.json`);
}

/** Undefined also for a file that was cut off or that nobody understands: it costs a build, and no more. */
async function read(path: string): Promise<ResultFile | undefined> {
  try {
    const result = (await readJsonIfExists(path)) as Partial<ResultFile> | undefined;
    const count = result?.schema === 1 ? result.artifact?.files?.length : undefined;
    return count !== undefined && result?.files?.length === count ? (result as ResultFile) : undefined;
  } catch (error) {
    if (error instanceof KilnError && error.code === 'store-corrupt') return undefined;
    throw error;
  }
}

async function isUntouched({ files }: ResultFile): Promise<boolean> {
  for (const { path, identity } of files) if ((await identityIfThere(path)) !== identity) return false;
  return true;
}

async function identityIfThere(path: string): Promise<string | undefined> {
  try {
    return await identityOf(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
