import type { OutputFile } from '../write/output-file.ts';

const bufferSize = 1 << 20;

/** Gathers compressed clusters that lie behind each other, so that few large writes are made of many small ones. */
export class PackedStream {
  readonly #output: OutputFile;
  #buffer = Buffer.allocUnsafeSlow(bufferSize);
  #start = 0;
  #length = 0;

  constructor(output: OutputFile) {
    this.#output = output;
  }

  async write(bytes: Uint8Array, place: number): Promise<void> {
    if (place !== this.#start + this.#length || this.#length + bytes.length > bufferSize) {
      await this.flush();
      this.#start = place;
    }
    if (bytes.length > bufferSize) return this.#output.write(bytes, place);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  async flush(): Promise<void> {
    if (this.#length > 0) await this.#output.write(this.#buffer.subarray(0, this.#length), this.#start);
    this.#start += this.#length;
    this.#length = 0;
  }
}
