import { createHash } from 'node:crypto';
import type { OutputFile } from './output-file.ts';

const bufferSize = 1 << 20;

/** Writes bytes one after the other from a place in a file on, and hashes them on the way. */
export class SequentialWriter {
  readonly #output: OutputFile;
  readonly #start: number;
  readonly #hash = createHash('sha256');
  #buffer = Buffer.allocUnsafeSlow(bufferSize);
  #spare = Buffer.allocUnsafeSlow(bufferSize);
  #used = 0;
  #flushed = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(output: OutputFile, start: number) {
    this.#output = output;
    this.#start = start;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#flushed + this.#used;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const part = bytes.subarray(done, done + bufferSize - this.#used);
      this.#buffer.set(part, this.#used);
      this.#used += part.length;
      done += part.length;
      if (this.#used === bufferSize) await this.#flush();
    }
  }

  /** Zeros up to the next multiple of `unit`. */
  async pad(unit: number): Promise<void> {
    await this.write(new Uint8Array((unit - (this.length % unit)) % unit));
  }

  async #flush(): Promise<void> {
    await this.#writing;
    const bytes = this.#buffer.subarray(0, this.#used);
    this.#hash.update(bytes);
    this.#writing = this.#output.write(bytes, this.#start + this.#flushed);
    this.#flushed += bytes.length;
    this.#used = 0;
    [this.#buffer, this.#spare] = [this.#spare, this.#buffer];
  }

  /** Waits until everything is written. @returns SHA-256 of all bytes, in hexadecimal digits */
  async finish(): Promise<string> {
    await this.#flush();
    await this.#writing;
    return this.#hash.digest('hex');
  }
}
