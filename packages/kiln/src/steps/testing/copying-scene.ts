import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Guest } from '../../guests/guest.ts';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import type { FileStep } from '../../plan/step.ts';
import { runStep } from '../run-step.ts';
import { type RecordedContext, recordedContext } from './step-context.ts';
import { fileStep } from './step-defaults.ts';

export interface CopyingScene {
  /** A folder with files and a tree to copy. */
  readonly here: string;
  /** An empty folder of the machine, which templates know as `.Where`. */
  readonly there: string;
  /** Runs a file step that has these changes. */
  readonly run: (changes: Partial<FileStep>) => Promise<RecordedContext>;
}

/** Something to copy, and somewhere to copy it to in a machine that sees this one's files. */
export async function copyingScene(t: TestContext, guest: Guest): Promise<CopyingScene> {
  const folder = await temporaryFolder(t);
  const here = join(folder, 'here');
  const there = join(folder, 'there');
  await mkdir(join(here, 'tree', 'sub'), { recursive: true });
  await mkdir(there);
  await writeFile(join(here, 'one file'), 'one');
  await chmod(join(here, 'one file'), 0o755);
  await writeFile(join(here, 'two'), 'two');
  await writeFile(join(here, 'tree', 'sub', 'leaf'), 'leaf');
  const run = async (changes: Partial<FileStep>) => {
    const context = await recordedContext(t, { guest, folder: here, values: { Where: there } });
    await runStep(fileStep(changes), context);
    return context;
  };
  return { here, there, run };
}

/** Everything in a folder, sorted. */
export async function pathsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}
