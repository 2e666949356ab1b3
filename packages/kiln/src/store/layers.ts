import { chmod, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readQcow2Header } from '@kiln/diskimage';
import { isSystemError } from '../base/errors.ts';
import { digestFile, exists, syncFolder, translateFull } from '../base/files.ts';
import { layerFile, layerPath, type StoreLayout, storeLayout } from './home.ts';
import { addToPin, thisProcess } from './pins.ts';
import { qemuImg } from './qemu-img.ts';
import { Run } from './run.ts';
import { stageDisk } from './stage-disk.ts';
import { makeFolders, withStoreLock } from './store-lock.ts';

export interface AddLayerOptions {
  readonly diskPath: string;
  /**
   * What the disk is, when it was made by Kiln. Say so for every disk that a guest could write to: a raw disk
   * may be made to look like anything. Undefined: told from the bytes, and refused when it is unsafe.
   */
  readonly format?: 'raw' | 'qcow2';
  /** Layers, top first, of the image that the disk is an overlay on. */
  readonly parentLayers?: readonly string[];
  /** The disk may be used up: it is moved when that is possible. It stays where it is when this fails. */
  readonly move: boolean;
  /** The layer may be the very file, under a second name, instead of a copy: it is not to be changed any more. */
  readonly link?: boolean;
  /** Take the disk and whatever it stands on together into one layer. Only for chains made by Kiln. */
  readonly flatten?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (part: number) => void;
}

/** A layer in the store. */
export interface Layer {
  readonly digest: string;
  readonly path: string;
  /** This layer and those it stands on, top first. */
  readonly layers: readonly string[];
  readonly virtualSize: number;
}

/**
 * Makes a disk a layer of the store: `layers/<sha256>.qcow2`, read-only, whose header names the layer below by
 * its file name. The digest is over that header too, so one digest fixes the whole chain. Until an image is
 * made of it or this process ends, the layer is safe from `prune`.
 */
export async function addLayer(home: string, options: AddLayerOptions): Promise<Layer> {
  await makeFolders(storeLayout(home));
  const run = await Run.open(home);
  const staged = join(run.folder, 'layer.qcow2');
  try {
    const moved = await stageDisk(options, staged, run);
    try {
      const layer = await finishLayer(home, staged, options.parentLayers ?? []);
      if (options.move && !moved) await rm(options.diskPath, { force: true });
      return layer;
    } catch (error) {
      if (moved) await rename(staged, options.diskPath);
      throw error;
    }
  } catch (error) {
    throw translateFull(error, staged);
  } finally {
    await run.close();
  }
}

async function finishLayer(home: string, staged: string, parentLayers: readonly string[]): Promise<Layer> {
  const parent = parentLayers[0];
  if (parent !== undefined) await nameBackingFile(staged, layerFile(parent));
  const { virtualSize } = await readQcow2Header(staged);
  await syncFile(staged);
  const digest = await digestFile(staged);
  await chmod(staged, 0o444);
  const path = await placeLayer(home, staged, digest);
  return { digest, path, layers: [digest, ...parentLayers], virtualSize };
}

/** Moves a complete, synced layer file to its place and claims it for this process. */
export async function placeLayer(home: string, staged: string, digest: string): Promise<string> {
  return withStoreLock(home, async (layout) => {
    await addToPin(layout, thisProcess(), { layers: [digest] });
    const path = layerPath(layout, digest);
    // One that was damaged in place is replaced; its content is known from its name.
    if (await sameSize(path, staged)) await rm(staged, { force: true });
    else await rename(staged, path);
    await syncFolder(dirname(path));
    return path;
  });
}

async function sameSize(path: string, other: string): Promise<boolean> {
  return (await exists(path)) && (await stat(path)).size === (await stat(other)).size;
}

async function nameBackingFile(path: string, name: string): Promise<void> {
  const header = await readQcow2Header(path);
  if (header.backingFile === name && header.backingFormat === 'qcow2') return;
  await qemuImg('rebase', ['-u', '-f', 'qcow2', '-b', name, '-F', 'qcow2', path], path);
}

async function syncFile(path: string): Promise<void> {
  // For reading: it may be another's file, which is read-only.
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Something wrong with a layer. */
export interface LayerProblem {
  readonly digest: string;
  readonly path: string;
  readonly problem: string;
}

/**
 * Compares layers, top first, with their digests and with what their headers say they stand on.
 * @param checked layers to skip; those looked at are added
 */
export async function verifyLayers(
  layout: StoreLayout,
  layers: readonly string[],
  checked: Set<string>,
  onProgress?: (bytes: number) => void,
): Promise<LayerProblem[]> {
  const problems: LayerProblem[] = [];
  for (const [index, digest] of layers.entries()) {
    if (checked.has(digest)) continue;
    checked.add(digest);
    const path = layerPath(layout, digest);
    const problem = await problemOf(path, digest, layers[index + 1], onProgress);
    if (problem) problems.push({ digest, path, problem });
  }
  return problems;
}

async function problemOf(
  path: string,
  digest: string,
  below: string | undefined,
  onProgress?: (bytes: number) => void,
): Promise<string | undefined> {
  try {
    const before = await stat(path);
    const actual = await digestFile(path, 'sha256');
    onProgress?.(before.size);
    if (actual !== digest) return `its content has the digest ${actual}`;
    const { backingFile } = await readQcow2Header(path);
    const expected = below === undefined ? undefined : layerFile(below);
    return backingFile === expected ? undefined : `it stands on ${backingFile ?? 'nothing'}`;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'the file is missing';
    throw error;
  }
}
