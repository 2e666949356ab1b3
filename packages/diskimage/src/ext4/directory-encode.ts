import { crc32c } from './crc32c.ts';
import {
  type DirectoryIndex,
  type DirectoryPlan,
  entryLength,
  entryTailSize,
  type IndexNode,
  type Leaf,
  nodePlaces,
  rootPlaces,
} from './directory-plan.ts';
import { blockSize, entryTypes } from './ext4-format.ts';
import type { Child, Node } from './tree-nodes.ts';

/** Marks the checksum at the end of a block of entries (EXT4_FT_DIR_CSUM). */
const tailType = 0xde;
const halfMd4 = 1;

/**
 * All blocks of a directory, one behind the other.
 * @param seed of the inode's checksums
 */
export function encodeDirectory(node: Node, plan: DirectoryPlan, seed: number): Buffer {
  const bytes = Buffer.alloc(plan.blocks * blockSize);
  if (plan.index) encodeIndexed(bytes, node, plan.index, seed);
  else encodeList(bytes, node, plan.blocks, seed);
  return bytes;
}

function encodeList(bytes: Buffer, node: Node, blocks: number, seed: number): void {
  const end = blockSize - entryTailSize;
  let at = writeEntry(bytes, 0, '.', node.inode, entryTypes.directory);
  at = writeEntry(bytes, at, '..', (node.parent ?? node).inode, entryTypes.directory);
  writeEntries(bytes, at, node.children!, end, at - entryLength('..'));
  writeTail(bytes, 0, seed);
  // Only lost+found has more: e2fsck wants to find room in it without taking any.
  for (let block = 1; block < blocks; block++) {
    bytes.writeUInt16LE(end, block * blockSize + 4);
    writeTail(bytes, block * blockSize, seed);
  }
}

function encodeIndexed(bytes: Buffer, node: Node, index: DirectoryIndex, seed: number): void {
  const at = writeEntry(bytes, 0, '.', node.inode, entryTypes.directory);
  writeEntry(bytes, at, '..', (node.parent ?? node).inode, entryTypes.directory);
  bytes.writeUInt16LE(blockSize - at, at + 4);
  bytes.writeUInt8(halfMd4, 28);
  bytes.writeUInt8(8, 29); // length of this information
  bytes.writeUInt8(index.nodes ? 1 : 0, 30);
  writePlaces(bytes, 0, 32, rootPlaces, index.nodes ?? index.leaves, seed);
  for (const { block, leaves } of index.nodes ?? []) {
    bytes.writeUInt16LE(blockSize, block * blockSize + 4);
    writePlaces(bytes, block * blockSize, 8, nodePlaces, leaves, seed);
  }
  for (const { block, children } of index.leaves) {
    const start = block * blockSize;
    const end = start + blockSize - entryTailSize;
    if (children.length === 0) bytes.writeUInt16LE(end - start, start + 4);
    writeEntries(bytes, start, children, end, start);
    writeTail(bytes, start, seed);
  }
}

/** @param last where the entry before these is, which reaches to the end when there are none */
function writeEntries(
  bytes: Buffer,
  start: number,
  children: readonly Child[],
  end: number,
  last: number,
): void {
  let at = start;
  let before = last;
  for (const { name, node } of children) {
    before = at;
    at = writeEntry(bytes, at, name, node.inode, entryTypes[node.entry.kind]);
  }
  bytes.writeUInt16LE(end - before, before + 4);
}

function writeEntry(bytes: Buffer, at: number, name: string, inode: number, type: number): number {
  const length = entryLength(name);
  bytes.writeUInt32LE(inode, at);
  bytes.writeUInt16LE(length, at + 4);
  bytes[at + 6] = name.length;
  bytes[at + 7] = type;
  bytes.write(name, at + 8, 'latin1');
  return at + length;
}

function writeTail(bytes: Buffer, start: number, seed: number): void {
  const at = start + blockSize - entryTailSize;
  bytes.writeUInt16LE(entryTailSize, at + 4);
  bytes[at + 7] = tailType;
  bytes.writeUInt32LE(crc32c(seed, bytes, start, at), at + 8);
}

/** The first place has no hash of its own; limit and count are there instead. */
function writePlaces(
  bytes: Buffer,
  start: number,
  offset: number,
  limit: number,
  targets: readonly (Leaf | IndexNode)[],
  seed: number,
): void {
  const first = start + offset;
  for (const [index, { hash, block }] of targets.entries()) {
    bytes.writeUInt32LE(hash, first + index * 8);
    bytes.writeUInt32LE(block, first + index * 8 + 4);
  }
  bytes.writeUInt16LE(limit, first);
  bytes.writeUInt16LE(targets.length, first + 2);
  const used = crc32c(seed, bytes, start, first + targets.length * 8);
  const tail = first + limit * 8;
  // Over the reserved word in front of the sum, and the sum while it is zero.
  bytes.writeUInt32LE(crc32c(used, bytes, tail, tail + 8), tail + 4);
}
