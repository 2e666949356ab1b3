import { backingWithin, type DiskReader, openDisk } from '@kiln/diskimage';
import { KilnError } from '../../base/errors.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import type { Store } from '../../store/store.ts';
import { openDiskSystem } from '../system/disk-files.ts';
import { bad, type Check, good, note } from './check.ts';
import { compareSystems, type FileDifference } from './compare-systems.ts';

/** What an image is built again from. */
export interface RebuildRequest {
  readonly record: ImageRecord;
  /** Texts as they were kept with the image. */
  readonly profile?: string;
  readonly lock?: string;
  readonly signal: AbortSignal;
}

/** An image that was built again; its files are gone after `close`. */
export interface Rebuilt {
  /** A qcow2 or raw disk that stands on nothing, or on layers of the store. */
  readonly disk: string;
  /** What the store would call it: hex SHA-256 of the disk's bytes as a layer. */
  readonly digest: string;
  close(): Promise<void>;
}

/** Builds an image again. Undefined when nothing that is kept says how. */
export type RebuildImage = (request: RebuildRequest) => Promise<Rebuilt | undefined>;

/** How many files are named. */
const mostFiles = 100;

/** Builds an image again and compares it bit for bit; when they differ, says in which files. */
export async function checkRebuild(
  store: Store,
  record: ImageRecord,
  rebuild: RebuildImage,
  signal: AbortSignal,
): Promise<Check> {
  const text = async (kind: 'profile' | 'lock') =>
    (await store.readAttachment(record, kind))?.toString('utf8');
  const [profile, lock] = [await text('profile'), await text('lock')];
  const rebuilt = await rebuild({
    record,
    signal,
    ...(profile !== undefined && { profile }),
    ...(lock !== undefined && { lock }),
  });
  if (!rebuilt) {
    return note(
      'rebuild',
      'it cannot be built again: its profile and lock are not kept with it',
      'images that are built without a machine (builder: rootfs) keep them',
    );
  }
  try {
    if (rebuilt.digest === record.id)
      return good('rebuild', 'building it again gave the same disk, bit for bit');
    return await explain(store, record, rebuilt);
  } finally {
    await rebuilt.close();
  }
}

async function explain(store: Store, record: ImageRecord, rebuilt: Rebuilt): Promise<Check> {
  const openBacking = backingWithin(store.layout.layers);
  const before = store.diskPath(record);
  let files: FileDifference[] = [];
  try {
    const [first, second] = [
      await openDiskSystem(before, { format: 'qcow2', openBacking }),
      await openDiskSystem(rebuilt.disk, { openBacking }),
    ];
    try {
      files = await compareSystems(first.files, second.files, ['before', 'now']);
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  } catch (error) {
    // Disks that cannot be read by file still differ by block.
    if (!(error instanceof KilnError)) throw error;
  }
  const details = files.slice(0, mostFiles).map(({ path, what }) => `${path}: ${what.join(', ')}`);
  if (files.length > mostFiles) details.push(`and ${files.length - mostFiles} more`);
  if (files.length === 0) details.push(await explainBlocks(before, rebuilt.disk, openBacking));
  const said =
    files.length === 0
      ? 'with the same files in it'
      : `${files.length === 1 ? 'one file differs' : `${files.length} files differ`}`;
  return { ...bad('rebuild', `building it again gave another disk, ${said}`), details };
}

const blockSize = 64 << 10;

async function explainBlocks(
  before: string,
  now: string,
  openBacking: ReturnType<typeof backingWithin>,
): Promise<string> {
  const [first, second] = [
    await openDisk(before, { format: 'qcow2', openBacking }),
    await openDisk(now, { openBacking }),
  ];
  try {
    if (first.size !== second.size) return `the disks have ${first.size} and ${second.size} bytes`;
    const [count, at] = await countDifferentBlocks(first, second);
    if (count === 0)
      return 'what machines see of both disks is the same; the files differ in how they are packed';
    return `${count} blocks of 64 KiB differ, the first one at byte ${at}`;
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
}

async function countDifferentBlocks(
  first: DiskReader,
  second: DiskReader,
): Promise<[count: number, at: number]> {
  let [count, at] = [0, -1];
  const [a, b] = [Buffer.alloc(blockSize), Buffer.alloc(blockSize)];
  for (let position = 0; position < first.size; position += blockSize) {
    const length = Math.min(blockSize, first.size - position);
    await Promise.all([
      first.read(a.subarray(0, length), position),
      second.read(b.subarray(0, length), position),
    ]);
    if (a.compare(b, 0, length, 0, length) === 0) continue;
    if (count === 0) at = position;
    count += 1;
  }
  return [count, at];
}
