import { type FileHandle, open } from 'node:fs/promises';

const blockSize = 64 * 1024;

/** Writes a file from its start and leaves holes where whole blocks are zero. */
export class SparseWriter {
  readonly #file: FileHandle;
  #position = 0;
  #written = 0;
  #rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Makes the file, which must not exist. */
  static async create(path: string, mode = 0o600): Promise<SparseWriter> {
    return new SparseWriter(await open(path, 'wx', mode));
  }

  async write(chunk: Buffer): Promise<void> {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const whole = bytes.length - (bytes.length % blockSize);
    for (let start = 0; start < whole; ) {
      const isHole = isZero(bytes, start);
      let end = start + blockSize;
      while (end < whole && isZero(bytes, end) === isHole) end += blockSize;
      if (!isHole) await this.#put(bytes.subarray(start, end), this.#position);
      this.#position += end - start;
      start = end;
    }
    // Copied, because a stream may use the chunk's memory again.
    this.#rest = Buffer.from(bytes.subarray(whole));
  }

  /** Leaves a hole. */
  async skip(length: number): Promise<void> {
    await this.#put(this.#rest, this.#position);
    this.#position += this.#rest.length + length;
    this.#rest = Buffer.alloc(0);
  }

  /** Bytes that were written and are no hole, but for those that still wait for the rest of their block. */
  get written(): number {
    return this.#written;
  }

  /** Writes what is left, sets the length, syncs and closes. */
  async finish(): Promise<number> {
    try {
      await this.#put(this.#rest, this.#position);
      const size = this.#position + this.#rest.length;
      await this.#file.truncate(size);
      await this.#file.sync();
      return size;
    } finally {
      await this.#file.close();
    }
  }

  /** Closes without finishing. */
  async abandon(): Promise<void> {
    await this.#file.close();
  }

  async #put(bytes: Buffer, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
      this.#written += bytesWritten;
    }
  }
}

const zeros = Buffer.alloc(blockSize);

function isZero(bytes: Buffer, start: number): boolean {
  return bytes.compare(zeros, 0, blockSize, start, start + blockSize) === 0;
}
