import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { KilnError } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';

/** A temporary folder that goes with the test. */
export function boxFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-boxes-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files, with their folders. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export async function isInstalled(program: string): Promise<boolean> {
  try {
    await run(program, ['--version']);
    return true;
  } catch (error) {
    if (error instanceof KilnError && error.code === 'tool-missing') return false;
    throw error;
  }
}
