import { crc32 } from './crc32.ts';
import type { DiskReader } from './disk-reader.ts';
import { guidText } from './guid.ts';
import type { Partition, PartitionTable } from './partition-table.ts';
import { DiskImageError, hasMagic, safeNumber } from './read.ts';
import { readBytes, viewOf } from './read-bytes.ts';

/** Bytes of a sector, which no table says: the header is in the second sector. */
export const gptSectorSizes = [512, 4096] as const;

/** The specification asks for 16 KiB at least; more than this no tool writes. */
const largestTable = 1 << 20;
const unused = '00000000-0000-0000-0000-000000000000';

/**
 * The first whole copy of the GPT (UEFI specification 2.10, section 5.3), or nothing when there is none.
 * @throws DiskImageError when a partition is outside of the disk
 */
export async function readGpt(disk: DiskReader, sectorSize: number): Promise<PartitionTable | undefined> {
  const lastLba = Math.floor(disk.size / sectorSize) - 1;
  for (const [from, lba] of [['primary', 1] as const, ['backup', lastLba] as const]) {
    if (lba < 1 || lba > lastLba) continue;
    const copy = await readCopy(disk, sectorSize, lba);
    if (copy) return { kind: 'gpt', from, ...copy };
  }
  return undefined;
}

async function readCopy(
  disk: DiskReader,
  sectorSize: number,
  lba: number,
): Promise<Pick<PartitionTable, 'diskId' | 'partitions'> | undefined> {
  const header = await readBytes(disk, lba * sectorSize, sectorSize);
  if (!isWhole(header, lba)) return undefined;
  const view = viewOf(header);
  const tablePlace = Number(view.getBigUint64(72, true)) * sectorSize;
  const entryCount = view.getUint32(80, true);
  const entrySize = view.getUint32(84, true);
  const tableSize = entryCount * entrySize;
  const isPossible = entrySize >= 128 && entrySize % 8 === 0 && tableSize <= largestTable;
  if (!isPossible || tablePlace + tableSize > disk.size) return undefined;
  const table = await readBytes(disk, tablePlace, tableSize);
  if (crc32(table) !== view.getUint32(88, true)) return undefined;
  const partitions: Partition[] = [];
  for (let index = 0; index < entryCount; index++) {
    const entry = table.subarray(index * entrySize, (index + 1) * entrySize);
    if (guidText(entry) !== unused) partitions.push(parseEntry(entry, index + 1, sectorSize, disk.size));
  }
  return { diskId: guidText(header, 56), partitions };
}

function isWhole(header: Uint8Array, lba: number): boolean {
  const view = viewOf(header);
  const headerSize = view.getUint32(12, true);
  if (!hasMagic(header, 'EFI PART') || headerSize < 92 || headerSize > header.length) return false;
  if (view.getBigUint64(24, true) !== BigInt(lba)) return false;
  const covered = header.slice(0, headerSize);
  covered.fill(0, 16, 20);
  return crc32(covered) === view.getUint32(16, true);
}

function parseEntry(entry: Uint8Array, number: number, sectorSize: number, diskSize: number): Partition {
  const view = viewOf(entry);
  const what = `the place of partition ${number}`;
  const firstLba = safeNumber(view.getBigUint64(32, true), what);
  const lastLba = safeNumber(view.getBigUint64(40, true), what);
  const start = firstLba * sectorSize;
  const length = (lastLba - firstLba + 1) * sectorSize;
  if (lastLba < firstLba || start + length > diskSize)
    throw new DiskImageError(
      `partition ${number} (sectors ${firstLba} to ${lastLba}) is outside of the disk, which has ${diskSize} bytes`,
    );
  return {
    number,
    start,
    length,
    type: guidText(entry),
    uuid: guidText(entry, 16),
    name: Buffer.from(entry.subarray(56, 128)).toString('utf16le').split('\0', 1)[0]!,
    attributes: view.getBigUint64(48, true),
  };
}
