import { FilesystemFullError } from './filesystem-full.ts';

/**
 * Blocks that belong together for whoever stores images in pieces: 64 KiB, at multiples of 64 KiB. Large files start
 * at one, so that the same file gives the same pieces wherever it is.
 */
export const unitBlocks = 16;

/** A run of a large file's units is looked for that is at least so long, if it has that much left: 8 MiB. */
const goodRun = 128;

/** The filesystem's map of used blocks, in the form that its block bitmaps have, and who may have which block. */
export class Allocator {
  /** One bit a block, lowest bit first. */
  readonly map: Uint8Array;
  readonly #blocks: number;
  /** The same memory a unit at a time; zero is a free one. */
  readonly #units: Uint16Array;
  #free: number;
  /** No free unit is in front of it. */
  #firstFreeUnit = 0;
  /** No free block is in front of it. */
  #firstFreeBlock = 0;
  /** Where the next large file is looked for a place. */
  #nextRun = 0;

  constructor(blocks: number) {
    this.#blocks = blocks;
    const units = Math.ceil(blocks / unitBlocks);
    this.map = new Uint8Array(units * 2);
    this.#units = new Uint16Array(this.map.buffer);
    this.#free = blocks;
    for (let block = blocks; block < units * unitBlocks; block++) this.#set(block);
  }

  get free(): number {
    return this.#free;
  }

  isFree(block: number): boolean {
    return block < this.#blocks && (this.map[block >>> 3]! & (1 << (block & 7))) === 0;
  }

  /** Takes exactly these blocks when all are free; else none. */
  reserve(start: number, length: number): boolean {
    for (let block = start; block < start + length; block++) if (!this.isFree(block)) return false;
    this.take(start, length);
    return true;
  }

  /** Takes blocks that are known to be free. */
  take(start: number, length: number): void {
    const end = start + length;
    let block = start;
    for (; block < end && block % unitBlocks !== 0; block++) this.#set(block);
    if (end - block >= unitBlocks) {
      const whole = Math.floor((end - block) / unitBlocks);
      const unit = block / unitBlocks;
      this.#units.fill(0xffff, unit, unit + whole);
      block += whole * unitBlocks;
    }
    for (; block < end; block++) this.#set(block);
    this.#free -= length;
  }

  release(start: number, length: number): void {
    for (let block = start; block < start + length; block++) this.map[block >>> 3]! &= ~(1 << (block & 7));
    this.#free += length;
    this.#firstFreeBlock = Math.min(this.#firstFreeBlock, start);
    this.#firstFreeUnit = Math.min(this.#firstFreeUnit, Math.floor(start / unitBlocks));
  }

  /** How many blocks from here on are free, up to `most`. */
  freeFrom(block: number, most: number): number {
    let count = 0;
    while (count < most && this.isFree(block + count)) count++;
    return count;
  }

  /** The lowest free unit's number, or undefined. Nothing is taken. */
  lowestUnit(): number | undefined {
    const units = this.#units;
    while (this.#firstFreeUnit < units.length && units[this.#firstFreeUnit] !== 0) this.#firstFreeUnit++;
    return this.#firstFreeUnit < units.length ? this.#firstFreeUnit : undefined;
  }

  /**
   * First of a run of free units for a file that has `wanted` of them left: the next good one behind the last, so
   * that one file after the other is found a place quickly, and when there is none the next best.
   */
  unitRun(wanted: number): number | undefined {
    for (let least = Math.min(wanted, goodRun); least >= 1; least = Math.floor(least / 2)) {
      const found =
        this.#findRun(least, this.#nextRun, this.#units.length) ??
        this.#findRun(least, 0, Math.min(this.#nextRun + least, this.#units.length));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  isFreeUnit(unit: number): boolean {
    return this.#units[unit] === 0;
  }

  /** Large files are placed from here on. */
  continueAt(unit: number): void {
    this.#nextRun = unit;
  }

  /** The lowest free blocks, as few as there are together but at most `most`. @throws FilesystemFullError when none is left */
  lowestBlocks(most: number): { readonly start: number; readonly length: number } {
    let block = this.#firstFreeBlock;
    while (block < this.#blocks && !this.isFree(block))
      block += this.map[block >>> 3] === 0xff ? 8 - (block & 7) : 1;
    this.#firstFreeBlock = block;
    if (block >= this.#blocks) throw new FilesystemFullError('blocks', most);
    const length = this.freeFrom(block, most);
    this.take(block, length);
    return { start: block, length };
  }

  #findRun(least: number, from: number, to: number): number | undefined {
    const units = this.#units;
    for (let unit = from, length = 0; unit < to; unit++) {
      length = units[unit] === 0 ? length + 1 : 0;
      if (length === least) return unit - least + 1;
    }
    return undefined;
  }

  #set(block: number): void {
    this.map[block >>> 3]! |= 1 << (block & 7);
  }
}
