import { type Allocator, unitBlocks } from './allocator.ts';
import { longestExtent } from './ext4-format.ts';
import type { Extent } from './layout.ts';

/** Told of blocks that were given out, in order. */
export type Give = (start: number, length: number) => void;

/** Gives out blocks one behind the other, in units that nothing else is in, for what is smaller than a unit. */
export class DensePlaces {
  readonly #allocator: Allocator;
  #next: number | undefined;

  constructor(allocator: Allocator) {
    this.#allocator = allocator;
  }

  /** What comes next starts a unit of its own. */
  startUnit(): void {
    this.#next = undefined;
  }

  /** Up to a unit together, more in several runs if it must be. @throws FilesystemFullError */
  place(count: number, give: Give): void {
    for (let left = count; left > 0; ) {
      const together = Math.min(left, unitBlocks);
      const start = this.#roomFor(together);
      if (start === undefined) {
        const found = this.#allocator.lowestBlocks(left);
        give(found.start, found.length);
        left -= found.length;
        continue;
      }
      this.#allocator.take(start, together);
      give(start, together);
      this.#next = start + together;
      left -= together;
    }
  }

  #roomFor(count: number): number | undefined {
    if (this.#next !== undefined && this.#fitsAt(this.#next, count)) return this.#next;
    const unit = this.#allocator.lowestUnit();
    return unit === undefined ? undefined : unit * unitBlocks;
  }

  /** In what is left of a unit; over its end only into one where nothing else is. */
  #fitsAt(start: number, count: number): boolean {
    const boundary = Math.ceil(start / unitBlocks) * unitBlocks;
    const inside = Math.min(count, boundary - start);
    if (inside < count && !this.#allocator.isFreeUnit(boundary / unitBlocks)) return false;
    return this.#allocator.freeFrom(start, inside) === inside;
  }
}

/** Gives the blocks of one large file whole units, so that blocks of the file and of units keep step. */
export class UnitPlaces {
  readonly #allocator: Allocator;
  readonly #otherwise: DensePlaces;

  /** `otherwise` is asked when no whole unit is left. */
  constructor(allocator: Allocator, otherwise: DensePlaces) {
    this.#allocator = allocator;
    this.#otherwise = otherwise;
  }

  /**
   * @param count blocks that are wanted now, at most a unit of them
   * @param after the block behind the file's last one, if it has one
   * @param ahead units that the file may still want, this one included
   */
  place(count: number, after: number | undefined, ahead: number, give: Give): void {
    const unit = this.#follows(after) ?? this.#allocator.unitRun(ahead);
    if (unit === undefined) {
      this.#otherwise.place(count, give);
      return;
    }
    this.#allocator.take(unit * unitBlocks, count);
    this.#allocator.continueAt(unit + 1);
    give(unit * unitBlocks, count);
  }

  #follows(after: number | undefined): number | undefined {
    if (after === undefined || after % unitBlocks !== 0) return undefined;
    return this.#allocator.isFreeUnit(after / unitBlocks) ? after / unitBlocks : undefined;
  }
}

/** Appends blocks to a file's extents, which are in logical order. */
export function addExtent(extents: Extent[], logical: number, physical: number, length: number): void {
  const last = extents.at(-1);
  if (
    last &&
    last.logical + last.length === logical &&
    last.physical + last.length === physical &&
    last.length + length <= longestExtent
  )
    extents[extents.length - 1] = { ...last, length: last.length + length };
  else extents.push({ logical, physical, length });
}
