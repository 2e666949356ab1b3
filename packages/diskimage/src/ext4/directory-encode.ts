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
 * Writes all blocks of a directory, one behind the other.
 * @param bytes as many as they take, all zero
 * @param seed of the inode's checksums
 */
export function encodeDirectory(bytes: Uint8Array, node: Node, plan: DirectoryPlan, seed: number): void {
  const to = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  if (plan.index) encodeIndexed(to, node, plan.index, seed);
  else encodeList(to, node, plan.blocks, seed);
}

interface Blocks {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

function encodeList(to: Blocks, node: Node, blocks: number, seed: number): void {
  const end = blockSize - entryTailSize;
  let at = writeEntry(to, 0, '.', node.inode, entryTypes.directory);
  at = writeEntry(to, at, '..', (node.parent ?? node).inode, entryTypes.directory);
  writeEntries(to, at, node.children!, end, at - entryLength('..'));
  writeTail(to, 0, seed);
  // Only lost+found has more: e2fsck wants to find room in it without taking any.
  for (let block = 1; block < blocks; block++) {
    to.view.setUint16(block * blockSize + 4, end, true);
    writeTail(to, block * blockSize, seed);
  }
}

function encodeIndexed(to: Blocks, node: Node, index: DirectoryIndex, seed: number): void {
  const at = writeEntry(to, 0, '.', node.inode, entryTypes.directory);
  writeEntry(to, at, '..', (node.parent ?? node).inode, entryTypes.directory);
  to.view.setUint16(at + 4, blockSize - at, true);
  to.bytes[28] = halfMd4;
  to.bytes[29] = 8; // length of this information
  to.bytes[30] = index.nodes ? 1 : 0;
  writePlaces(to, 0, 32, rootPlaces, index.nodes ?? index.leaves, seed);
  for (const { block, leaves } of index.nodes ?? []) {
    to.view.setUint16(block * blockSize + 4, blockSize, true);
    writePlaces(to, block * blockSize, 8, nodePlaces, leaves, seed);
  }
  for (const { block, children } of index.leaves) {
    const start = block * blockSize;
    const end = start + blockSize - entryTailSize;
    if (children.length === 0) to.view.setUint16(start + 4, end - start, true);
    writeEntries(to, start, children, end, start);
    writeTail(to, start, seed);
  }
}

/** @param last where the entry before these is, which reaches to the end when there are none */
function writeEntries(
  to: Blocks,
  start: number,
  children: readonly Child[],
  end: number,
  last: number,
): void {
  let at = start;
  let before = last;
  for (const { name, node } of children) {
    before = at;
    at = writeEntry(to, at, name, node.inode, entryTypes[node.entry.kind]);
  }
  to.view.setUint16(before + 4, end - before, true);
}

function writeEntry(to: Blocks, at: number, name: string, inode: number, type: number): number {
  const length = entryLength(name);
  to.view.setUint32(at, inode, true);
  to.view.setUint16(at + 4, length, true);
  to.bytes[at + 6] = name.length;
  to.bytes[at + 7] = type;
  for (let index = 0; index < name.length; index++) to.bytes[at + 8 + index] = name.charCodeAt(index);
  return at + length;
}

function writeTail(to: Blocks, start: number, seed: number): void {
  const at = start + blockSize - entryTailSize;
  to.view.setUint16(at + 4, entryTailSize, true);
  to.bytes[at + 7] = tailType;
  to.view.setUint32(at + 8, crc32c(seed, to.bytes, start, at), true);
}

/** The first place has no hash of its own; limit and count are there instead. */
function writePlaces(
  to: Blocks,
  start: number,
  offset: number,
  limit: number,
  targets: readonly (Leaf | IndexNode)[],
  seed: number,
): void {
  const first = start + offset;
  for (const [index, { hash, block }] of targets.entries()) {
    to.view.setUint32(first + index * 8, hash, true);
    to.view.setUint32(first + index * 8 + 4, block, true);
  }
  to.view.setUint16(first, limit, true);
  to.view.setUint16(first + 2, targets.length, true);
  const used = crc32c(seed, to.bytes, start, first + targets.length * 8);
  const tail = first + limit * 8;
  // Over the reserved word in front of the sum, and the sum while it is zero.
  to.view.setUint32(tail + 4, crc32c(used, to.bytes, tail, tail + 8), true);
}
