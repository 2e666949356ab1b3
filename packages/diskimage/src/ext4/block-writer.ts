import type { BlockTarget } from './block-target.ts';
import { blockSize } from './ext4-format.ts';

/** Best smaller than the processor's cache: data is copied out of it soon after it was copied in. */
const bufferSize = 1024 * 1024;

/**
 * Collects blocks that are neighbours on disk and writes them together. Files are read straight into its buffer.
 * Blocks of zeros are left out.
 */
export class BlockWriter {
  /** What is collected: files are read straight into it. */
  readonly buffer = new Uint8Array(bufferSize);
  readonly #target: BlockTarget;
  /** What waits to be written is between these, as offsets in the buffer, and belongs to `#block` on. */
  #start = 0;
  #end = 0;
  #block = 0;

  constructor(target: BlockTarget) {
    this.#target = target;
  }

  /** Where the next bytes can be put in the buffer, with at least so much room behind it. */
  room(length: number): number {
    if (this.#end + length > this.buffer.length) {
      this.flush();
      this.#start = 0;
      this.#end = 0;
    }
    return this.#end;
  }

  /** Bytes of room at the moment. */
  get free(): number {
    return this.buffer.length - this.#end;
  }

  /** The next `count` blocks of the buffer belong to `block` on. */
  assign(block: number, count: number): void {
    if (this.#start === this.#end) this.#block = block;
    else if (this.#block + (this.#end - this.#start) / blockSize !== block) {
      this.flush();
      this.#block = block;
    }
    this.#end += count * blockSize;
  }

  /** The next `count` blocks of the buffer are not needed. */
  skip(count: number): void {
    this.flush();
    this.#end += count * blockSize;
    this.#start = this.#end;
  }

  /** Writes whole blocks from elsewhere. */
  put(block: number, bytes: Uint8Array): void {
    if (bytes.length > this.buffer.length) {
      writeBlocks(this.#target, block, bytes);
      return;
    }
    const at = this.room(bytes.length);
    this.buffer.set(bytes, at);
    this.assign(block, bytes.length / blockSize);
  }

  flush(): void {
    if (this.#end > this.#start)
      writeBlocks(this.#target, this.#block, this.buffer.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}

/** Writes whole blocks, but for those of zeros. */
export function writeBlocks(target: BlockTarget, block: number, bytes: Uint8Array): void {
  let from = 0;
  for (let at = 0; at < bytes.length; at += blockSize) {
    if (!isZero(bytes, at, at + blockSize)) continue;
    if (at > from) target.write(bytes.subarray(from, at), block * blockSize + from);
    from = at + blockSize;
  }
  if (bytes.length > from) target.write(bytes.subarray(from), block * blockSize + from);
}

/** Whether a part is nothing but zeros; at most 64 KiB. */
export function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  // Hardly any data starts with so many, and the comparison costs a call.
  for (let at = from; at < from + 16 && at < to; at++) if (bytes[at] !== 0) return false;
  return Buffer.compare(bytes.subarray(from, to), zeros.subarray(0, to - from)) === 0;
}

const zeros = Buffer.alloc(64 * 1024);
