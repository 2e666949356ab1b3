import { crc32 } from 'node:zlib';
import { DiskImageError } from '../read.ts';
import type { OpenContent } from '../tree/tree-entry.ts';
import { type Allocator, unitBlocks } from './allocator.ts';
import { type BlockWriter, isZero } from './block-writer.ts';
import { blockSize } from './ext4-format.ts';
import type { Extent } from './layout.ts';
import { headLength } from './match-previous.ts';
import { addExtent, type DensePlaces, type UnitPlaces } from './placer.ts';
import { type Node, shown } from './tree-nodes.ts';

const pieceSize = unitBlocks * blockSize;

export interface FilePlaces {
  readonly allocator: Allocator;
  readonly dense: DensePlaces;
  readonly units: UnitPlaces;
}

/**
 * Reads a file and writes its data. Pieces of 64 KiB that are all zeros become holes and give back what blocks they
 * had; but for swap files, which may have none.
 * @throws DiskImageError when the file has fewer bytes than its size says
 */
export function writeFile(node: Node, writer: BlockWriter, places: FilePlaces): void {
  const { size, entry } = node;
  if (entry.kind !== 'file') return;
  const opened = entry.content.open();
  try {
    const placing = new FilePlacing(node, places);
    const data = dataRanges(opened);
    for (let position = 0; position < size; ) {
      const nextData = Math.min(data(position), Math.ceil(size / pieceSize) * pieceSize);
      const skipped = Math.floor((nextData - position) / pieceSize) * pieceSize;
      if (skipped > 0) {
        placing.hole(position, skipped);
        position += skipped;
        continue;
      }
      const at = writer.room(pieceSize);
      const length = Math.min(size - position, writer.free - (writer.free % pieceSize));
      readFully(node, opened, writer.buffer, at, length, position);
      if (position === 0) {
        node.head = crc32(writer.buffer.subarray(at, at + Math.min(length, headLength)));
        placing.isSwap = isSwap(writer.buffer, at, length);
      }
      placing.pieces(writer, at, position, length);
      position += length;
    }
  } finally {
    opened.close();
  }
}

/** Decides piece by piece where the blocks of a file are. */
class FilePlacing {
  isSwap = false;
  readonly #node: Node;
  readonly #kept: readonly Extent[];
  readonly #places: FilePlaces;
  readonly #blocks: number;
  /** The first kept extent that reaches behind what was placed. */
  #next = 0;

  constructor(node: Node, places: FilePlaces) {
    this.#node = node;
    this.#kept = node.kept;
    this.#places = places;
    this.#blocks = Math.ceil(node.size / blockSize);
  }

  pieces(writer: BlockWriter, at: number, position: number, length: number): void {
    const end = at + Math.ceil(length / blockSize) * blockSize;
    writer.buffer.fill(0, at + length, end);
    for (let from = at; from < end; from += pieceSize) {
      const to = Math.min(from + pieceSize, end);
      const logical = (position + from - at) / blockSize;
      const count = (to - from) / blockSize;
      if (!this.isSwap && isZero(writer.buffer, from, to)) {
        this.#skip(logical, count);
        writer.skip(count);
      } else this.#place(logical, count, writer);
    }
  }

  hole(position: number, length: number): void {
    this.#skip(position / blockSize, length / blockSize);
  }

  /** Gives back what was kept for a part that is a hole now. */
  #skip(logical: number, count: number): void {
    this.#walk(logical, count, (_, physical, length) => {
      if (physical !== undefined) this.#places.allocator.release(physical, length);
    });
  }

  #place(logical: number, count: number, writer: BlockWriter): void {
    if (this.#kept.length === 0) {
      this.#placeNew(logical, count, writer);
      return;
    }
    this.#walk(logical, count, (start, physical, length) => {
      if (physical === undefined) this.#placeNew(start, length, writer);
      else {
        addExtent(this.#node.extents, start, physical, length);
        writer.assign(physical, length);
      }
    });
  }

  #placeNew(logical: number, count: number, writer: BlockWriter): void {
    const { extents } = this.#node;
    let at = logical;
    this.#find(logical, count, (first, run) => {
      addExtent(extents, at, first, run);
      writer.assign(first, run);
      at += run;
    });
  }

  /** Blocks for a part that had none: behind what the file has, if that can be. */
  #find(logical: number, count: number, give: (start: number, length: number) => void): void {
    const { allocator, dense, units } = this.#places;
    const last = this.#node.extents.at(-1);
    const after = last && last.physical + last.length;
    if (this.#blocks >= unitBlocks && logical % unitBlocks === 0) {
      units.place(count, after, Math.ceil((this.#blocks - logical) / unitBlocks), give);
      return;
    }
    const behind = after === undefined ? 0 : allocator.freeFrom(after, count);
    if (behind > 0) {
      allocator.take(after!, behind);
      give(after!, behind);
    }
    if (behind < count) dense.place(count - behind, give);
  }

  /** Cuts a part of the file where kept blocks begin and end. */
  #walk(
    logical: number,
    count: number,
    visit: (logical: number, physical: number | undefined, length: number) => void,
  ): void {
    const end = logical + count;
    for (let at = logical; at < end; ) {
      let extent = this.#kept[this.#next];
      while (extent && extent.logical + extent.length <= at) extent = this.#kept[++this.#next];
      if (!extent || extent.logical >= end) {
        visit(at, undefined, end - at);
        return;
      }
      const inside = at - extent.logical;
      const length = inside < 0 ? -inside : Math.min(extent.length - inside, end - at);
      visit(at, inside < 0 ? undefined : extent.physical + inside, length);
      at += length;
    }
  }
}

function readFully(
  node: Node,
  opened: OpenContent,
  buffer: Uint8Array,
  at: number,
  length: number,
  position: number,
): void {
  for (let done = 0; done < length; ) {
    const read = opened.read(buffer.subarray(at + done, at + length), position + done);
    if (read === 0)
      throw new DiskImageError(
        `${shown(node.path)} was said to have ${node.size} bytes and ended after ${position + done}: it must not change while it is read`,
      );
    done += read;
  }
}

/** Tells where data goes on from a position: the position itself outside of holes. */
function dataRanges(opened: OpenContent): (position: number) => number {
  const ranges = opened.ranges?.()[Symbol.iterator]();
  if (!ranges) return (position) => position;
  let range = ranges.next();
  return (position) => {
    while (!range.done && range.value.start + range.value.length <= position) range = ranges.next();
    return range.done ? Number.POSITIVE_INFINITY : Math.max(position, range.value.start);
  };
}

/** Has what mkswap writes at the end of the first page. */
function isSwap(buffer: Uint8Array, at: number, length: number): boolean {
  if (length < blockSize) return false;
  const start = at + blockSize - swapMark.length;
  for (let index = 0; index < swapMark.length; index++)
    if (buffer[start + index] !== swapMark.charCodeAt(index)) return false;
  return true;
}

const swapMark = 'SWAPSPACE2';
