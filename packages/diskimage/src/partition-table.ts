import type { DiskReader } from './disk-reader.ts';
import { DiskImageError } from './read.ts';
import { gptSectorSizes, readGpt } from './read-gpt.ts';
import { readMbr } from './read-mbr.ts';
import { subDisk } from './sub-disk.ts';

/** What a disk is divided into. */
export interface PartitionTable {
  readonly kind: 'gpt' | 'mbr';
  /** The disk's GUID, or eight hexadecimal digits of an MBR. */
  readonly diskId: string;
  /** Which copy of a GPT this was read from; `backup` when the first is damaged. */
  readonly from?: 'primary' | 'backup';
  /** In order of their numbers. */
  readonly partitions: readonly Partition[];
}

export interface Partition {
  /** As Linux counts: 1 to 4 for an MBR's own, 5 and on for those in an extended one. */
  readonly number: number;
  /** Bytes from the disk's start. */
  readonly start: number;
  /** Bytes. */
  readonly length: number;
  /** Type GUID (see `gptTypes`), or two hexadecimal digits of an MBR's type. */
  readonly type: string;
  /** Unique GUID, or what Linux calls PARTUUID of an MBR's partition. */
  readonly uuid: string;
  /** Empty in an MBR. */
  readonly name: string;
  /** Attribute bits of a GPT's; an MBR's active one has `legacy BIOS bootable` (4n). */
  readonly attributes: bigint;
}

/**
 * Reads a disk's GPT, from its backup where the first copy is damaged, or else its MBR with logical partitions.
 * Nothing when the disk has no table, such as one that is all filesystem.
 * @throws DiskImageError when there is a table, but no whole one, or a partition is outside of the disk
 */
export async function readPartitions(disk: DiskReader): Promise<PartitionTable | undefined> {
  const mbr = await readMbr(disk);
  if (mbr && !mbr.isProtective) return mbr.table;
  for (const sectorSize of gptSectorSizes) {
    const gpt = await readGpt(disk, sectorSize);
    if (gpt) return gpt;
  }
  if (mbr) throw new DiskImageError('both copies of the partition table (GPT) are damaged');
  return undefined;
}

/** The partition as a disk of its own; a view of `disk`, which stays open when it is closed. */
export function partitionDisk(disk: DiskReader, { start, length }: Partition): DiskReader {
  return subDisk(disk, start, length);
}
