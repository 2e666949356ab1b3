import { writeSync } from 'node:fs';
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { BlockTarget } from './block-target.ts';
import { type Shared, states, writerProgram } from './writer-program.ts';

/** Pieces of memory: one is filled while the others wait for the disk. */
const pieces = 8;
const pieceSize = 1024 * 1024;
/** Writes that may wait at once. */
const rows = 4096;
/** Milliseconds after which a thread that has not even started is given up. */
const patience = 10_000;

/**
 * The same as `fileTarget`, with a thread that writes while the caller reads on. It takes a moment to start, best while
 * the tree is scanned. The thread ends with `finish`, which `writeExt4` calls; dispose of the target where that may not
 * be reached.
 */
export function threadTarget(fd: number, offset = 0): BlockTarget & Disposable {
  return new ThreadTarget(fd, offset);
}

class ThreadTarget implements BlockTarget, Disposable {
  readonly #shared: Shared;
  readonly #offset: number;
  #piece = 0;
  /** By piece: how many writes had been submitted with the last one out of it. */
  readonly #lastUse = new Array<number>(pieces).fill(0);
  #submitted = 0;
  /** There is no thread, or no longer. */
  #isAlone = false;

  constructor(fd: number, offset: number) {
    const counters = new Int32Array(new SharedArrayBuffer(4 * 4));
    this.#shared = {
      fd,
      submitted: counters.subarray(0, 1),
      completed: counters.subarray(1, 2),
      state: counters.subarray(2, 3),
      failure: counters.subarray(3, 4),
      starts: new Float64Array(new SharedArrayBuffer(rows * 8)),
      lengths: new Float64Array(new SharedArrayBuffer(rows * 8)),
      positions: new Float64Array(new SharedArrayBuffer(rows * 8)),
      memory: new Uint8Array(new SharedArrayBuffer(pieces * pieceSize)),
    };
    this.#offset = offset;
    const worker = new Worker(writerProgram, { eval: true, workerData: this.#shared });
    worker.unref();
    // One that cannot start is given up when it is waited for.
    worker.on('error', () => {});
  }

  memory(): Uint8Array {
    this.#submit();
    this.#piece = (this.#piece + 1) % pieces;
    this.#waitFor(this.#lastUse[this.#piece]!);
    const start = this.#piece * pieceSize;
    return this.#shared.memory.subarray(start, start + pieceSize);
  }

  write(bytes: Uint8Array, position: number): void {
    const { memory, starts, lengths, positions } = this.#shared;
    // Somebody else's memory may change at once. Nothing is written twice, so the order is free.
    if (this.#isAlone || bytes.buffer !== memory.buffer) {
      this.#writeNow(bytes, this.#offset + position);
      return;
    }
    this.#waitFor(this.#submitted + 1 - rows);
    const row = this.#submitted % rows;
    starts[row] = bytes.byteOffset;
    lengths[row] = bytes.length;
    positions[row] = this.#offset + position;
    this.#submitted++;
    this.#lastUse[Math.floor(bytes.byteOffset / pieceSize)] = this.#submitted;
  }

  finish(): void {
    this.#waitFor(this.#submitted);
    this[Symbol.dispose]();
    const errno = Atomics.load(this.#shared.failure, 0);
    if (errno !== 0)
      throw Object.assign(new Error(`${getSystemErrorName(errno)}: ${getSystemErrorMessage(errno)}, write`), {
        errno,
        code: getSystemErrorName(errno),
        syscall: 'write',
      });
  }

  [Symbol.dispose](): void {
    const { state, submitted } = this.#shared;
    this.#isAlone = true;
    Atomics.store(state, 0, states.ended);
    Atomics.notify(submitted, 0);
  }

  /** Tells the thread of new writes: not of each, since waking it takes longer than most of them. */
  #submit(): void {
    const { submitted } = this.#shared;
    if (Atomics.load(submitted, 0) === this.#submitted) return;
    Atomics.store(submitted, 0, this.#submitted);
    Atomics.notify(submitted, 0);
  }

  /** Waits until so many writes are done. */
  #waitFor(count: number): void {
    const { completed } = this.#shared;
    if (Atomics.load(completed, 0) >= count) return;
    this.#submit();
    for (;;) {
      const done = Atomics.load(completed, 0);
      if (done >= count || this.#isAlone) return;
      if (Atomics.wait(completed, 0, done, patience) === 'timed-out') this.#takeOver();
    }
  }

  /** Does what the thread should have done, if it never began. */
  #takeOver(): void {
    const { state, starts, lengths, positions, memory } = this.#shared;
    if (Atomics.compareExchange(state, 0, states.waiting, states.ended) !== states.waiting) return;
    this.#isAlone = true;
    for (let row = 0; row < this.#submitted; row++) {
      const start = starts[row]!;
      this.#writeNow(memory.subarray(start, start + lengths[row]!), positions[row]!);
    }
  }

  #writeNow(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.#shared.fd, bytes, done, bytes.length - done, position + done);
  }
}
