import type { DiskReader } from './disk-reader.ts';
import type { Partition, PartitionTable } from './partition-table.ts';
import { DiskImageError, hasMagic } from './read.ts';
import { readBytes, viewOf } from './read-bytes.ts';

const sectorSize = 512;
const extendedTypes = [0x05, 0x0f, 0x85];
/** Linux counts to 255 on the disks that can have so many. */
const mostPartitions = 256;

export interface Mbr {
  /** Stands in front of a GPT, alone or beside partitions that both list. */
  readonly isProtective: boolean;
  readonly table: PartitionTable;
}

interface Entry {
  readonly isActive: boolean;
  readonly type: number;
  readonly firstLba: number;
  readonly sectors: number;
}

/**
 * The partition table in the first sector, or nothing when there is none.
 * @throws DiskImageError when a partition is outside of the disk, or the logical ones run in a circle
 */
export async function readMbr(disk: DiskReader): Promise<Mbr | undefined> {
  if (disk.size < sectorSize) return undefined;
  const sector = await readBytes(disk, 0, sectorSize);
  const entries = parseEntries(sector);
  if (!entries || isFilesystem(sector)) return undefined;
  const diskId = viewOf(sector).getUint32(440, true).toString(16).padStart(8, '0');
  if (entries.some(({ type }) => type === 0xee))
    return { isProtective: true, table: { kind: 'mbr', diskId, partitions: [] } };
  if (entries.every(isEmpty)) return undefined;
  const partitions: Partition[] = [];
  const add = (number: number, entry: Entry) => partitions.push(partition(disk, diskId, number, entry));
  entries.forEach((entry, index) => {
    if (!isEmpty(entry)) add(index + 1, entry);
  });
  const extended = entries.find(({ type }) => extendedTypes.includes(type));
  if (extended) {
    let number = 5;
    for await (const entry of logicalEntries(disk, extended.firstLba)) add(number++, entry);
  }
  return { isProtective: false, table: { kind: 'mbr', diskId, partitions } };
}

/**
 * Each logical partition has a table of its own in front of it, whose second entry leads to the next. Places of
 * partitions count from that table, places of tables from the extended partition.
 */
async function* logicalEntries(disk: DiskReader, extendedLba: number): AsyncGenerator<Entry> {
  let tableLba = extendedLba;
  for (let count = 0; ; count++) {
    if (count === mostPartitions)
      throw new DiskImageError('the tables of the logical partitions do not come to an end');
    if ((tableLba + 1) * sectorSize > disk.size)
      throw new DiskImageError('a table of logical partitions is outside of the disk');
    const entries = parseEntries(await readBytes(disk, tableLba * sectorSize, sectorSize));
    // Without its signature it is where a chain ends that was never written.
    if (!entries) return;
    const [own, next] = entries as [Entry, Entry];
    if (!isEmpty(own)) yield { ...own, firstLba: tableLba + own.firstLba };
    if (isEmpty(next) || !extendedTypes.includes(next.type)) return;
    tableLba = extendedLba + next.firstLba;
  }
}

function parseEntries(sector: Uint8Array): Entry[] | undefined {
  if (sector[510] !== 0x55 || sector[511] !== 0xaa) return undefined;
  const view = viewOf(sector);
  const entries: Entry[] = [];
  for (let at = 446; at < 510; at += 16) {
    const status = view.getUint8(at);
    if (status !== 0 && status !== 0x80) return undefined;
    entries.push({
      isActive: status === 0x80,
      type: view.getUint8(at + 4),
      firstLba: view.getUint32(at + 8, true),
      sectors: view.getUint32(at + 12, true),
    });
  }
  return entries;
}

/** Boot sectors of FAT and NTFS end with the same two bytes. */
function isFilesystem(sector: Uint8Array): boolean {
  const hasJump = sector[0] === 0xeb || sector[0] === 0xe9;
  return (
    hasJump && (hasMagic(sector, 'FAT', 54) || hasMagic(sector, 'FAT', 82) || hasMagic(sector, 'NTFS', 3))
  );
}

function isEmpty({ type, sectors }: Entry): boolean {
  return type === 0 || sectors === 0;
}

function partition(disk: DiskReader, diskId: string, number: number, entry: Entry): Partition {
  const start = entry.firstLba * sectorSize;
  const length = entry.sectors * sectorSize;
  if (start + length > disk.size)
    throw new DiskImageError(
      `partition ${number} (${entry.sectors} sectors from ${entry.firstLba}) is outside of the disk, which has ${disk.size} bytes`,
    );
  return {
    number,
    start,
    length,
    type: hex(entry.type),
    uuid: `${diskId}-${hex(number)}`,
    name: '',
    attributes: entry.isActive ? 4n : 0n,
  };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
