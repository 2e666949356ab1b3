import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileTarget, type TreeEntry, writeExt4 } from '@kiln/diskimage';

/** A folder of a test, removed at its end. */
export function workFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-supply-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const filesystemSize = 16 << 20;

/** Writes a filesystem of 16 MiB with these files to a file. */
export function writeFilesystem(path: string, tree: readonly TreeEntry[], uuid: string): void {
  writeFileSync(path, '');
  truncateSync(path, filesystemSize);
  const file = openSync(path, 'r+');
  try {
    writeExt4(fileTarget(file), tree, {
      size: filesystemSize,
      uuid,
      hashSeed: uuid,
      label: `fs-${uuid.slice(0, 4)}`,
      time: 1_700_000_000,
    });
  } finally {
    closeSync(file);
  }
}
