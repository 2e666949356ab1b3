import type { GptLayout, GptPartition } from './gpt.ts';

/** Bytes of the first sector that a BIOS runs; what follows is the table's. */
export const bootCodeSize = 440;
const sectorSize = 512;
const entriesAt = 446 - bootCodeSize;

/** A partition of a GPT that the MBR lists as well. */
export interface HybridPartition {
  /** Its number in the GPT, from 1. */
  readonly number: number;
  /** MBR's byte for its type, such as 0x83 (Linux) or 0x0c (FAT32). */
  readonly type: number;
  /** Marked as the one to boot from. */
  readonly active?: boolean;
}

/**
 * What follows the boot code in the first sector: one partition of type 0xEE over the whole disk (UEFI specification
 * 2.10, section 5.2.3), or, with hybrid partitions, over what is in front of the first of them. 0xEE comes first, where GRUB
 * and most other readers look for it.
 * @throws RangeError when the hybrid partitions cannot be
 */
export function mbrTail(layout: GptLayout, hybrid: readonly HybridPartition[]): Uint8Array {
  const lastLba = layout.diskSize / sectorSize - 1;
  const listed = checkHybrid(layout.partitions, hybrid);
  const firstListed = Math.min(...listed.map(({ firstLba }) => firstLba));
  const bytes = new Uint8Array(sectorSize - bootCodeSize);
  const view = new DataView(bytes.buffer);
  const protectedSectors = listed.length === 0 ? lastLba : firstListed - 1;
  writeEntry(view, 0, { type: 0xee, active: false, firstLba: 1, sectors: protectedSectors });
  listed.forEach((entry, index) => {
    writeEntry(view, index + 1, entry);
  });
  bytes.set([0x55, 0xaa], bytes.length - 2);
  return bytes;
}

interface MbrEntry {
  readonly type: number;
  readonly active: boolean;
  readonly firstLba: number;
  readonly sectors: number;
}

function checkHybrid(partitions: readonly GptPartition[], hybrid: readonly HybridPartition[]): MbrEntry[] {
  if (hybrid.length > 3) throw new RangeError('a hybrid MBR lists three partitions at most');
  if (hybrid.filter(({ active }) => active).length > 1)
    throw new RangeError('only one partition of a hybrid MBR can be the one to boot from');
  return hybrid.map(({ number, type, active = false }) => {
    const partition = partitions[number - 1];
    if (!partition) throw new RangeError(`the GPT has no partition ${number} for the hybrid MBR`);
    if (!Number.isInteger(type) || type < 1 || type > 255)
      throw new RangeError(`${type} is no type of an MBR partition (1 to 255)`);
    const { firstLba, lastLba } = partition;
    if (lastLba > 0xffffffff)
      throw new RangeError(`partition ${number} ends where an MBR cannot reach (2 TiB)`);
    return { type, active, firstLba, sectors: lastLba - firstLba + 1 };
  });
}

function writeEntry(view: DataView, index: number, { type, active, firstLba, sectors }: MbrEntry): void {
  const at = entriesAt + index * 16;
  const isProtective = type === 0xee;
  view.setUint8(at, active ? 0x80 : 0);
  writeChs(view, at + 1, firstLba);
  view.setUint8(at + 4, type);
  // The protective partition ends at the largest address that can be written, wherever the disk ends.
  writeChs(view, at + 5, isProtective ? Number.POSITIVE_INFINITY : firstLba + sectors - 1);
  view.setUint32(at + 8, firstLba, true);
  view.setUint32(at + 12, Math.min(sectors, 0xffffffff), true);
}

/** Cylinder, head and sector for 255 heads of 63 sectors. What is too far away is FE FF FF, or FF FF FF for 0xEE. */
function writeChs(view: DataView, at: number, lba: number): void {
  chs(lba).forEach((byte, index) => {
    view.setUint8(at + index, byte);
  });
}

function chs(lba: number): readonly number[] {
  if (lba === Number.POSITIVE_INFINITY) return [0xff, 0xff, 0xff];
  const cylinder = Math.floor(lba / (255 * 63));
  if (cylinder > 1023) return [0xfe, 0xff, 0xff];
  return [Math.floor(lba / 63) % 255, (lba % 63) + 1 + ((cylinder >> 8) << 6), cylinder & 0xff];
}
