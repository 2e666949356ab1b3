/** What a FAT filesystem is to be, apart from its files. */
export interface FatOptions {
  /** Bytes, as large as its partition: a multiple of 512. FAT32 from 512 MiB on, FAT16 below. */
  readonly size: number;
  /** Serial number of the volume, 32 bits. */
  readonly volumeId: number;
  /** At most 11 characters of ASCII; small letters become capitals. */
  readonly label?: string;
  /** Forces the kind, within what sizes each allows. */
  readonly kind?: 'fat16' | 'fat32';
  /** Of directories that the tree does not have and of the label. Seconds since 1970; default 1980. */
  readonly time?: number;
  /** Times of files later than this become it. Seconds since 1970. */
  readonly clampMtime?: number;
  /** Sectors in front of the partition on its disk, which the boot sector repeats. Default 0. */
  readonly hiddenSectors?: number;
}
