const sector = 512;
/** The partition table begins behind it. */
const bootCodeSize = 440;

/**
 * GRUB for BIOS machines: what goes to the first sector of the disk, and to the BIOS boot partition, with the two block
 * addresses that grub-bios-setup would patch (GRUB 2.06, i386/pc/boot.h: kernel sector at 0x5c of boot.img; the block
 * list that ends the first sector of core.img: start at 0x1f4, length at 0x1fc).
 * @param firstLba of the partition
 */
export function biosGrub(
  boot: Uint8Array,
  core: Uint8Array,
  firstLba: number,
): { readonly bootCode: Uint8Array; readonly partition: Uint8Array } {
  const bootCode = Buffer.from(boot.subarray(0, bootCodeSize));
  bootCode.writeBigUInt64LE(BigInt(firstLba), 0x5c);
  const partition = Buffer.alloc(Math.ceil(core.length / sector) * sector);
  partition.set(core);
  partition.writeBigUInt64LE(BigInt(firstLba + 1), 0x1f4);
  partition.writeUInt16LE(partition.length / sector - 1, 0x1fc);
  return { bootCode, partition };
}
