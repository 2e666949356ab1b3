import { DiskImageError } from '../../read.ts';
import { inodeFlags } from '../ext4-format.ts';
import { mapBlock } from './block-map.ts';
import type { BlockSource } from './block-source.ts';
import type { Inode } from './inode-decode.ts';
import { inlineData } from './xattr-decode.ts';

/** What can be read of an image's file. Reading is asynchronous, as everything of images is. */
export interface ImageContent {
  /** Fills `into` from `position` on; holes are zeros. Returns how many bytes there were; fewer only at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
}

/** The data of a file, a directory or a long symlink. @throws DiskImageError when it is encrypted */
export function contentOf(source: BlockSource, inode: Inode): ImageContent {
  if (inode.flags & inodeFlags.encrypted)
    throw new DiskImageError(`inode ${inode.number} is encrypted, and its key is not in the image`);
  if (inode.flags & inodeFlags.inlineData) {
    const all = inlineData(inode).subarray(0, inode.size);
    return {
      async read(into, position) {
        const part = all.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
    };
  }
  return { read: (into, position) => readMapped(source, inode, into, position) };
}

async function readMapped(
  source: BlockSource,
  inode: Inode,
  into: Uint8Array,
  position: number,
): Promise<number> {
  const { blockSize } = source;
  const wanted = Math.min(into.length, inode.size - position);
  let done = 0;
  while (done < wanted) {
    const at = position + done;
    const inside = at % blockSize;
    const { physical, length } = await mapBlock(source, inode, Math.floor(at / blockSize));
    const part = into.subarray(done, done + Math.min(length * blockSize - inside, wanted - done));
    if (physical === undefined) part.fill(0);
    else await source.readInto(part, physical, inside);
    done += part.length;
  }
  return Math.max(0, done);
}

/** All of it at once. @throws DiskImageError when it is larger than `limit` bytes */
export async function readWhole(content: ImageContent, size: number, limit: number): Promise<Uint8Array> {
  if (size > limit) throw new DiskImageError(`it has ${size} bytes, more than the ${limit} that are wanted`);
  const bytes = new Uint8Array(size);
  const length = await content.read(bytes, 0);
  return bytes.subarray(0, length);
}
