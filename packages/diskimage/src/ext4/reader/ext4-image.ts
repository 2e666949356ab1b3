import type { DiskReader } from '../../disk-reader.ts';
import { LeastRecentlyUsed } from '../../least-recently-used.ts';
import { DiskImageError } from '../../read.ts';
import { readBytes } from '../../read-bytes.ts';
import type { TreeEntry } from '../../tree/tree-entry.ts';
import { blockSize, superblockOffset, superblockSize } from '../ext4-format.ts';
import type { Ext4Layout, FileLayout } from '../layout.ts';
import type { Ext4Filesystem, Ext4Info, Ext4Name, Ext4Stat } from '../read-ext4.ts';
import { shown } from '../tree-nodes.ts';
import { BlockSource } from './block-source.ts';
import { deviceOf } from './device-of.ts';
import { readDirectory } from './directory-decode.ts';
import { contentOf, type ImageContent, readWhole } from './file-content.ts';
import { extentsOf, fileLayout } from './image-layout.ts';
import type { Inode } from './inode-decode.ts';
import { InodeSource } from './inode-source.ts';
import { walkPath } from './path-walk.ts';
import { replayJournal } from './replay-journal.ts';
import { decodeSuperblock, type Superblock } from './superblock-decode.ts';
import { symlinkTarget } from './symlink-target.ts';
import { treeOf } from './tree-of.ts';
import { decodeXattrs } from './xattr-decode.ts';

const defaultLimit = 64 * 1024 * 1024;
const directoriesKept = 64;

/** See readExt4. */
export async function openImage(disk: DiskReader): Promise<Ext4Filesystem> {
  if (disk.size < superblockOffset + superblockSize)
    throw new DiskImageError('there is no ext2, ext3 or ext4 filesystem');
  const superblock = decodeSuperblock(await readBytes(disk, superblockOffset, superblockSize));
  const source = new BlockSource(disk, superblock.blockSize, superblock.blocks);
  if (superblock.dirtyJournal === undefined) return new Ext4Image(superblock, source);

  const journal = await new InodeSource(superblock, source).read(superblock.dirtyJournal);
  const replayed = source.with(await replayJournal(source, journal));
  // Its counters are newer in the journal.
  const inside = superblock.blockSize === 1024 ? 0 : superblockOffset;
  const block = await replayed.read(superblock.firstDataBlock);
  const newer = decodeSuperblock(block.subarray(inside, inside + superblockSize));
  return new Ext4Image(
    { ...superblock, freeBlocks: newer.freeBlocks, freeInodes: newer.freeInodes },
    replayed,
  );
}

/** What the parts that walk over a filesystem need of it. */
export class Ext4Image implements Ext4Filesystem {
  readonly info: Ext4Info;
  readonly superblock: Superblock;
  readonly source: BlockSource;
  readonly #inodes: InodeSource;
  readonly #directories = new LeastRecentlyUsed<number, ReadonlyMap<string, Ext4Name>>(directoriesKept);

  constructor(superblock: Superblock, source: BlockSource) {
    this.superblock = superblock;
    this.source = source;
    this.#inodes = new InodeSource(superblock, source);
    const { uuid, label, hashSeed, blocks, freeBlocks, inodes, freeInodes, features } = superblock;
    this.info = {
      uuid,
      label,
      hashSeed,
      blockSize: superblock.blockSize,
      blocks,
      freeBlocks,
      inodes,
      freeInodes,
      features,
      needsRecovery: superblock.dirtyJournal !== undefined,
    };
  }

  async stat(path: string, { follow = false } = {}): Promise<Ext4Stat | undefined> {
    const inode = await this.#walk(path, follow);
    return inode && statOf(inode);
  }

  async list(path: string): Promise<readonly Ext4Name[]> {
    const names = await this.#names(await this.#at(path, true));
    return [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async readFile(path: string, { limit = defaultLimit } = {}): Promise<Uint8Array> {
    const inode = await this.#file(path);
    return this.#named(path, () => readWhole(contentOf(this.source, inode), inode.size, limit));
  }

  async content(path: string): Promise<ImageContent> {
    const inode = await this.#file(path);
    return this.#named(path, async () => contentOf(this.source, inode));
  }

  async readLink(path: string): Promise<string> {
    const inode = await this.#at(path, false);
    if (inode.kind !== 'symlink') throw new DiskImageError(`${shown(path)} is no symlink`);
    return symlinkTarget(this.source, inode);
  }

  async xattrs(path: string): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.xattrsOf(await this.#at(path, false));
  }

  async *entries(root = ''): AsyncGenerator<TreeEntry<ImageContent>> {
    for await (const { entry } of treeOf(this, await this.#at(root, true))) yield entry;
  }

  async layout({ contents = false } = {}): Promise<Ext4Layout> {
    const { superblock, source } = this;
    if (superblock.blockSize !== blockSize)
      throw new DiskImageError(
        `its blocks have ${superblock.blockSize} bytes, and a layout counts blocks of 4096`,
      );
    const files = new Map<string, FileLayout>();
    for await (const { entry, inode } of treeOf(this, await this.#at('', true)))
      if (inode) files.set(entry.path, await fileLayout(source, inode, contents));
    const perBlock = blockSize / superblock.descriptorSize;
    const journal =
      superblock.journalInode === 0 ? undefined : await this.#inodes.read(superblock.journalInode);
    return {
      blocks: superblock.blocks,
      inodesPerGroup: superblock.inodesPerGroup,
      descriptorBlocks: Math.ceil(superblock.groups / perBlock) + superblock.reservedDescriptors,
      journal: journal ? (await extentsOf(source, journal)).extents : [],
      files,
    };
  }

  inode(number: number): Promise<Inode> {
    return this.#inodes.read(number);
  }

  target(symlink: Inode): Promise<string> {
    return symlinkTarget(this.source, symlink);
  }

  async lookUp(directory: Inode, name: string): Promise<number | undefined> {
    return (await this.#names(directory)).get(name)?.inode;
  }

  xattrsOf(inode: Inode): Promise<ReadonlyMap<string, Uint8Array>> {
    return decodeXattrs(this.source, inode, async (number, size) => {
      const value = await this.inode(number);
      return readWhole(contentOf(this.source, value), Math.min(size, value.size), size);
    });
  }

  /** Names of a directory that is not one of those of a walk over all. */
  #names(directory: Inode): Promise<ReadonlyMap<string, Ext4Name>> {
    return this.#directories.get(directory.number, async () => {
      const names = new Map<string, Ext4Name>();
      for await (const { name, inode, kind } of readDirectory(
        this.source,
        this.superblock,
        directory,
        new Set(),
      ))
        names.set(name, { name, inode, kind: kind ?? (await this.inode(inode)).kind });
      return names;
    });
  }

  #walk(path: string, follow: boolean): Promise<Inode | undefined> {
    return walkPath(this, path, follow);
  }

  async #at(path: string, follow: boolean): Promise<Inode> {
    const inode = await this.#walk(path, follow);
    if (!inode) throw new DiskImageError(`there is no ${shown(path)}`);
    return inode;
  }

  async #file(path: string): Promise<Inode> {
    const inode = await this.#at(path, true);
    if (inode.kind !== 'file') throw new DiskImageError(`${shown(path)} is no file but a ${inode.kind}`);
    return inode;
  }

  async #named<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DiskImageError) throw new DiskImageError(`${shown(path)}: ${error.message}`);
      throw error;
    }
  }
}

function statOf(inode: Inode): Ext4Stat {
  const { number, kind, mode, uid, gid, size, sectors, links, mtime } = inode;
  const device = kind === 'character' || kind === 'block' ? deviceOf(inode) : {};
  return { inode: number, kind, mode, uid, gid, size, sectors, links, mtime, ...device };
}
