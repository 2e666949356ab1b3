/** Random numbers that are the same in each run of a test. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits: the generator mulberry32. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from 0, below the limit. */
  below(limit: number): number {
    return Math.floor((this.bits() / 2 ** 32) * limit);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** A whole number of up to so many bits, of either sign. */
  bigint(bits: number): bigint {
    let value = 0n;
    const wanted = this.below(bits) + 1;
    for (let have = 0; have < wanted; have += 32) value = (value << 32n) | BigInt(this.bits());
    value &= (1n << BigInt(wanted)) - 1n;
    return this.below(2) === 0 ? value : -value;
  }

  /** A double of any size. */
  double(): number {
    const view = new DataView(new ArrayBuffer(8));
    do {
      view.setUint32(0, this.bits());
      view.setUint32(4, this.bits());
    } while (!Number.isFinite(view.getFloat64(0)));
    return view.getFloat64(0);
  }
}
