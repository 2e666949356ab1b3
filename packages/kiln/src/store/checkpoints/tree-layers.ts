import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { runOrFail } from '../../base/processes.ts';
import { asRoot, isRoot, removeTree } from '../../base/user-namespace.ts';
import { bytesOnDisk } from '../folders.ts';

/*
 * A tree that is built without a machine is a stack of folders that overlayfs shows as one (the kernel's
 * Documentation/filesystems/overlayfs.rst). A layer holds what one step has changed: files as they are now, and marks
 * for those that are gone. Layers of ordinary users belong to ids of their namespace.
 */

/**
 * SHA-256 of a layer: over a tar stream of it, names in order, with modes, owners, times, attributes and marks.
 * @throws KilnError `tool-missing`, `tool-failed`
 */
export async function digestTreeLayer(folder: string): Promise<string> {
  const [command, args] = asRoot('tar', [
    ...['--create', '--format=pax', '--pax-option=exthdr.name=%d/%f,delete=atime,delete=ctime'],
    ...['--sort=name', '--numeric-owner', '--xattrs', '--xattrs-include=*', '--warning=no-file-ignored'],
    ...['--directory', folder, '.'],
  ]);
  const tar = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  const hash = createHash('sha256');
  let words = '';
  tar.stdout.on('data', (chunk: Buffer) => hash.update(chunk));
  tar.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    tar.once('error', (error) => {
      reject(new KilnError('tool-missing', `${command} cannot be run: ${error.message}`));
    });
    tar.once('close', resolve);
  });
  if (code !== 0) throw new KilnError('tool-failed', `tar could not read ${folder}: ${words.trim()}`);
  return hash.digest('hex');
}

/** Lays out a finished layer as the store keeps it: `to` gets the layer and what is known of it. */
export async function placeTreeLayer(folder: string, to: string): Promise<void> {
  await writeFile(join(to, 'bytes'), String(await measure(folder)));
  await rename(folder, join(to, 'fs'));
}

/** Bytes on the disk of a layer in the store, which is a folder as `placeTreeLayer` makes them. */
export async function treeLayerBytes(layer: string): Promise<number> {
  try {
    return Number.parseInt(await readFile(join(layer, 'bytes'), 'utf8'), 10) || 0;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 0;
    throw error;
  }
}

/** Removes a file, or a layer of a tree, and tells the bytes that became free. */
export async function removeBlob(path: string, kind: 'disk' | 'memory' | 'tree'): Promise<number> {
  const bytes = kind === 'tree' ? await treeLayerBytes(path) : await bytesOnDisk(path);
  await removeTree(path);
  return bytes;
}

async function measure(folder: string): Promise<number> {
  const args = ['--summarize', '--block-size=1', '--one-file-system', folder];
  const { stdout } = isRoot() ? await runOrFail('du', args) : await runOrFail(...asRoot('du', args));
  return Number.parseInt(stdout, 10);
}
