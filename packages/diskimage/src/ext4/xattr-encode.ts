import { DiskImageError } from '../read.ts';
import { aclNames, aclToDisk } from './acl.ts';
import { crc32c, crc32cOfNumber } from './crc32c.ts';
import { blockSize, inodeSize, xattrMagic, xattrPrefixes } from './ext4-format.ts';

/** Extended attributes as they are on disk: what fits is behind the inode's fields, the rest in a block. */
export interface EncodedXattrs {
  readonly inInode?: Buffer;
  readonly inBlock?: Buffer;
}

/** Where an inode's own attributes start: behind the fields of an inode with 32 bytes more than ext3's. */
export const inodeXattrOffset = 160;
const inodeRoom = inodeSize - inodeXattrOffset;
const blockHeaderSize = 32;
const entrySize = 16;
const endSize = 4;

interface Attribute {
  readonly index: number;
  /** Without the prefix that the index stands for. */
  readonly name: string;
  readonly value: Uint8Array;
}

/**
 * Capabilities come first, since the kernel asks for them most, then all in the order that a block must have.
 * @throws DiskImageError for what ext4 cannot hold; the message continues a sentence that names the file
 */
export function encodeXattrs(xattrs: ReadonlyMap<string, Uint8Array>): EncodedXattrs {
  const attributes = [...xattrs].map(([name, value]) => attributeOf(name, value)).sort(byOrder);
  const inInode: Attribute[] = [];
  const inBlock: Attribute[] = [];
  let room = inodeRoom - 4 - endSize;
  const inTurn = [...attributes].sort((a, b) => Number(isCapability(b)) - Number(isCapability(a)));
  for (const attribute of inTurn) {
    const size = sizeOf(attribute);
    if (size <= room) {
      inInode.push(attribute);
      room -= size;
    } else inBlock.push(attribute);
  }
  return {
    ...(inInode.length > 0 ? { inInode: inodePart(inInode.sort(byOrder)) } : {}),
    ...(inBlock.length > 0 ? { inBlock: blockPart(inBlock.sort(byOrder)) } : {}),
  };
}

/** Puts the checksum into a block of attributes: it depends on where the block is. */
export function sealXattrBlock(block: Buffer, number: number, checksumSeed: number): void {
  block.writeUInt32LE(0, 16);
  const high = crc32cOfNumber(crc32cOfNumber(checksumSeed, number >>> 0), Math.floor(number / 2 ** 32));
  block.writeUInt32LE(crc32c(high, block), 16);
}

function attributeOf(name: string, value: Uint8Array): Attribute {
  const found = xattrPrefixes.find(([, prefix]) =>
    prefix.endsWith('.') ? name.startsWith(prefix) : name === prefix,
  );
  if (!found) throw new DiskImageError(`has the extended attribute "${name}", which ext4 cannot name`);
  const [index, prefix] = found;
  const rest = name.slice(prefix.length);
  if (rest.length > 255 || (rest === '') === prefix.endsWith('.'))
    throw new DiskImageError(`has the extended attribute "${name}", whose name ext4 does not allow`);
  if (!aclNames.has(name)) return { index, name: rest, value };
  try {
    return { index, name: rest, value: aclToDisk(value) };
  } catch (error) {
    throw new DiskImageError(`has the attribute "${name}", which ${(error as Error).message}`);
  }
}

function isCapability({ index, name }: Attribute): boolean {
  return index === 6 && name === 'capability';
}

/** The order in which the kernel looks through a block: prefix, length of the name, name. */
function byOrder(a: Attribute, b: Attribute): number {
  return a.index - b.index || a.name.length - b.name.length || (a.name < b.name ? -1 : 1);
}

function sizeOf({ name, value }: Attribute): number {
  return entrySize + padded(name.length) + padded(value.length);
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

function inodePart(attributes: readonly Attribute[]): Buffer {
  const bytes = Buffer.alloc(inodeRoom);
  bytes.writeUInt32LE(xattrMagic, 0);
  // Values are found from the first entry on.
  fill(bytes.subarray(4), 0, attributes);
  return bytes;
}

function blockPart(attributes: readonly Attribute[]): Buffer {
  const size = attributes.reduce((sum, attribute) => sum + sizeOf(attribute), blockHeaderSize + endSize);
  if (size > blockSize)
    throw new DiskImageError(`has ${size} bytes of extended attributes, and ext4 has room for ${blockSize}`);
  const bytes = Buffer.alloc(blockSize);
  bytes.writeUInt32LE(xattrMagic, 0);
  bytes.writeUInt32LE(1, 4); // one inode has it
  bytes.writeUInt32LE(1, 8); // one block
  bytes.writeUInt32LE(fill(bytes, blockHeaderSize, attributes), 12);
  return bytes;
}

/** Entries from `start` up, values from the end down. Returns the hash over all, as blocks have it. */
function fill(bytes: Buffer, start: number, attributes: readonly Attribute[]): number {
  let at = start;
  let values = bytes.length;
  let hashOfAll = 0;
  for (const { index, name, value } of attributes) {
    if (value.length > 0) {
      values -= padded(value.length);
      bytes.set(value, values);
    }
    const hash = entryHash(name, bytes.subarray(values, values + padded(value.length)));
    bytes[at] = name.length;
    bytes[at + 1] = index;
    bytes.writeUInt16LE(value.length > 0 ? values : 0, at + 2);
    bytes.writeUInt32LE(value.length, at + 8);
    bytes.writeUInt32LE(hash, at + 12);
    bytes.write(name, at + entrySize, 'latin1');
    at += entrySize + padded(name.length);
    hashOfAll = ((hashOfAll << 16) ^ (hashOfAll >>> 16) ^ hash) >>> 0;
  }
  return hashOfAll;
}

/** ext4_xattr_hash_entry: the name's bytes, then the value's words. */
function entryHash(name: string, value: Buffer): number {
  let hash = 0;
  for (let at = 0; at < name.length; at++) hash = (hash << 5) ^ (hash >>> 27) ^ name.charCodeAt(at);
  for (let at = 0; at < value.length; at += 4) hash = (hash << 16) ^ (hash >>> 16) ^ value.readInt32LE(at);
  return hash >>> 0;
}
