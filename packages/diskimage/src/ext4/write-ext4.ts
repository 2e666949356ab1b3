import type { TreeEntry } from '../tree/tree-entry.ts';
import { uuidBytes } from '../uuid.ts';
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
import { prepareNodes } from './prepare-nodes.ts';
import { encodeResizeInode, reservedBlocks } from './resize-inode.ts';
import { encodeSuperblock } from './superblock-encode.ts';
import { type Node, treeNodes } from './tree-nodes.ts';
import { journalCopy, writeInodes } from './write-inodes.ts';

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

  prepareNodes(nodes, identity.hashSeed, matches);

  const allocator = new Allocator(geometry.blocks);
  takeTables(geometry, allocator);
  const writer = new BlockWriter(target);
  const write = (block: number, bytes: Uint8Array) => writer.put(block, bytes);
  const { checksumSeed, uuid } = identity;
  const journalSize = options.journal === false ? 0 : journalBlocks(geometry.blocks);
  const journal = placeTree({
    nodes,
    previous,
    matches,
    journalBlocks: journalSize,
    allocator,
    writer,
    checksumSeed,
  });
  if (journal) write(journal.extents[0]!.physical, encodeJournal(journalSize, uuid));
  encodeResizeInode(geometry, write);
  writeInodes({
    nodes: [...nodes].sort((a, b) => a.inode - b.inode),
    geometry,
    journal: journal?.inode,
    time,
    clampMtime: options.clampMtime ?? Number.POSITIVE_INFINITY,
    checksumSeed,
    write,
  });
  const { numbers, directories } = usedInodes(nodes, geometry);
  const { descriptors, freeInodes } = writeGroups(
    geometry,
    allocator,
    numbers,
    directories,
    checksumSeed,
    write,
  );
  writer.flush();
  const fields = {
    geometry,
    uuid,
    hashSeed: identity.hashSeedBytes,
    label: identity.label,
    time,
    reservedBlocks: Math.floor((geometry.blocks * (options.reservedPercent ?? 5)) / 100),
    freeBlocks: allocator.free,
    freeInodes,
    overhead: overheadBlocks(geometry) + journalSize,
    reservedDescriptors: reservedBlocks(geometry),
    ...(journal ? { journal: journalCopy(journal.inode) } : {}),
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
    layout: layoutOf(nodes, geometry, journal?.extents ?? []),
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

/** Numbers in use, ascending, those that the format keeps for itself among them; and directories by group. */
function usedInodes(nodes: readonly Node[], { groups, inodesPerGroup }: Geometry) {
  // The first ten are always in use, and the root is one of them.
  const numbers = new Uint32Array(nodes.length - 1 + inodeNumbers.firstFree - 1);
  const directories = new Uint32Array(groups);
  let count = 0;
  while (count < inodeNumbers.firstFree - 1) numbers[count] = ++count;
  for (const { inode, children } of nodes) {
    if (inode !== inodeNumbers.root) numbers[count++] = inode;
    if (children) directories[Math.floor((inode - 1) / inodesPerGroup)]!++;
  }
  return { numbers: numbers.sort(), directories };
}

function layoutOf(nodes: readonly Node[], geometry: Geometry, journal: readonly Extent[]): Ext4Layout {
  const files = new Map<string, FileLayout>();
  for (const node of nodes) files.set(node.path, fileLayoutOf(node));
  return {
    blocks: geometry.blocks,
    inodesPerGroup: geometry.inodesPerGroup,
    descriptorBlocks: geometry.descriptorArea,
    journal,
    files,
  };
}

function fileLayoutOf({
  entry,
  inode,
  extents,
  treeBlocks,
  attributeBlock,
  plan,
  size,
  head,
}: Node): FileLayout {
  return {
    inode,
    extents,
    treeBlocks,
    attributeBlock: attributeBlock === 0 ? undefined : attributeBlock,
    leaves: plan?.index?.table,
    content: entry.kind === 'file' && size > 0 ? { size, head } : undefined,
  };
}
