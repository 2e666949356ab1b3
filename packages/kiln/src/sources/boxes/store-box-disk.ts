import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DiskImageError, externalFiles } from '@kiln/diskimage';
import { KilnError } from '../../base/errors.ts';
import { formatSize } from '../../base/sizes.ts';
import { kilnVersion } from '../../base/version.ts';
import { inspectDisk } from '../../store/disk-file.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import { qemuImg } from '../../store/qemu-img.ts';
import { Run } from '../../store/run.ts';
import type { Store } from '../../store/store.ts';
import { writeDiskFile } from '../../store/write-disk.ts';
import { digestsOfFile } from '../file-digests.ts';
import type { ResolveContext } from '../image-resolver.ts';
import { progressReporter } from '../progress.ts';
import { insideOf } from './box-disks.ts';

export interface DiskOfBox {
  readonly path: string;
  readonly claimed?: string;
  /** Bytes that the box claims it has. */
  readonly claimedSize?: number;
  /** The box's folder, and what it is called. */
  readonly folder: string;
  readonly box: string;
  readonly firmware?: 'efi';
}

/** What nobody has and QEMU could be made to take ages for. */
const largestDisk = 64 * 2 ** 40;

/**
 * A disk of a box as an image of the store, converted where it is no qcow2. It is known by its content, so that this is
 * done once; from then on the machine does not need the box.
 * @throws KilnError `file-unsafe` for a disk that names files outside of the box or is not what the box says,
 *   `unsupported`, `disk-full`, `tool-missing`, `cancelled`
 */
export async function storeBoxDisk(
  store: Store,
  disk: DiskOfBox,
  context: ResolveContext,
): Promise<ImageRecord> {
  const extents = await extentsOf(disk);
  const key = `box ${await digestOf(store, [disk.path, ...extents], context)}`;
  const known = await store.findByKey(key);
  if (known) return known;
  if (context.onlyPresent)
    throw new KilnError('not-found', `the disk of the box ${disk.box} is not in the store yet`, {
      hint: 'a build or a machine puts it there',
    });
  const run = await Run.open(store.home);
  try {
    const layer = await addAsLayer(store, disk, extents, run, context);
    if (layer.virtualSize > largestDisk) {
      throw new KilnError(
        'file-unsafe',
        `the disk of the box ${disk.box} claims to have ${formatSize(layer.virtualSize)}`,
      );
    }
    if (disk.claimedSize !== undefined && layer.virtualSize > disk.claimedSize) {
      context.emit({
        kind: 'message',
        ...(context.build !== undefined && { build: context.build }),
        level: 'warning',
        text: `the box ${disk.box} says that its disk has ${formatSize(disk.claimedSize)}, but it has ${formatSize(layer.virtualSize)}`,
      });
    }
    const record: ImageRecord = {
      schema: 1,
      id: layer.digest,
      layers: layer.layers,
      virtualSize: layer.virtualSize,
      createdAt: new Date().toISOString(),
      seeded: false,
      firmware: disk.firmware ? [disk.firmware] : [],
      user: 'vagrant',
      provenance: { kilnVersion, made: `box ${disk.box}`, key },
    };
    await store.putImage(record);
    return record;
  } finally {
    await run.close();
  }
}

async function digestOf(store: Store, paths: readonly string[], context: ResolveContext): Promise<string> {
  const digests: string[] = [];
  for (const path of paths) {
    const onProgress = progressReporter(context, `reading ${path}`);
    const { sha256 } = await digestsOfFile(store.layout, path, ['sha256'], {
      signal: context.signal,
      onProgress,
    });
    digests.push(sha256!);
  }
  return digests.length === 1 ? digests[0]! : createHash('sha256').update(digests.join('\n')).digest('hex');
}

/**
 * VMware splits disks into files that the first one names. They may be opened when all of them are files of the box.
 */
async function extentsOf({ path, folder, box }: DiskOfBox): Promise<readonly string[]> {
  const { size } = await stat(path);
  if (size > 1 << 16 || !(await readFile(path, 'latin1')).startsWith('# Disk DescriptorFile')) return [];
  const named = await externalFiles(path);
  for (const { role, name } of named) {
    if (role !== 'extent' || /[/\\:]/.test(name)) {
      throw new KilnError('file-unsafe', `a disk of the box ${box} names "${name}" as its ${role}`, {
        hint: 'do not use this box; tell those you have it from',
      });
    }
  }
  const inner = dirname(path).slice(folder.length + 1);
  return Promise.all(named.map(({ name }) => insideOf(folder, join(inner, name), box)));
}

async function addAsLayer(
  store: Store,
  { path, claimed, box }: DiskOfBox,
  extents: readonly string[],
  run: Run,
  context: ResolveContext,
) {
  const { signal } = context;
  const staged = join(run.folder, 'disk.qcow2');
  const report = progressReporter(context, `converting the disk of ${box}`);
  const onProgress = (part: number) => report(Math.round(part * 1000), 1000);
  if (extents.length > 0) {
    for (const extent of extents) await refuseChains(extent, box);
    await qemuImg('convert', ['-f', 'vmdk', '-O', 'qcow2', path, staged], staged, {
      run,
      signal,
      onProgress,
    });
    return store.addLayer({ diskPath: staged, format: 'qcow2', move: true, signal });
  }
  const { format } = await inspect(path, box, signal);
  if (claimed !== undefined && claimed !== format && !(claimed === 'vhd' && format === 'vpc')) {
    throw new KilnError(
      'file-unsafe',
      `the box ${box} says that its disk is ${claimed}, but it is ${format}`,
      {
        hint: 'get the box again, or tell its maker',
      },
    );
  }
  if (format === 'iso')
    throw new KilnError('unsupported', `the disk of the box ${box} is an installer medium`);
  if (format === 'vmdk' || format === 'vpc' || format === 'raw') {
    try {
      await writeDiskFile({
        from: { path, format },
        to: staged,
        format: 'qcow2',
        compress: false,
        name: box,
        time: 0,
        run,
        signal,
        onProgress,
      });
      return await store.addLayer({ diskPath: staged, format: 'qcow2', move: true, signal });
    } catch (error) {
      // A kind of the format that is not read here, or damaged: QEMU knows.
      if (!(error instanceof DiskImageError)) throw error;
    }
  }
  return store.addLayer({ diskPath: path, move: false, link: true, signal, onProgress });
}

async function inspect(path: string, box: string, signal: AbortSignal) {
  try {
    return await inspectDisk(path, signal);
  } catch (error) {
    if (!(error instanceof KilnError) || error.code !== 'file-unsafe') throw error;
    throw new KilnError('file-unsafe', `the disk of the box ${box} is not used: ${error.message}`, {
      hint: 'do not use this box; tell those you have it from',
      cause: error,
    });
  }
}

/** A part of a split disk must be nothing but data. */
async function refuseChains(extent: string, box: string): Promise<void> {
  const [named] = await externalFiles(extent);
  if (named) {
    throw new KilnError(
      'file-unsafe',
      `a disk of the box ${box} names "${named.name}" as its ${named.role}`,
      {
        hint: 'do not use this box; tell those you have it from',
      },
    );
  }
}
