import { closeSync, copyFileSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  FilesystemFullError,
  fileTarget,
  layoutFromJson,
  scanDirectory,
  type TreeEntry,
  writeExt4,
} from '@kiln/diskimage';
import { messageOf } from '../../base/errors.ts';
import { cleanEntries } from '../../supply/cleaning/clean-entries.ts';
import { settleVolatile, withContent } from '../../supply/cleaning/settle-volatile.ts';
import { treeSboms } from '../../supply/sbom/tree-sboms.ts';
import { findSecrets } from '../../supply/secrets/find-secrets.ts';
import { treeFiles } from '../../supply/system/tree-files.ts';
import type { ImageSpec, WorkerLine } from './image-spec.ts';

/**
 * What is in these folders the kernel or the boot puts there. Who is root only in a namespace could not have made the
 * devices.
 */
const inKernelFolder = /^(?:dev|proc|run|sys)\//;
const kernelFolder = /^(?:dev|proc|run|sys)$/;

/** The identity service (sources/bootstrap/guest-files.ts) runs it once. */
const remakeScript = 'usr/lib/kiln/remake';

/*
 * A program of its own: what it reads has its right owners only in a user namespace when Kiln is run by an ordinary
 * user, and what is mounted for it goes with its end.
 */
try {
  await work(JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as ImageSpec);
} catch (error) {
  if (error instanceof FilesystemFullError) say({ kind: 'full', message: error.message });
  else say({ kind: 'failed', message: messageOf(error) });
}

async function work(spec: ImageSpec): Promise<void> {
  const leftOut = new Set(spec.leaveOut);
  const exclude = (path: string) => leftOut.has(path) || inKernelFolder.test(path);
  const entries = cleanEntries(await scanDirectory(spec.tree, { exclude })).map((entry) =>
    // When something was last made there depends on who did it.
    kernelFolder.test(entry.path) ? { ...entry, mtime: spec.time } : entry,
  );
  const settled = settledTree(entries, spec.time);
  if (spec.task === 'write') writeFilesystem(spec, settled);
  else await lookThrough(spec, settled);
}

function settledTree(tree: readonly TreeEntry[], time: number): readonly TreeEntry[] {
  const { entries, remake } = settleVolatile(tree, time);
  if (remake.length === 0) return entries;
  const script = { kind: 'file', path: remakeScript, mode: 0o755, uid: 0, gid: 0, mtime: time } as const;
  return [...entries, withContent(script, Buffer.from(`${remake.join('\n')}\n`))];
}

function writeFilesystem(spec: ImageSpec, entries: readonly TreeEntry[]): void {
  for (const [from, to] of Object.entries(spec.extract)) copyFileSync(join(spec.tree, from), to);
  say({ kind: 'stage', text: `writing a filesystem of ${entries.length} files` });
  const file = openSync(spec.filesystem, 'r+');
  try {
    const { blocks, freeBlocks } = writeExt4(fileTarget(file), entries, {
      size: spec.size,
      uuid: spec.uuid,
      hashSeed: spec.uuid,
      label: 'kiln-root',
      time: spec.time,
      clampMtime: spec.time,
      reservedPercent: 1,
      ...(spec.layout !== undefined && { previous: layoutFromJson(readFileSync(spec.layout, 'utf8')) }),
    });
    say({ kind: 'done', files: entries.length, bytes: (blocks - freeBlocks) * 4096 });
  } finally {
    closeSync(file);
  }
}

async function lookThrough(spec: ImageSpec, entries: readonly TreeEntry[]): Promise<void> {
  const secrets = await findSecrets(treeFiles(entries), { allow: spec.allowSecrets });
  if (secrets.length > 0) {
    say({ kind: 'secrets', found: secrets });
    return;
  }
  const { tree: root, name, time: created } = spec;
  const { locked, memory } = spec.sboms;
  const sboms = await treeSboms({ root, entries, name, created, locked, memory });
  writeFileSync(spec.sboms.spdx, sboms.spdx, { mode: 0o600 });
  writeFileSync(spec.sboms.cyclonedx, sboms.cyclonedx, { mode: 0o600 });
  say({ kind: 'done', files: entries.length, bytes: 0 });
}

function say(line: WorkerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
