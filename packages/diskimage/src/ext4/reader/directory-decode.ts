import { DiskImageError } from '../../read.ts';
import { viewOf } from '../../read-bytes.ts';
import { entryTypes, inodeFlags, type Kind } from '../ext4-format.ts';
import { mapBlock } from './block-map.ts';
import type { BlockSource } from './block-source.ts';
import type { Inode } from './inode-decode.ts';
import type { Superblock } from './superblock-decode.ts';
import { inlineData } from './xattr-decode.ts';

export interface DirectoryEntry {
  readonly name: string;
  readonly inode: number;
  /** Undefined when the entry does not say. */
  readonly kind: Kind | undefined;
}

/**
 * All entries of a directory but `.` and `..`, as they come. An index is of no use for that: its blocks look like empty
 * ones.
 * @param seen blocks that belong to directories already; every block can be part of one only, which keeps a damaged
 * image from being read again and again
 * @throws DiskImageError when the directory is damaged
 */
export async function* readDirectory(
  source: BlockSource,
  superblock: Superblock,
  inode: Inode,
  seen: Set<number>,
): AsyncGenerator<DirectoryEntry> {
  if (inode.kind !== 'directory') throw new DiskImageError(`inode ${inode.number} is no directory`);
  if (inode.flags & inodeFlags.encrypted)
    throw new DiskImageError(
      `the directory of inode ${inode.number} is encrypted, and its key is not in the image`,
    );
  if (inode.flags & inodeFlags.inlineData) {
    const data = inlineData(inode);
    // Four bytes are the parent's number; then come entries, and more of them behind the 60 bytes of the inode.
    yield* entriesOf(data.subarray(4, 60), inode, superblock);
    yield* entriesOf(data.subarray(60, Math.max(60, inode.size)), inode, superblock);
    return;
  }
  const blocks = Math.ceil(inode.size / source.blockSize);
  for (let logical = 0; logical < blocks; ) {
    const { physical, length } = await mapBlock(source, inode, logical);
    const end = Math.min(logical + length, blocks);
    for (let block = physical; block !== undefined && logical < end; block++, logical++) {
      if (seen.has(block))
        throw new DiskImageError(`block ${block} is in directories twice, at inode ${inode.number} again`);
      seen.add(block);
      yield* entriesOf(await source.read(block), inode, superblock);
    }
    logical = end;
  }
}

function* entriesOf(bytes: Uint8Array, directory: Inode, superblock: Superblock): Generator<DirectoryEntry> {
  const view = viewOf(bytes);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const inode = view.getUint32(at, true);
    const length = recordLength(view.getUint16(at + 4, true), superblock.blockSize);
    const nameLength = bytes[at + 6]!;
    if (length < 8 || length % 4 !== 0 || at + length > bytes.length) throw damaged(directory);
    if (inode !== 0) {
      if (8 + nameLength > length || inode > superblock.inodes) throw damaged(directory);
      const name = Buffer.from(bytes.subarray(at + 8, at + 8 + nameLength)).toString('latin1');
      if (name === '' || name.includes('/') || name.includes('\0'))
        throw new DiskImageError(`the directory of inode ${directory.number} has an impossible name`);
      const kind = superblock.hasFileTypes ? kinds.get(bytes[at + 7]!) : undefined;
      if (name !== '.' && name !== '..') yield { name, inode, kind };
    }
    at += length;
  }
}

/** Lengths of 64 KiB do not fit into the field: two of its bits, always clear else, are the upper ones. */
function recordLength(raw: number, blockSize: number): number {
  if (blockSize < 65536) return raw;
  return raw === 65535 || raw === 0 ? blockSize : (raw & 65532) | ((raw & 3) << 16);
}

const kinds: ReadonlyMap<number, Kind> = new Map(
  Object.entries(entryTypes).map(([kind, type]) => [type, kind as Kind]),
);

function damaged(directory: Inode): DiskImageError {
  return new DiskImageError(`the directory of inode ${directory.number} is damaged`);
}
