import type { FileHandle } from 'node:fs/promises';

const sector = 512;

/**
 * Embeds GRUB for BIOS machines: boot.img's code goes to the first sector of the disk and core.img to the BIOS boot
 * partition, with the two block addresses that grub-bios-setup would patch (GRUB 2.06, i386/pc/boot.h: kernel sector
 * at 0x5c of boot.img; the block list that ends the first sector of core.img: start at 0x1f4, length at 0x1fc).
 * The partition table in the first sector is left alone.
 */
export async function embedBiosGrub(
  disk: FileHandle,
  boot: Uint8Array,
  core: Uint8Array,
  firstLba: number,
): Promise<void> {
  const first = Buffer.alloc(sector);
  await disk.read(first, 0, sector, 0);
  Buffer.from(boot.subarray(0, 440)).copy(first);
  first.writeBigUInt64LE(BigInt(firstLba), 0x5c);
  await disk.write(first, 0, sector, 0);

  const padded = Buffer.alloc(Math.ceil(core.length / sector) * sector);
  padded.set(core);
  padded.writeBigUInt64LE(BigInt(firstLba + 1), 0x1f4);
  padded.writeUInt16LE(padded.length / sector - 1, 0x1fc);
  await disk.write(padded, 0, padded.length, firstLba * sector);
}
