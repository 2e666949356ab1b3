import { deflate, deflateRaw, zstdCompress } from 'node:zlib';
import type { Compression } from './compression.ts';
import { CompressionThreads } from './compression-threads.ts';

type Method = (
  bytes: Uint8Array,
  options: Compression['options'],
  done: (error: Error | null, result: Uint8Array) => void,
) => void;
const methods = { deflate, deflateRaw, zstdCompress } as Readonly<Record<Compression['method'], Method>>;

/** Less data than this is compressed sooner than threads have started. Bytes. */
const worthThreads = 16 << 20;

/**
 * Compresses units of a disk, several at once: the first ones in Node's thread pool, more in threads of its own. What comes
 * of a unit is the same either way.
 */
export class Compressor {
  readonly unit: number;
  readonly #compression: Compression;
  #threads: CompressionThreads | undefined;
  #seen = 0;

  /** @param unit bytes of each unit */
  constructor(compression: Compression, unit: number) {
    this.#compression = compression;
    this.unit = unit;
  }

  /** What comes of each of the units that are behind each other in `units`. */
  async compress(units: Uint8Array): Promise<Uint8Array[]> {
    this.#seen += units.length;
    if (this.#seen > worthThreads) {
      this.#threads ??= new CompressionThreads(this.#compression, this.unit);
      return this.#threads.compress(units);
    }
    const results: Promise<Uint8Array>[] = [];
    for (let at = 0; at < units.length; at += this.unit)
      results.push(this.#inPool(units.subarray(at, at + this.unit)));
    return Promise.all(results);
  }

  #inPool(bytes: Uint8Array): Promise<Uint8Array> {
    const { method, options } = this.#compression;
    return new Promise((resolve, reject) => {
      methods[method](bytes, options, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }

  /** Ends the threads; what they have not finished is lost. */
  async close(): Promise<void> {
    await this.#threads?.close();
  }
}
