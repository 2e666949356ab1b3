import { constants } from 'node:fs';
import { chmod, copyFile, link, rename } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { DiskImageError, readQcow2Header } from '@kiln/diskimage';
import { isSystemError, KilnError } from '../base/errors.ts';
import { inspectDisk, sizeOfFile } from './disk-file.ts';
import { layerFile } from './home.ts';
import type { AddLayerOptions } from './layers.ts';
import { qemuImg } from './qemu-img.ts';
import type { Run } from './run.ts';

/**
 * Brings a disk, as qcow2, to `staged` in the run's folder. True when it was moved there, so that the original is
 * gone; when this fails, the original is where it was.
 * @throws KilnError `file-missing`, `file-unsafe`, `unsupported`, `disk-full`, `cancelled`
 */
export async function stageDisk(options: AddLayerOptions, staged: string, run: Run): Promise<boolean> {
  const { diskPath, format, parentLayers = [], flatten = false } = options;
  await sizeOfFile(diskPath);
  if (flatten && parentLayers.length > 0)
    throw new KilnError('internal', `${diskPath} is to be flattened and to have a parent`);
  if (parentLayers.length > 0 || (format === 'qcow2' && !flatten)) {
    await checkBacking(options);
    return takeFile(diskPath, staged, options);
  }
  if (format !== undefined) {
    await convertDisk(options, format, staged, run);
    return false;
  }
  return stageStranger(options, staged, run);
}

/** A disk that somebody else made: nothing that it says is believed before it was looked at. */
async function stageStranger(options: AddLayerOptions, staged: string, run: Run): Promise<boolean> {
  const { diskPath, signal } = options;
  const { format } = await inspectDisk(diskPath, signal);
  if (format !== 'qcow2' || !(await isPlainQcow2(diskPath))) {
    await convertDisk(options, format === 'iso' ? 'raw' : format, staged, run).catch((error: unknown) => {
      throw damagedIfTool(error, diskPath);
    });
    return false;
  }
  const moved = await takeFile(diskPath, staged, options);
  try {
    // Looked at again now that nobody else can change it.
    await inspectDisk(staged, signal);
    await checkQcow2(staged, diskPath, run, signal);
  } catch (error) {
    if (moved) await rename(staged, diskPath);
    throw error;
  }
  return moved;
}

async function convertDisk(
  { diskPath, signal, onProgress }: AddLayerOptions,
  format: string,
  staged: string,
  run: Run,
): Promise<void> {
  await qemuImg('convert', ['-f', format, '-O', 'qcow2', resolve(diskPath), staged], staged, {
    run,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
}

/** True when the file can be a layer as it is: then it keeps its digest, and can be cloned instead of copied. */
async function isPlainQcow2(path: string): Promise<boolean> {
  const { version, snapshots, incompatible } = await readQcow2Header(path);
  return version === 3 && snapshots === 0 && !incompatible.dirty && incompatible.unknown === 0n;
}

/**
 * Looks through the metadata of a stranger's qcow2 file.
 * @param shown the file as the user knows it
 * @throws KilnError `file-unsafe`
 */
export async function checkQcow2(
  path: string,
  shown: string,
  run: Run,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await qemuImg('check', ['-q', '-U', '-f', 'qcow2', path], undefined, { run, ...(signal && { signal }) });
  } catch (error) {
    // 3 tells of clusters that nothing uses: waste, but sound.
    if (error instanceof KilnError && /ended with 3\b/.test(error.message)) return;
    throw damagedIfTool(error, shown);
  }
}

function damagedIfTool(error: unknown, path: string): unknown {
  if (!(error instanceof KilnError) || error.code !== 'tool-failed') return error;
  return new KilnError('file-unsafe', `${path} is not a sound disk image: ${error.message}`, {
    hint: 'get the file again from where it came',
    cause: error,
  });
}

/** The disk must stand on exactly what its image says it stands on. @throws KilnError `file-unsafe` */
async function checkBacking({ diskPath, parentLayers }: AddLayerOptions): Promise<void> {
  const { backingFile, dataFile } = await headerOf(diskPath);
  if (dataFile !== undefined)
    throw new KilnError('file-unsafe', `${diskPath} keeps its data in another file, "${dataFile}"`);
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

async function headerOf(path: string) {
  try {
    return await readQcow2Header(path);
  } catch (error) {
    if (!(error instanceof DiskImageError)) throw error;
    throw new KilnError('file-unsafe', `${path} is not a sound qcow2 file: ${error.message}`, {
      cause: error,
    });
  }
}

/** Moves the file, or copies it; as a reflink where the filesystem can. True when it was moved. */
async function takeFile(
  from: string,
  to: string,
  { move, link: mayLink }: Pick<AddLayerOptions, 'move' | 'link'>,
): Promise<boolean> {
  if (move) {
    try {
      await rename(from, to);
      return true;
    } catch (error) {
      if (!isSystemError(error, 'EXDEV')) throw error;
    }
  }
  if (mayLink && (await shareFile(from, to))) return false;
  await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  await chmod(to, 0o600);
  return false;
}

/**
 * Gives a file a second name instead of copying it. A clone is preferred, because its original may change; where the
 * filesystem has none, the original becomes read-only with the layer.
 */
async function shareFile(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    await chmod(to, 0o600);
    return true;
  } catch (error) {
    if (!isSystemError(error, 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOSYS', 'ENOTTY')) throw error;
  }
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EEXIST')) return false;
    throw error;
  }
}
