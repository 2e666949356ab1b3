import { DiskImageError } from '../../read.ts';
import { viewOf } from '../../read-bytes.ts';
import { aclFromDisk, aclNames } from '../acl.ts';
import { inodeFlags, xattrMagic, xattrPrefixes } from '../ext4-format.ts';
import type { BlockSource } from './block-source.ts';
import type { Inode } from './inode-decode.ts';

/** Reads a value that has an inode of its own (ea_inode). */
export type ReadValue = (inode: number, size: number) => Promise<Uint8Array>;

/** The kernel's own limit of one value. */
const longestValue = 64 * 1024;
/** All of one file: more is possible only with inodes for values, and nobody's files have it. */
const mostBytes = 1024 * 1024;
const blockHeaderSize = 32;
const entrySize = 16;
/** Where the part of a small file is that does not fit into its 60 bytes; no attribute to anybody else. */
const inlineName = 'system.data';

/** Extended attributes of an inode, in it and in its block. @throws DiskImageError when they are damaged */
export async function decodeXattrs(
  source: BlockSource,
  inode: Inode,
  readValue: ReadValue,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const parts = inodePart(inode);
  if (inode.attributeBlock !== 0) {
    const block = await source.read(inode.attributeBlock);
    if (viewOf(block).getUint32(0, true) !== xattrMagic)
      throw new DiskImageError(`the block of extended attributes of inode ${inode.number} is damaged`);
    parts.push({ bytes: block, entries: blockHeaderSize, values: 0 });
  }
  const found = new Map<string, Uint8Array>();
  let total = 0;
  for (const part of parts)
    for (const { name, value, valueInode, size } of entriesOf(part, inode.number)) {
      total += size;
      if (size > longestValue || total > mostBytes)
        throw new DiskImageError(`inode ${inode.number} has impossibly long extended attributes`);
      if (name === undefined || name === inlineName) continue;
      const bytes = valueInode === 0 ? value : await readValue(valueInode, size);
      found.set(name, aclNames.has(name) ? aclFromDisk(bytes) : Uint8Array.from(bytes));
    }
  return found;
}

/** A small file's data, which is in its inode (inline_data). */
export function inlineData(inode: Inode): Uint8Array {
  const rest = inodePart(inode).flatMap((part) =>
    [...entriesOf(part, inode.number)].filter(({ name }) => name === inlineName).map(({ value }) => value),
  )[0];
  const isInline = (inode.flags & inodeFlags.inlineData) !== 0;
  if (!isInline) throw new DiskImageError(`inode ${inode.number} has no data in it`);
  return rest ? Buffer.concat([inode.data, rest]) : inode.data;
}

interface Part {
  readonly bytes: Uint8Array;
  /** Where entries start. */
  readonly entries: number;
  /** What the places of values count from. */
  readonly values: number;
}

interface Entry {
  /** Undefined for what only the kernel uses. */
  readonly name: string | undefined;
  readonly value: Uint8Array;
  readonly valueInode: number;
  readonly size: number;
}

function inodePart({ attributes }: Inode): Part[] {
  if (attributes.length < 8 || viewOf(attributes).getUint32(0, true) !== xattrMagic) return [];
  return [{ bytes: attributes, entries: 4, values: 4 }];
}

function* entriesOf({ bytes, entries, values }: Part, inode: number): Generator<Entry> {
  const view = viewOf(bytes);
  for (let at = entries; at + 4 <= bytes.length && view.getUint32(at, true) !== 0; ) {
    if (at + entrySize > bytes.length) throw damaged(inode);
    const nameLength = bytes[at]!;
    const next = at + entrySize + ((nameLength + 3) & ~3);
    const valueInode = view.getUint32(at + 4, true);
    const size = view.getUint32(at + 8, true);
    const start = values + view.getUint16(at + 2, true);
    if (next > bytes.length || (valueInode === 0 && size > 0 && start + size > bytes.length))
      throw damaged(inode);
    const suffix = Buffer.from(bytes.subarray(at + entrySize, at + entrySize + nameLength)).toString(
      'latin1',
    );
    yield {
      name: nameOf(bytes[at + 1]!, suffix),
      value: valueInode === 0 && size > 0 ? bytes.subarray(start, start + size) : new Uint8Array(),
      valueInode,
      size,
    };
    at = next;
  }
}

function nameOf(index: number, suffix: string): string | undefined {
  const prefix = xattrPrefixes.find(([known]) => known === index)?.[1];
  return prefix === undefined ? undefined : prefix + suffix;
}

function damaged(inode: number): DiskImageError {
  return new DiskImageError(`the extended attributes of inode ${inode} are damaged`);
}
