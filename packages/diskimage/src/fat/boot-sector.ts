import { type FatGeometry, fatSector } from './fat-geometry.ts';

export interface BootSectorFields {
  readonly volumeId: number;
  /** Eleven bytes. */
  readonly label: string;
  readonly hiddenSectors: number;
}

/** Where FAT32 keeps how much is free, and the copy of both sectors. */
export const fat32Sectors = { info: 1, backup: 6 } as const;
/** The first cluster that there is. */
export const firstCluster = 2;

/** The first sector of a filesystem (fatgen103, "Boot Sector and BPB Structure"). */
export function encodeBootSector(geometry: FatGeometry, fields: BootSectorFields): Uint8Array {
  const { kind, totalSectors, sectorsPerCluster, reservedSectors, tableSectors, rootEntries } = geometry;
  const bytes = Buffer.alloc(fatSector);
  const isFat32 = kind === 'fat32';
  const codeAt = isFat32 ? 90 : 62;
  bytes.set([0xeb, codeAt - 2, 0x90]);
  bytes.write('KILN    ', 3, 'latin1');
  bytes.writeUInt16LE(fatSector, 11);
  bytes.writeUInt8(sectorsPerCluster, 13);
  bytes.writeUInt16LE(reservedSectors, 14);
  bytes.writeUInt8(2, 16);
  bytes.writeUInt16LE(rootEntries, 17);
  const isSmall = !isFat32 && totalSectors < 65536;
  bytes.writeUInt16LE(isSmall ? totalSectors : 0, 19);
  bytes.writeUInt8(0xf8, 21); // a fixed disk
  bytes.writeUInt16LE(isFat32 ? 0 : tableSectors, 22);
  bytes.writeUInt16LE(63, 24);
  bytes.writeUInt16LE(255, 26);
  bytes.writeUInt32LE(fields.hiddenSectors, 28);
  bytes.writeUInt32LE(isSmall ? 0 : totalSectors, 32);
  if (isFat32) {
    bytes.writeUInt32LE(tableSectors, 36);
    bytes.writeUInt32LE(firstCluster, 44); // of the root directory
    bytes.writeUInt16LE(fat32Sectors.info, 48);
    bytes.writeUInt16LE(fat32Sectors.backup, 50);
  }
  const extendedAt = isFat32 ? 64 : 36;
  bytes.writeUInt8(0x80, extendedAt);
  bytes.writeUInt8(0x29, extendedAt + 2);
  bytes.writeUInt32LE(fields.volumeId, extendedAt + 3);
  bytes.write(fields.label, extendedAt + 7, 'latin1');
  bytes.write(isFat32 ? 'FAT32   ' : 'FAT16   ', extendedAt + 18, 'latin1');
  // A BIOS that starts this is asked to try the next disk (int 18h).
  bytes.set([0xcd, 0x18, 0xeb, 0xfe], codeAt);
  bytes.set([0x55, 0xaa], 510);
  return bytes;
}

/** FAT32's sector that saves counting. */
export function encodeInfoSector(freeClusters: number, nextFree: number): Uint8Array {
  const bytes = Buffer.alloc(fatSector);
  bytes.writeUInt32LE(0x41615252, 0);
  bytes.writeUInt32LE(0x61417272, 484);
  bytes.writeUInt32LE(freeClusters, 488);
  bytes.writeUInt32LE(nextFree, 492);
  bytes.writeUInt32LE(0xaa550000, 508);
  return bytes;
}
