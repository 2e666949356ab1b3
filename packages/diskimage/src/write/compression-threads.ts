import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Compression } from './compression.ts';

/** Each may hold some 70 MB of buffers that V8 has not yet cleared away: enough of them are as fast as most disks. */
const mostThreads = 8;

interface Job {
  /** Units behind each other. */
  readonly units: Uint8Array<ArrayBuffer>;
}

interface JobResult {
  /** Goes back with the result, to be used again. */
  readonly units: Uint8Array<ArrayBuffer>;
  /** What came of the units, behind each other, and how long each is. */
  readonly packed: Uint8Array;
  readonly lengths: readonly number[];
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: { resolve(result: Uint8Array[]): void; reject(reason: unknown): void }[];
}

/**
 * Threads that compress many units at a time. Node's own thread pool takes one unit at a time and hands each back over the
 * main thread, which on a busy machine waits longer for its turn than the compression takes.
 */
export class CompressionThreads {
  readonly #threads: readonly Thread[];
  readonly #spares: ArrayBuffer[] = [];

  constructor(compression: Compression, unit: number) {
    this.#threads = Array.from({ length: Math.min(mostThreads, availableParallelism()) }, () =>
      startThread(compression, unit, this.#spares),
    );
  }

  /** What comes of each unit. `units` is copied. */
  compress(units: Uint8Array): Promise<Uint8Array[]> {
    const [first, ...others] = this.#threads;
    const idlest = others.reduce(
      (best, thread) => (thread.waiting.length < best.waiting.length ? thread : best),
      first!,
    );
    const job: Job = { units: this.#copy(units) };
    return new Promise((resolve, reject) => {
      idlest.waiting.push({ resolve, reject });
      idlest.worker.postMessage(job, [job.units.buffer]);
    });
  }

  #copy(units: Uint8Array): Uint8Array<ArrayBuffer> {
    const spare = this.#spares.pop();
    if (!spare || spare.byteLength < units.length) return new Uint8Array(units);
    const copy = new Uint8Array(spare, 0, units.length);
    copy.set(units);
    return copy;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }
}

function startThread(compression: Compression, unit: number, spares: ArrayBuffer[]): Thread {
  // As text, because this package is also bundled into one file, next to which there is no other.
  const worker = new Worker(`(${threadMain})()`, {
    eval: true,
    execArgv: [],
    name: 'compression',
    workerData: { compression, unit },
  });
  const thread: Thread = { worker, waiting: [] };
  worker.on('message', ({ units, packed, lengths }: JobResult) => {
    spares.push(units.buffer);
    let at = 0;
    thread.waiting.shift()?.resolve(
      lengths.map((length) => {
        at += length;
        return packed.subarray(at - length, at);
      }),
    );
  });
  const fail = (reason: unknown) => {
    for (const { reject } of thread.waiting.splice(0)) reject(reason);
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a thread that compresses ended before its work was done')));
  return thread;
}

/** Runs in the thread, from its own text: nothing outside of it can be used. */
function threadMain(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const zlib = process.getBuiltinModule('node:zlib');
  const { compression, unit } = workerData as { compression: Compression; unit: number };
  const compress = zlib[`${compression.method}Sync`] as (bytes: Uint8Array, options: object) => Uint8Array;
  parentPort!.on('message', ({ units }: Job) => {
    const results: Uint8Array[] = [];
    for (let at = 0; at < units.length; at += unit)
      results.push(compress(units.subarray(at, at + unit), compression.options));
    const lengths = results.map((result) => result.length);
    const packed = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    for (const result of results) {
      packed.set(result, at);
      at += result.length;
    }
    parentPort!.postMessage({ units, packed, lengths } satisfies JobResult, [units.buffer, packed.buffer]);
  });
}
