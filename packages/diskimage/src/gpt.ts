import type { FileHandle } from 'node:fs/promises';
import type { DiskPart } from './compose-disk.ts';
import { crc32 } from './crc32.ts';
import { guidBytes } from './guid.ts';
import { bootCodeSize, type HybridPartition, mbrTail } from './mbr.ts';

/** A GUID partition table (UEFI specification 2.10, section 5.3). Positions count sectors of 512 bytes. */
export interface GptLayout {
  readonly diskGuid: string;
  /** Size of the whole disk in bytes, a multiple of 512. */
  readonly diskSize: number;
  readonly partitions: readonly GptPartition[];
}

export interface GptPartition {
  readonly typeGuid: string;
  readonly uniqueGuid: string;
  /** At most 36 UTF-16 units. */
  readonly name: string;
  readonly firstLba: number;
  /** Inclusive. */
  readonly lastLba: number;
  /** Attribute bits, such as 4n (`legacy BIOS bootable`). */
  readonly attributes?: bigint;
}

/** Type GUIDs of the partitions that bootable images are made of. */
export const gptTypes = {
  efiSystem: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  biosBoot: '21686148-6449-6e6f-744e-656564454649',
  linuxData: '0fc63daf-8483-4772-8e79-3d69d8477de4',
  linuxRootX64: '4f68bce3-e8cd-4db1-96e7-fbcaf984b709',
  linuxRootArm64: 'b921b045-1df0-41c3-af44-4c6f280d3fae',
  linuxSwap: '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f',
} as const;

export const sectorSize = 512;
const entrySize = 128;
const entryCount = 128;
const tableSectors = (entrySize * entryCount) / sectorSize;
/** First sector a partition may use: behind the protective MBR, the header and the table. */
export const gptFirstUsableLba = 2 + tableSectors;

/** Last sector a partition may use on a disk of this size: in front of the backup table and header. */
export function gptLastUsableLba(diskSize: number): number {
  return diskSize / sectorSize - 1 - tableSectors - 1;
}

export interface GptOptions {
  /** At most 440 bytes for the start of sector 0, such as GRUB's boot.img. */
  readonly bootCode?: Uint8Array;
  /** Partitions that the MBR lists too (at most three), for firmware and systems that do not know GPT. */
  readonly hybrid?: readonly HybridPartition[];
}

/**
 * The MBR and both copies of the table as parts of a disk. The same layout always gives the same bytes.
 * @throws RangeError when the partitions overlap or do not fit
 */
export function gptParts(layout: GptLayout, { bootCode, hybrid = [] }: GptOptions = {}): DiskPart[] {
  const { mbr, primary, table, backup, backupTableLba } = encode(layout, hybrid);
  if (bootCode && bootCode.length > bootCodeSize)
    throw new RangeError(`boot code has ${bootCodeSize} bytes at most, not ${bootCode.length}`);
  const start = new Uint8Array((2 + tableSectors) * sectorSize);
  if (bootCode) start.set(bootCode);
  start.set(mbr, bootCodeSize);
  start.set(primary, sectorSize);
  start.set(table, 2 * sectorSize);
  const end = new Uint8Array((tableSectors + 1) * sectorSize);
  end.set(table);
  end.set(backup, tableSectors * sectorSize);
  return [
    { position: 0, content: start },
    { position: backupTableLba * sectorSize, content: end },
  ];
}

/**
 * Writes the protective (or hybrid) MBR and both copies of the table, and nothing else: the 440 bytes of boot code in
 * sector 0 stay as they are. The same layout always gives the same bytes.
 * @throws RangeError when the partitions overlap or do not fit, before anything is written
 */
export async function writeGpt(
  disk: FileHandle,
  layout: GptLayout,
  { hybrid = [] }: Pick<GptOptions, 'hybrid'> = {},
): Promise<void> {
  const { mbr, primary, table, backup, backupTableLba } = encode(layout, hybrid);
  await writeFully(disk, mbr, bootCodeSize);
  await writeFully(disk, primary, sectorSize);
  await writeFully(disk, table, 2 * sectorSize);
  await writeFully(disk, table, backupTableLba * sectorSize);
  await writeFully(disk, backup, (backupTableLba + tableSectors) * sectorSize);
}

function encode(layout: GptLayout, hybrid: readonly HybridPartition[]) {
  checkLayout(layout);
  const lastLba = layout.diskSize / sectorSize - 1;
  const backupTableLba = lastLba - tableSectors;
  const table = partitionTable(layout.partitions);
  return {
    mbr: mbrTail(layout, hybrid),
    primary: header(layout, table, { own: 1, other: lastLba, table: 2 }),
    table,
    backup: header(layout, table, { own: lastLba, other: 1, table: backupTableLba }),
    backupTableLba,
  };
}

function checkLayout({ diskSize, partitions }: GptLayout): void {
  if (!Number.isSafeInteger(diskSize) || diskSize % sectorSize !== 0)
    throw new RangeError(`a disk of ${diskSize} bytes is not a whole number of sectors`);
  if (partitions.length > entryCount) throw new RangeError(`a table holds ${entryCount} partitions at most`);
  const last = gptLastUsableLba(diskSize);
  if (last < gptFirstUsableLba) throw new RangeError(`a disk of ${diskSize} bytes is too small for a table`);
  let before: GptPartition | undefined;
  for (const partition of [...partitions].sort((a, b) => a.firstLba - b.firstLba)) {
    const { name, firstLba, lastLba } = partition;
    if (!Number.isSafeInteger(firstLba) || !Number.isSafeInteger(lastLba) || lastLba < firstLba)
      throw new RangeError(`partition "${name}" ends before it starts (${firstLba} to ${lastLba})`);
    if (firstLba < gptFirstUsableLba || lastLba > last)
      throw new RangeError(
        `partition "${name}" (${firstLba} to ${lastLba}) is outside ${gptFirstUsableLba} to ${last}`,
      );
    if (before && before.lastLba >= firstLba)
      throw new RangeError(`partitions "${before.name}" and "${name}" overlap`);
    if (name.length > 36) throw new RangeError(`the partition name "${name}" is longer than 36 characters`);
    before = partition;
  }
}

function partitionTable(partitions: readonly GptPartition[]): Uint8Array {
  const bytes = new Uint8Array(entrySize * entryCount);
  const view = new DataView(bytes.buffer);
  partitions.forEach((partition, index) => {
    const at = index * entrySize;
    bytes.set(guidBytes(partition.typeGuid), at);
    bytes.set(guidBytes(partition.uniqueGuid), at + 16);
    view.setBigUint64(at + 32, BigInt(partition.firstLba), true);
    view.setBigUint64(at + 40, BigInt(partition.lastLba), true);
    view.setBigUint64(at + 48, partition.attributes ?? 0n, true);
    for (let unit = 0; unit < partition.name.length; unit++)
      view.setUint16(at + 56 + unit * 2, partition.name.charCodeAt(unit), true);
  });
  return bytes;
}

function header(
  layout: GptLayout,
  table: Uint8Array,
  lba: { readonly own: number; readonly other: number; readonly table: number },
): Uint8Array {
  const headerSize = 92;
  const bytes = new Uint8Array(sectorSize);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('EFI PART'));
  view.setUint32(8, 0x00010000, true);
  view.setUint32(12, headerSize, true);
  view.setBigUint64(24, BigInt(lba.own), true);
  view.setBigUint64(32, BigInt(lba.other), true);
  view.setBigUint64(40, BigInt(gptFirstUsableLba), true);
  view.setBigUint64(48, BigInt(gptLastUsableLba(layout.diskSize)), true);
  bytes.set(guidBytes(layout.diskGuid), 56);
  view.setBigUint64(72, BigInt(lba.table), true);
  view.setUint32(80, entryCount, true);
  view.setUint32(84, entrySize, true);
  view.setUint32(88, crc32(table), true);
  // Over the header with its own checksum field still zero.
  view.setUint32(16, crc32(bytes.subarray(0, headerSize)), true);
  return bytes;
}

async function writeFully(disk: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await disk.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
