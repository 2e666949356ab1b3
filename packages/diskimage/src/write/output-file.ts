import { type FileHandle, open, rm } from 'node:fs/promises';

/** A new file that is written at any place, several writes at once. */
export class OutputFile {
  readonly #file: FileHandle;
  readonly #pending = new Set<Promise<void>>();
  #failure: unknown;
  #hasFailed = false;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Resolves when the bytes are written; until then they must not change. A failure also shows in `settle`. */
  write(bytes: Uint8Array, position: number): Promise<void> {
    const writing = this.#write(bytes, position);
    const tracked = writing
      .catch((error: unknown) => {
        if (!this.#hasFailed) this.#failure = error;
        this.#hasFailed = true;
      })
      .finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
    return writing;
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }

  /** Throws what a write failed of, as soon as one has. */
  check(): void {
    if (this.#hasFailed) throw this.#failure;
  }

  /** Waits for all writes. @throws what the first one failed of */
  async settle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    this.check();
  }

  /** Makes the file end at `size`; what has not been written reads as zeros. */
  async truncate(size: number): Promise<void> {
    await this.#file.truncate(size);
  }

  async close(): Promise<void> {
    await Promise.all(this.#pending);
    await this.#file.close();
  }
}

/**
 * Makes a file at `path` and has `work` fill it. When that fails, the file is removed.
 * @throws Node's `EEXIST` when there is such a file: nothing is ever overwritten
 */
export async function writeNewFile<Result>(
  path: string,
  work: (output: OutputFile) => Promise<Result>,
): Promise<Result> {
  const output = new OutputFile(await open(path, 'wx', 0o666));
  try {
    const result = await work(output);
    await output.settle();
    await output.close();
    return result;
  } catch (error) {
    await output.close().catch(() => {});
    await rm(path, { force: true });
    throw error;
  }
}
