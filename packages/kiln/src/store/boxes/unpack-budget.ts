import { KilnError } from '../../base/errors.ts';
import { formatSize } from '../../base/sizes.ts';

/** What a box may cost at most. Sizes in bytes. */
export interface UnpackLimits {
  /** Left free on the disk. */
  readonly reserve: number;
  /** What unpacking may give out: so much in any case, and so much for each byte of the box. */
  readonly expanded: number;
  readonly ratio: number;
  readonly members: number;
}

/**
 * Boxes compress well, because disks are empty for the most part: the bound is to end what would unpack zeros for hours,
 * not to judge a box. What is written is bounded by the room that there is.
 */
export const usualLimits: UnpackLimits = {
  reserve: 256 << 20,
  expanded: 16 * 2 ** 30,
  ratio: 200,
  members: 100_000,
};

/** Counts what a box costs, and ends it when it is too much. */
export class UnpackBudget {
  readonly #archive: string;
  readonly #limits: UnpackLimits;
  readonly #mostExpanded: number;
  #free: number;
  #expanded = 0;
  #members = 0;

  constructor(of: {
    readonly archive: string;
    /** Of the box file. */
    readonly size: number;
    /** Room on the disk. */
    readonly free: number;
    readonly limits: UnpackLimits;
  }) {
    this.#archive = of.archive;
    this.#limits = of.limits;
    this.#mostExpanded = of.limits.expanded + of.limits.ratio * of.size;
    this.#free = of.free - of.limits.reserve;
  }

  /** Bytes came out of the decompressor. @throws KilnError `file-unsafe` */
  expand(bytes: number): void {
    this.#expanded += bytes;
    if (this.#expanded <= this.#mostExpanded) return;
    throw new KilnError(
      'file-unsafe',
      `${this.#archive} is not unpacked further: more than ${formatSize(this.#mostExpanded)} came out of it`,
      { hint: 'a box that small cannot hold so much but in bad faith; get it from somebody you trust' },
    );
  }

  /** Bytes went to the disk. @throws KilnError `disk-full` */
  write(bytes: number): void {
    this.#free -= bytes;
    if (this.#free >= 0) return;
    throw new KilnError('disk-full', `there is no room to unpack ${this.#archive}`, {
      hint: 'free some space, or point VAGRANT_HOME at a larger disk',
    });
  }

  /** @throws KilnError `file-unsafe` */
  member(): void {
    this.#members++;
    if (this.#members <= this.#limits.members) return;
    throw new KilnError('file-unsafe', `${this.#archive} holds more than ${this.#limits.members} files`, {
      hint: 'get the box from somebody you trust',
    });
  }
}
