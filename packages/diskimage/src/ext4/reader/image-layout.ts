import { crc32 } from 'node:zlib';
import { DiskImageError } from '../../read.ts';
import { viewOf } from '../../read-bytes.ts';
import { blockSize, extentHeaderSize, extentSize, inodeFlags } from '../ext4-format.ts';
import type { Extent, FileLayout } from '../layout.ts';
import { headLength } from '../match-previous.ts';
import { addExtent } from '../placer.ts';
import { childBlock, childNode, type ExtentNode, extentNode, leafAt, mapBlock } from './block-map.ts';
import type { BlockSource } from './block-source.ts';
import { contentOf } from './file-content.ts';
import type { Inode } from './inode-decode.ts';

/** Where one file of an image is, as a writer's layout says it. @throws DiskImageError when its map is damaged */
export async function fileLayout(source: BlockSource, inode: Inode, contents: boolean): Promise<FileLayout> {
  const mapped = hasBlocks(inode);
  const { extents, treeBlocks } = !mapped
    ? { extents: [], treeBlocks: [] }
    : inode.flags & inodeFlags.extents
      ? await extentsOf(source, inode)
      : { extents: await pointersOf(source, inode), treeBlocks: [] };
  const leaves =
    inode.flags & inodeFlags.indexed && mapped ? await leavesOf(source, inode, extents) : undefined;
  const isFile = inode.kind === 'file' && inode.size > 0;
  const head = isFile && contents ? await headOf(source, inode) : undefined;
  return {
    inode: inode.number,
    extents,
    treeBlocks,
    ...(inode.attributeBlock === 0 ? {} : { attributeBlock: inode.attributeBlock }),
    ...(leaves ? { leaves } : {}),
    ...(isFile ? { content: { size: inode.size, ...(head === undefined ? {} : { head }) } } : {}),
  };
}

function hasBlocks(inode: Inode): boolean {
  if (inode.flags & inodeFlags.inlineData) return false;
  const { kind, size } = inode;
  return kind === 'file' || kind === 'directory' || (kind === 'symlink' && size >= 60);
}

/** Level by level from the leaves up, as the writer numbers the blocks of the tree. Each is looked at once. */
export async function extentsOf(source: BlockSource, inode: Inode) {
  const extents: Extent[] = [];
  const levels: number[][] = [];
  const seen = new Set<number>();
  await visit(extentNode(inode.data, inode.number));
  extents.sort((a, b) => a.logical - b.logical);
  return { extents, treeBlocks: levels.flat() };

  async function visit(node: ExtentNode): Promise<void> {
    for (let index = 0; index < node.count; index++) {
      const at = extentHeaderSize + index * extentSize;
      if (node.depth === 0) {
        const { first, start, length } = leafAt(node, at, inode.number);
        source.check(start, length);
        extents.push({ logical: first, physical: start, length });
        continue;
      }
      const block = childBlock(node.view, at);
      if (seen.has(block))
        throw new DiskImageError(
          `the extent tree of inode ${inode.number} goes through block ${block} twice`,
        );
      seen.add(block);
      levels[node.depth - 1] ??= [];
      levels[node.depth - 1]!.push(block);
      await visit(await childNode(source, inode.number, node, at));
    }
  }
}

async function pointersOf(source: BlockSource, inode: Inode): Promise<Extent[]> {
  const extents: Extent[] = [];
  const blocks = Math.ceil(inode.size / blockSize);
  let steps = 0;
  for (let logical = 0; logical < blocks; ) {
    // More pieces than the filesystem has blocks are possible only when pointers go in circles.
    if (++steps > source.blocks) throw new DiskImageError(`the map of inode ${inode.number} is impossible`);
    const { physical, length } = await mapBlock(source, inode, logical);
    if (physical !== undefined) addExtent(extents, logical, physical, Math.min(length, blocks - logical));
    logical += length;
  }
  return extents;
}

/** The lowest hash of each block of an indexed directory. Undefined when its index is not like ours. */
async function leavesOf(
  source: BlockSource,
  inode: Inode,
  extents: readonly Extent[],
): Promise<number[] | undefined> {
  const blocks = Math.ceil(inode.size / blockSize);
  const count = extents.reduce((sum, { length }) => sum + length, 0);
  if (blocks < 2 || count < blocks) return undefined;
  const leaves = new Array<number>(blocks - 1).fill(-1);
  const isComplete = await visit(0, 32, 0, 0);
  return isComplete ? leaves : undefined;

  async function visit(logical: number, offset: number, lowest: number, depth: number): Promise<boolean> {
    const { physical } = await mapBlock(source, inode, logical);
    if (physical === undefined) return false;
    const view = viewOf(await source.read(physical));
    const levels = depth === 0 ? view.getUint8(30) : 0;
    const places = view.getUint16(offset + 2, true);
    if (levels > 1 || places < 1 || offset + places * 8 > blockSize) return false;
    for (let index = 0; index < places; index++) {
      const at = offset + index * 8;
      const hash = index === 0 ? lowest : view.getUint32(at, true);
      const block = view.getUint32(at + 4, true);
      if (block < 1 || block >= blocks) return false;
      if (levels === 0) leaves[block - 1] = hash;
      else if (!(await visit(block, 8, hash, depth + 1))) return false;
    }
    return true;
  }
}

async function headOf(source: BlockSource, inode: Inode): Promise<number | undefined> {
  if (inode.flags & inodeFlags.encrypted) return undefined;
  const bytes = new Uint8Array(Math.min(inode.size, headLength));
  await contentOf(source, inode).read(bytes, 0);
  return crc32(bytes);
}
