import type { TreeEntry } from '../tree/tree-entry.ts';
import { Allocator } from './allocator.ts';
import type { BlockTarget } from './block-target.ts';
import { BlockWriter } from './block-writer.ts';
import { crc32c, crc32cStart } from './crc32c.ts';
import { blocksPerGroup, inodeNumbers } from './ext4-format.ts';
import { copyBlocks, type Geometry, hasSuperblock, planGeometry } from './geometry.ts';
import { writeGroups } from './groups.ts';
import { encodeJournal, journalBlocks } from './journal.ts';
import type { Ext4Layout, Extent, FileLayout } from './layout.ts';
import { matchPrevious } from './match-previous.ts';
import { numberInodes } from './number-inodes.ts';
import type { Ext4Options, Ext4Result } from './options.ts';
import { placeTree } from './place-tree.ts';
import { encodeResizeInode, reservedBlocks } from './resize-inode.ts';
import { encodeSuperblock } from './superblock-encode.ts';
import { type Node, treeNodes } from './tree-nodes.ts';
import { uuidBytes } from './uuid.ts';
import { writeInodes } from './write-inodes.ts';

/** Best as large as the processor's cache: data is copied out of it soon after it was copied in. */
const bufferSize = 2 * 1024 * 1024;

/**
 * Writes an ext4 filesystem with the features that Debian 12's mke2fs gives one. The bytes follow from the tree, the
 * options and nothing else: entries may come in any order. Files are opened one after the other, read once and
 * closed. Blocks of zeros are never written; pieces of 64 KiB that are all zeros are holes (but in swap files).
 *
 * Format: the Linux kernel's Documentation/filesystems/ext4.
 * @throws RangeError for options that no filesystem can have
 * @throws DiskImageError when the tree contradicts itself, or a file is shorter than it was said to be
 * @throws FilesystemFullError when the tree does not fit into `size`
 */
export function writeExt4(
  target: BlockTarget,
  entries: Iterable<TreeEntry>,
  options: Ext4Options,
): Ext4Result {
  const identity = readIdentity(options);
  const { previous, time } = options;
  const nodes = treeNodes(entries, { mtime: time });
  const geometry = planGeometry({
    size: options.size,
    bytesPerInode: options.bytesPerInode ?? 16384,
    inodesNeeded: nodes.length + inodeNumbers.firstFree - 2,
    ...(previous ? { previous } : {}),
  });
  const matches = previous ? matchPrevious(nodes, previous) : new Map<Node, FileLayout>();
  const inodes = geometry.groups * geometry.inodesPerGroup;
  numberInodes(nodes, inodes, previous && { matches, all: previous.files.values() });

  const allocator = new Allocator(geometry.blocks);
  takeTables(geometry, allocator);
  const writer = new BlockWriter(target, bufferSize);
  const write = (block: number, bytes: Uint8Array) => writer.put(block, bytes);
  const wantedJournal = options.journal === false ? 0 : journalBlocks(geometry.blocks);
  const placed = placeTree({
    nodes,
    matches,
    previousJournal: previous?.journal ?? [],
    journalBlocks: wantedJournal,
    allocator,
    writer,
    checksumSeed: identity.checksumSeed,
    hashSeed: identity.hashSeed,
  });
  if (wantedJournal > 0) write(placed.journal[0]!.physical, encodeJournal(wantedJournal, identity.uuid));
  encodeResizeInode(geometry, write);
  const journalData = writeInodes({
    nodes,
    geometry,
    placed,
    time,
    clampMtime: options.clampMtime ?? Number.POSITIVE_INFINITY,
    checksumSeed: identity.checksumSeed,
    write,
  });

  const used = nodes.map(({ inode }) => inode);
  for (let inode = 1; inode < inodeNumbers.firstFree; inode++)
    if (inode !== inodeNumbers.root) used.push(inode);
  const directories = new Set(nodes.flatMap(({ children, inode }) => (children ? [inode] : [])));
  const { descriptors, freeInodes } = writeGroups(
    geometry,
    allocator,
    used.sort((a, b) => a - b),
    directories,
    identity.checksumSeed,
    write,
  );
  writer.flush();
  const fields = {
    geometry,
    uuid: identity.uuid,
    hashSeed: identity.hashSeedBytes,
    label: identity.label,
    time,
    reservedBlocks: Math.floor((geometry.blocks * (options.reservedPercent ?? 5)) / 100),
    freeBlocks: allocator.free,
    freeInodes,
    overhead: overheadBlocks(geometry) + wantedJournal,
    reservedDescriptors: reservedBlocks(geometry),
    ...(journalData ? { journal: journalData } : {}),
  };
  for (let group = 0; group < geometry.groups; group++) {
    if (!hasSuperblock(group)) continue;
    const start = group * blocksPerGroup;
    // The first has room for a boot loader in front of it.
    target.write(encodeSuperblock(fields, group), start * 4096 + (group === 0 ? 1024 : 0));
    write(start + 1, descriptors);
  }
  writer.flush();
  return {
    layout: layoutOf(nodes, geometry, placed.journal),
    blocks: geometry.blocks,
    freeBlocks: allocator.free,
    inodes,
    freeInodes,
  };
}

function readIdentity(options: Ext4Options) {
  const uuid = uuidBytes(options.uuid);
  const hashSeedBytes = Buffer.from(uuidBytes(options.hashSeed));
  const label = Buffer.from(options.label ?? '');
  if (label.length > 16) throw new RangeError(`the label "${options.label}" is longer than 16 bytes`);
  const { bytesPerInode = 16384, reservedPercent = 5, time } = options;
  if (!(bytesPerInode >= 1024)) throw new RangeError(`one inode for ${bytesPerInode} bytes is not possible`);
  if (!(reservedPercent >= 0 && reservedPercent <= 50))
    throw new RangeError(`reserving ${reservedPercent} percent is not possible: 0 to 50`);
  if (!(Number.isSafeInteger(time) && time >= 0 && time < 2 ** 40))
    throw new RangeError(`${time} is no time in seconds since 1970`);
  const words = [0, 4, 8, 12].map((at) => hashSeedBytes.readInt32LE(at));
  return {
    uuid,
    hashSeedBytes,
    hashSeed: words as [number, number, number, number],
    label,
    checksumSeed: crc32c(crc32cStart, uuid),
  };
}

function takeTables(geometry: Geometry, allocator: Allocator): void {
  allocator.take(geometry.resizeBlock, 1);
  for (let group = 0; group < geometry.groups; group++) {
    allocator.take(group * blocksPerGroup, copyBlocks(group, geometry.descriptorArea));
    allocator.take(geometry.blockBitmaps[group]!, 1);
    allocator.take(geometry.inodeBitmaps[group]!, 1);
    allocator.take(geometry.inodeTables[group]!, geometry.tableBlocks);
  }
}

function overheadBlocks({ groups, tableBlocks, descriptorArea }: Geometry): number {
  let blocks = groups * (2 + tableBlocks);
  for (let group = 0; group < groups; group++) blocks += copyBlocks(group, descriptorArea);
  return blocks;
}

function layoutOf(nodes: readonly Node[], geometry: Geometry, journal: readonly Extent[]): Ext4Layout {
  const files = new Map<string, FileLayout>();
  for (const node of nodes) {
    const isFile = node.entry.kind === 'file' && node.size > 0;
    files.set(node.path, {
      inode: node.inode,
      extents: node.extents,
      treeBlocks: node.treeBlocks,
      ...(node.attributeBlock === 0 ? {} : { attributeBlock: node.attributeBlock }),
      ...(node.leaves ? { leaves: node.leaves } : {}),
      ...(isFile
        ? { content: { size: node.size, ...(node.head === undefined ? {} : { head: node.head }) } }
        : {}),
    });
  }
  return {
    blocks: geometry.blocks,
    inodesPerGroup: geometry.inodesPerGroup,
    descriptorBlocks: geometry.descriptorArea,
    journal,
    files,
  };
}
