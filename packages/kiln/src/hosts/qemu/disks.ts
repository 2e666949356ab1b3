import { constants } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setQcow2BackingFile } from '@kiln/diskimage';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { runOrFail } from '../../base/processes.ts';
import { needProgram } from './programs.ts';

export interface DiskInfo {
  /** QEMU's name of the format, detected from the bytes. */
  readonly format: string;
  /** What a guest would see, in bytes. */
  readonly virtualSize: number;
  /** What the file takes on the host's disk, in bytes. */
  readonly allocated: number;
  readonly backing?: { readonly path: string; readonly format?: string };
}

/**
 * What `qemu-img` says about a disk image. An image that came from outside may name other files of this host, which
 * would then be read as if they were the guest's disk: unless `trusted`, images that refer to any other file are
 * refused.
 * @throws KilnError `file-missing`, `file-unsafe`, `tool-missing`, `tool-failed`
 */
export async function diskInfo(
  path: string,
  options: { readonly trusted?: boolean; readonly format?: string; readonly signal?: AbortSignal } = {},
): Promise<DiskInfo> {
  const args = ['info', '--output=json', '--force-share'];
  if (options.format) args.push('-f', options.format);
  const { stdout } = await qemuImg([...args, '--', path], path, options.signal);
  const info = JSON.parse(stdout) as RawInfo;
  const backing = info['full-backing-filename'] ?? info['backing-filename'];
  if (!options.trusted) refuseReferences(path, info, backing);
  return {
    format: info.format,
    virtualSize: info['virtual-size'],
    allocated: info['actual-size'] ?? 0,
    ...(backing === undefined
      ? {}
      : {
          backing: {
            path: backing,
            ...(info['backing-filename-format'] ? { format: info['backing-filename-format'] } : {}),
          },
        }),
  };
}

/**
 * Makes a qcow2 layer that reads from `backing` and takes all writes. `size` in bytes, at least the backing's.
 * @throws KilnError `tool-missing`, `tool-failed`, `disk-full`
 */
export async function createOverlay(
  path: string,
  backing: string,
  backingFormat: string,
  size?: number,
  options: { readonly args?: readonly string[]; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const sizes = size === undefined ? [] : [String(size)];
  await qemuImg(
    [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-b',
      backing,
      '-F',
      backingFormat,
      ...(options.args ?? []),
      path,
      ...sizes,
    ],
    path,
    options.signal,
  );
}

/**
 * Makes a qcow2 layer for a running machine, which will say itself what the layer stands on: until its header is made
 * right (setQcow2BackingFile) nobody else can read it. `size` in bytes.
 * @throws KilnError `tool-missing`, `tool-failed`, `disk-full`
 */
export async function createLayerToCome(path: string, size: number): Promise<void> {
  const backing = ['-u', '-b', 'to-come', '-F', 'qcow2'];
  await qemuImg(['create', '-q', '-f', 'qcow2', ...backing, path, String(size)], path, undefined);
}

/** Makes an empty disk. `size` in bytes. @throws KilnError `tool-missing`, `tool-failed`, `disk-full` */
export async function createDisk(
  path: string,
  format: 'qcow2' | 'raw',
  size: number,
  options: { readonly args?: readonly string[]; readonly signal?: AbortSignal } = {},
): Promise<void> {
  await qemuImg(
    ['create', '-q', '-f', format, ...(options.args ?? []), path, String(size)],
    path,
    options.signal,
  );
}

/** @throws KilnError `tool-missing`, `tool-failed`, `disk-full` */
export async function resizeDisk(
  path: string,
  format: string,
  size: number,
  options: { readonly args?: readonly string[]; readonly signal?: AbortSignal } = {},
): Promise<void> {
  await qemuImg(
    ['resize', '-q', '-f', format, ...(options.args ?? []), path, String(size)],
    path,
    options.signal,
  );
}

export interface DiskConversion {
  readonly from: string;
  readonly fromFormat: string;
  readonly to: string;
  readonly format: string;
  /** Compress the clusters; only for formats that can. */
  readonly compress?: boolean;
  /** More arguments for `qemu-img convert`. */
  readonly args?: readonly string[];
  /** Called with whole percents done, each at most once. */
  readonly onProgress?: (percent: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Copies a disk with all its layers into one file; blank areas take no space. The caller removes `to` when it fails.
 * @throws KilnError `tool-missing`, `tool-failed`, `disk-full`, `cancelled`
 */
export async function convertDisk(conversion: DiskConversion): Promise<void> {
  const { from, fromFormat, to, format, compress, args = [], onProgress, signal } = conversion;
  // Several requests at once, written as they come: order does not matter for a file that is used only when whole.
  const parallel = ['-m', '16', '-W'];
  await qemuImg(
    [
      'convert',
      '-p',
      ...parallel,
      ...(compress ? ['-c'] : []),
      ...args,
      '-f',
      fromFormat,
      '-O',
      format,
      from,
      to,
    ],
    to,
    signal,
    percentReader(onProgress),
  );
}

/**
 * Makes one layer on an image out of a stack of layers that stands on the same image: everything that any of them has
 * changed. (`qemu-img convert -B` would be wrong here: it copies the topmost layer only.) The caller removes `to` when
 * it fails.
 * @throws KilnError `tool-missing`, `tool-failed`, `disk-full`, `cancelled`
 */
export async function mergeLayers(merge: {
  readonly from: string;
  readonly to: string;
  readonly onto: { readonly path: string; readonly format: string };
  readonly onProgress?: (percent: number) => void;
  readonly signal?: AbortSignal;
}): Promise<void> {
  const { from, to, onto, onProgress, signal } = merge;
  const { backing } = await diskInfo(from, { trusted: true, format: 'qcow2' });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o600);
  // The name may count from the folder of the layer that was copied.
  if (backing) await setQcow2BackingFile(to, backing.path);
  await qemuImg(
    ['rebase', '-p', '-f', 'qcow2', '-b', onto.path, '-F', onto.format, to],
    to,
    signal,
    percentReader(onProgress),
  );
}

/** Tells of whole percents, each at most once. */
function percentReader(onProgress: ((percent: number) => void) | undefined): (line: string) => void {
  let told = 0;
  return (line) => {
    const percent = Math.floor(Number(/\((\d+(?:\.\d+)?)\/100%\)/.exec(line)?.[1] ?? 0));
    if (percent > told) onProgress?.(percent);
    told = Math.max(told, percent);
  };
}

interface RawInfo {
  readonly format: string;
  readonly 'virtual-size': number;
  readonly 'actual-size'?: number;
  readonly 'backing-filename'?: string;
  readonly 'full-backing-filename'?: string;
  readonly 'backing-filename-format'?: string;
  readonly 'format-specific'?: {
    readonly data?: {
      readonly 'data-file'?: string;
      readonly extents?: readonly { readonly filename?: string }[];
    };
  };
}

function refuseReferences(path: string, info: RawInfo, backing: string | undefined): void {
  const specific = info['format-specific']?.data;
  const others = [backing, specific?.['data-file'], ...(specific?.extents ?? []).map((one) => one.filename)];
  const foreign = others.find(
    (name) => name !== undefined && name !== path && basename(name) !== basename(path),
  );
  if (foreign === undefined) return;
  throw new KilnError('file-unsafe', `the disk image ${path} refers to another file, ${foreign}`, {
    hint: 'flatten it first on a machine you trust: qemu-img convert -O qcow2 IMAGE FLAT.qcow2',
  });
}

async function qemuImg(
  args: readonly string[],
  path: string,
  signal: AbortSignal | undefined,
  onLine?: (line: string) => void,
): Promise<{ stdout: string }> {
  const program = needProgram('qemu-img', 'makes and converts disk images');
  try {
    return await runOrFail(program, args, { ...(signal ? { signal } : {}), ...(onLine ? { onLine } : {}) });
  } catch (error) {
    if (
      error instanceof KilnError &&
      error.code === 'tool-failed' &&
      /No such file or directory/.test(error.message)
    ) {
      throw new KilnError('file-missing', `${path}: ${error.message}`, { cause: error });
    }
    if (isSystemError(error, 'ENOENT'))
      throw new KilnError('tool-missing', `${program} has gone`, { cause: error });
    throw error;
  }
}
