import {
  DiskImageError,
  type DiskReader,
  type ImageContent,
  readExt4,
  readFat,
  type TreeEntry,
} from '@kiln/diskimage';

/** What a part of a disk holds. */
export type ReadFilesystem =
  | {
      readonly kind: 'readable';
      /** As /etc/fstab writes it. */
      readonly uuid: string;
      readonly volumeLabel: string;
      readonly entries: () => AsyncIterable<TreeEntry<ImageContent>>;
    }
  | { readonly kind: 'unreadable'; readonly what: string }
  /** Nothing that has files: swap, a boot loader, empty space. */
  | { readonly kind: 'none' };

const headLength = 0x10048;

/** Marks of filesystems and of what hides filesystems, by their place in bytes. */
const others: readonly (readonly [at: number, mark: string, what: string])[] = [
  [0, 'XFSB', 'it has an XFS filesystem, which Kiln does not read'],
  [0x10040, '_BHRfS_M', 'it has a Btrfs filesystem, which Kiln does not read'],
  [0, 'LUKS\xba\xbe', 'it is encrypted'],
  [512, 'LABELONE', 'it belongs to LVM, which Kiln does not read'],
  [0, 'hsqs', 'it has a SquashFS filesystem, which Kiln does not read'],
  [3, 'NTFS    ', 'it has an NTFS filesystem, which Kiln does not read'],
  [0x400, '\x10\x20\xf5\xf2', 'it has an F2FS filesystem, which Kiln does not read'],
];

/** Looks what a disk or partition holds. Damage is told as something that cannot be read. */
export async function identifyFilesystem(disk: DiskReader): Promise<ReadFilesystem> {
  const head = Buffer.alloc(Math.min(headLength, disk.size));
  await disk.read(head, 0);
  const text = head.toString('latin1');
  const other = others.find(([at, mark]) => text.startsWith(mark, at));
  if (other) return { kind: 'unreadable', what: other[2] };
  try {
    if (head.length > 0x43a && head.readUInt16LE(0x438) === 0xef53) {
      const filesystem = await readExt4(disk);
      const { uuid, label } = filesystem.info;
      return { kind: 'readable', uuid, volumeLabel: label, entries: () => filesystem.entries() };
    }
    if (text.startsWith('FAT', 0x36) || text.startsWith('FAT32', 0x52)) {
      const filesystem = await readFat(disk);
      const serial = filesystem.info.volumeId.toString(16).padStart(8, '0').toUpperCase();
      const uuid = `${serial.slice(0, 4)}-${serial.slice(4)}`;
      return {
        kind: 'readable',
        uuid,
        volumeLabel: filesystem.info.label,
        entries: () => filesystem.entries(),
      };
    }
  } catch (error) {
    if (error instanceof DiskImageError) return { kind: 'unreadable', what: error.message };
    throw error;
  }
  return { kind: 'none' };
}
