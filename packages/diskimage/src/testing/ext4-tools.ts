import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileTarget } from '../ext4/block-target.ts';
import { isZero } from '../ext4/block-writer.ts';
import type { Ext4Options, Ext4Result } from '../ext4/options.ts';
import { writeExt4 } from '../ext4/write-ext4.ts';
import type { TreeEntry } from '../tree/tree-entry.ts';
import { missing, run } from './tools.ts';

/** What all filesystems of the tests are. */
export const identity = {
  uuid: '6b696c6e-0000-4000-8000-000000000001',
  hashSeed: '6b696c6e-0000-4000-8000-000000000002',
  time: 1_700_000_000,
} as const;

/** Writes a filesystem into a new sparse file. */
export function writeImage(
  path: string,
  entries: Iterable<TreeEntry>,
  options: Partial<Ext4Options> & { readonly size: number },
): Ext4Result {
  const fd = openSync(path, 'w');
  try {
    ftruncateSync(fd, options.size);
    return writeExt4(fileTarget(fd), entries, { ...identity, ...options });
  } finally {
    closeSync(fd);
  }
}

/** Puts an image from memory into a file, zeros as holes. */
export function writeSparse(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, 'w');
  try {
    ftruncateSync(fd, bytes.length);
    const piece = 64 * 1024;
    for (let at = 0; at < bytes.length; at += piece) {
      const part = bytes.subarray(at, at + piece);
      if (!isZero(part, 0, part.length)) writeSync(fd, part, 0, part.length, at);
    }
  } finally {
    closeSync(fd);
  }
}

/** e2fsck finds nothing to complain of, and prints nothing but its five passes. */
export function assertClean(folder: string, image: string): void {
  const output = run(folder, 'e2fsck', '-fn', image);
  const complaints = output.split('\n').filter((line) => !expectedLines.test(line));
  if (complaints.length > 0) throw new Error(`e2fsck says of ${image}:\n${complaints.join('\n')}`);
}

const expectedLines = /^(e2fsck \d|Pass [1-5]: |.*: \d+\/\d+ files \(.*blocks$|$)/;

/** Why nothing can be mounted here, or false. */
export function cannotMount(): string | false {
  if (process.getuid?.() !== 0) return 'mounting needs root';
  return missing('mount', 'losetup') || cannotLoop();
}

function cannotLoop(): string | false {
  const { status } = spawnSync('losetup', ['--find'], { stdio: 'ignore' });
  return status !== 0 && 'there are no loop devices';
}

/** Has the kernel mount an image for as long as the work takes. */
export async function mounted<Result>(
  folder: string,
  image: string,
  options: 'ro' | 'rw',
  work: (mountPoint: string, device: string) => Promise<Result> | Result,
): Promise<Result> {
  const mountPoint = mkdtempSync(join(folder, 'mount-'));
  const device = run(folder, 'losetup', '--find', '--show', image).trim();
  try {
    run(folder, 'mount', '-t', 'ext4', '-o', options, device, mountPoint);
    try {
      return await work(mountPoint, device);
    } finally {
      run(folder, 'umount', mountPoint);
    }
  } finally {
    run(folder, 'losetup', '--detach', device);
    rmSync(mountPoint, { recursive: true, force: true });
  }
}
