/** A fixed number of buffers of one size, so that what works on data cannot take more memory than they are. */
export class BufferPool {
  readonly #size: number;
  readonly #free: Uint8Array[] = [];
  readonly #waiting: ((buffer: Uint8Array) => void)[] = [];
  #left: number;

  constructor(count: number, size: number) {
    this.#left = count;
    this.#size = size;
  }

  get hasFree(): boolean {
    return this.#free.length > 0 || this.#left > 0;
  }

  /** Resolves when there is a free one. What is in it is left over from its last use. */
  async take(): Promise<Uint8Array> {
    const free = this.#free.pop();
    if (free) return free;
    if (this.#left > 0) {
      this.#left--;
      return Buffer.allocUnsafeSlow(this.#size);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(buffer: Uint8Array): void {
    const next = this.#waiting.shift();
    if (next) next(buffer);
    else this.#free.push(buffer);
  }
}
