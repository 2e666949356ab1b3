import { DiskImageError } from '../../read.ts';
import { viewOf } from '../../read-bytes.ts';
import { hasSuperblock } from '../geometry.ts';
import type { BlockSource } from './block-source.ts';
import { decodeInode, type Inode } from './inode-decode.ts';
import type { Superblock } from './superblock-decode.ts';

/** Finds inodes by their numbers. */
export class InodeSource {
  readonly #superblock: Superblock;
  readonly #source: BlockSource;

  constructor(superblock: Superblock, source: BlockSource) {
    this.#superblock = superblock;
    this.#source = source;
  }

  /** @throws DiskImageError when there is no such inode, or it is not in use */
  async read(number: number): Promise<Inode> {
    const { inodes, inodesPerGroup, inodeSize, blockSize } = this.#superblock;
    if (!(Number.isInteger(number) && number >= 1 && number <= inodes))
      throw new DiskImageError(`there is no inode ${number}: the filesystem has ${inodes}`);
    const table = await this.#table(Math.floor((number - 1) / inodesPerGroup));
    const offset = ((number - 1) % inodesPerGroup) * inodeSize;
    const block = await this.#source.read(table + Math.floor(offset / blockSize));
    const at = offset % blockSize;
    return decodeInode(number, block.subarray(at, at + inodeSize), this.#superblock);
  }

  /** The first block of a group's inode table, from its descriptor. */
  async #table(group: number): Promise<number> {
    const { blockSize, descriptorSize } = this.#superblock;
    const perBlock = blockSize / descriptorSize;
    const index = Math.floor(group / perBlock);
    const view = viewOf(await this.#source.read(this.#descriptorBlock(index, perBlock)));
    const at = (group % perBlock) * descriptorSize;
    const high = descriptorSize >= 64 ? view.getUint32(at + 40, true) : 0;
    return view.getUint32(at + 8, true) + high * 2 ** 32;
  }

  #descriptorBlock(index: number, perBlock: number): number {
    const { firstMetaGroup, firstDataBlock, blocksPerGroup, sparseSuper } = this.#superblock;
    if (firstMetaGroup === undefined || index < firstMetaGroup) return firstDataBlock + 1 + index;
    const group = index * perBlock;
    const copy = !sparseSuper || hasSuperblock(group) ? 1 : 0;
    return firstDataBlock + group * blocksPerGroup + copy;
  }
}
