import { constants } from 'node:fs';
import { chmod, copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readQcow2Header } from '@kiln/diskimage';
import { isSystemError, KilnError } from '../base/errors.ts';
import { digestFile, exists, syncFolder, translateFull } from '../base/files.ts';
import { inspectDisk, sizeOfFile } from './disk-file.ts';
import { type StoreLayout, storeLayout } from './home.ts';
import { addToPin, thisProcess } from './pins.ts';
import { qemuImg } from './qemu-img.ts';
import { Run } from './run.ts';
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

export function layerFile(digest: string): string {
  return `${digest}.qcow2`;
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

/** Brings the disk as qcow2 to `staged`. True when it was moved there, so that the original is gone. */
async function stageDisk(options: AddLayerOptions, staged: string, run: Run): Promise<boolean> {
  const { diskPath, signal, onProgress, flatten = false } = options;
  const format = options.format ?? (await detectSafely(options));
  await sizeOfFile(diskPath);
  if (format === 'qcow2' && !flatten) {
    await checkBacking(options);
    return takeFile(diskPath, staged, options.move);
  }
  if (options.parentLayers?.length) {
    throw new KilnError(
      'internal',
      `${diskPath} is ${flatten ? 'to be flattened' : `a ${format} disk`} and has no parent`,
    );
  }
  await qemuImg('convert', ['-f', format, '-O', 'qcow2', resolve(diskPath), staged], staged, {
    run,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  return false;
}

async function detectSafely(options: AddLayerOptions): Promise<string> {
  // An overlay names its backing file, and that is what it should do here: checkBacking looks at which.
  if (options.parentLayers?.length) return 'qcow2';
  const { format } = await inspectDisk(options.diskPath, options.signal);
  return format === 'iso' ? 'raw' : format;
}

/** The disk must stand on exactly what its image says it stands on. @throws KilnError `file-unsafe` */
async function checkBacking({ diskPath, parentLayers }: AddLayerOptions): Promise<void> {
  const { backingFile, dataFile } = await readQcow2Header(diskPath);
  if (dataFile !== undefined) {
    throw new KilnError('file-unsafe', `${diskPath} keeps its data in another file, "${dataFile}"`);
  }
  const parent = parentLayers?.[0];
  if (parent === undefined && backingFile !== undefined) {
    throw new KilnError('file-unsafe', `${diskPath} stands on another file, "${backingFile}"`, {
      hint: 'flatten it, or name the image it stands on',
    });
  }
  if (parent !== undefined && (backingFile === undefined || basename(backingFile) !== layerFile(parent))) {
    throw new KilnError(
      'file-unsafe',
      `${diskPath} stands on ${backingFile ? `"${backingFile}"` : 'nothing'}, not on the image sha256:${parent}`,
    );
  }
}

/** Moves the file, or copies it; as a reflink where the filesystem can. True when it was moved. */
async function takeFile(from: string, to: string, move: boolean): Promise<boolean> {
  if (move) {
    try {
      await rename(from, to);
      return true;
    } catch (error) {
      if (!isSystemError(error, 'EXDEV')) throw error;
    }
  }
  await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  await chmod(to, 0o600);
  return false;
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

export function layerPath(layout: StoreLayout, digest: string): string {
  return join(layout.layers, layerFile(digest));
}

async function nameBackingFile(path: string, name: string): Promise<void> {
  const header = await readQcow2Header(path);
  if (header.backingFile === name && header.backingFormat === 'qcow2') return;
  await qemuImg('rebase', ['-u', '-f', 'qcow2', '-b', name, '-F', 'qcow2', path], path);
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
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
