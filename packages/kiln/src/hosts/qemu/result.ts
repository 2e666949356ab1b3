import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import type { EmitEvent } from '../../base/events.ts';
import { exists } from '../../base/files.ts';
import type { QemuResult, QemuSource } from '../../plan/qemu-source.ts';
import type { LocalImage } from '../../sources/image-resolver.ts';
import type { Run } from '../../store/run.ts';
import type { BuildDisk } from './build-disks.ts';
import { convertDisk, mergeLayers } from './disks.ts';

/** @throws KilnError `already-exists` when there is such a folder and it may not be replaced */
export async function refuseOldResult(folder: string, force: boolean): Promise<void> {
  if (!force && (await exists(folder))) throw resultExists(folder);
}

/**
 * Makes the folder for the result, which must be new: what is there already is never mixed with a build's files.
 * With `force` an old one is removed first. Until the build has succeeded the folder belongs to the run and goes
 * with it.
 * @throws KilnError `already-exists`
 */
export async function makeResultFolder(
  folder: string,
  run: Pick<Run, 'ownPath' | 'disownPath'>,
  force: boolean,
): Promise<void> {
  await refuseOldResult(folder, force);
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  run.ownPath(folder);
  try {
    await mkdir(folder);
  } catch (error) {
    // Another build was faster, and the folder is that one's.
    if (!isSystemError(error, 'EEXIST')) throw error;
    run.disownPath(folder);
    throw resultExists(folder);
  }
}

function resultExists(folder: string): KilnError {
  return new KilnError('already-exists', `the output directory ${folder} exists already`, {
    hint: 'remove it, choose another output_directory, or build with --force',
  });
}

export interface FinishDisks {
  readonly result: QemuResult;
  readonly disks: readonly BuildDisk[];
  readonly build: string;
  readonly emit: EmitEvent;
  readonly signal: AbortSignal;
}

/**
 * Turns the disks of a machine that is off into the files that were asked for, in place: each is made under another
 * name and then takes the place of the working disk as a whole.
 *
 * A disk that is a layer over the source becomes one flat file unless the backing file was asked for. A blank disk
 * that the machine filled is rewritten only for compaction or compression. Packer does all this for the first disk
 * only, and so does this for what is optional.
 * @throws KilnError `tool-failed`, `disk-full`, `cancelled`
 */
export async function finishDisks(finish: FinishDisks): Promise<void> {
  const { result } = finish;
  for (const [at, disk] of finish.disks.entries()) {
    const compact = at === 0 && result.format === 'qcow2' && (!result.skipCompaction || result.compress);
    const flatten = disk.layered && !(at === 0 && result.useBackingFile);
    const reformat = disk.format !== result.format;
    const keepLayer = at === 0 && result.useBackingFile;
    if (flatten || reformat || (compact && !keepLayer)) await replaceDisk(finish, disk, at === 0);
  }
}

async function replaceDisk(finish: FinishDisks, disk: BuildDisk, first: boolean): Promise<void> {
  const { result, build, emit, signal } = finish;
  const temporary = `${disk.path}.convert`;
  const label = `writing ${basename(disk.path)}`;
  try {
    await convertDisk({
      from: disk.path,
      fromFormat: disk.format,
      to: temporary,
      format: result.format,
      compress: first && result.compress && result.format === 'qcow2',
      args: result.imgArgs.convert,
      signal,
      onProgress: (percent) =>
        emit({ kind: 'progress', build, label, done: percent, total: 100, unit: 'items' }),
    });
    await rename(temporary, disk.path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export interface FinishLayers extends Omit<FinishDisks, 'result'> {
  readonly source: QemuSource;
  /** The top layers; the machine is off, and their headers say what they stand on. */
  readonly tops: readonly string[];
  readonly image?: LocalImage;
  /** Receives the files, each under its disk's name. */
  readonly folder: string;
}

/**
 * Writes the files that people get out of disks that are stacks of layers. The first one stays a layer on the source
 * image when that was asked for, or when it is for the store, but never more than one: what a later step has taken away
 * must not be found in a lower layer of the result.
 * @returns the files
 * @throws KilnError `tool-failed`, `disk-full`, `cancelled`
 */
export async function finishLayers(finish: FinishLayers): Promise<readonly string[]> {
  const { source, tops, image, folder, disks, build, emit, signal } = finish;
  const { result } = source;
  const files: string[] = [];
  for (const [at, from] of tops.entries()) {
    const to = join(folder, disks[at]!.name);
    const first = at === 0;
    const layer =
      first && image && (result.useBackingFile || result.directory === undefined) ? image : undefined;
    const onProgress = (percent: number) =>
      emit({
        kind: 'progress',
        build,
        label: `writing ${basename(to)}`,
        done: percent,
        total: 100,
        unit: 'items',
      });
    if (layer) {
      const onto = { path: layer.path, format: layer.format === 'iso' ? 'raw' : layer.format };
      await mergeLayers({ from, to, onto, signal, onProgress });
    } else {
      await convertDisk({
        from,
        fromFormat: 'qcow2',
        to,
        format: result.format,
        compress: first && result.compress && result.format === 'qcow2',
        args: result.imgArgs.convert,
        signal,
        onProgress,
      });
    }
    files.push(to);
  }
  return files;
}

/** Every file of the folder, in the order of a walk by name. `leaveOut` is a file name. */
export async function listFiles(folder: string, leaveOut?: string): Promise<readonly string[]> {
  const files: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await listFiles(path, leaveOut)));
    else if (entry.name !== leaveOut && (entry.isFile() || entry.isSymbolicLink())) files.push(path);
  }
  return files;
}
