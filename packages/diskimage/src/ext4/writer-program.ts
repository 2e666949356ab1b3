/** What the thread of a ThreadTarget and its caller share. Each counter is an array of one, for Atomics. */
export interface Shared {
  readonly fd: number;
  /** Writes handed over so far, and done so far. Both only grow. */
  readonly submitted: Int32Array;
  readonly completed: Int32Array;
  readonly state: Int32Array;
  /** Number of the system's error of the first write that failed; 0: none. */
  readonly failure: Int32Array;
  /** A ring of writes: where in `memory`, how many bytes, where in the file. */
  readonly starts: Float64Array;
  readonly lengths: Float64Array;
  readonly positions: Float64Array;
  readonly memory: Uint8Array;
}

/** Whether the thread has begun; `ended` tells it to end, or not to begin. */
export const states = { waiting: 0, begun: 1, ended: 2 } as const;

/** The thread's program as text: it needs no file of its own then, when all of this is bundled into one. */
export const writerProgram = `(${writeAll})(require('node:worker_threads').workerData, require('node:fs').writeSync, ${JSON.stringify(states)})`;

/** Must refer to nothing outside of itself. */
function writeAll(
  shared: Shared,
  writeSync: (fd: number, bytes: Uint8Array, offset: number, length: number, position: number) => number,
  names: typeof states,
): void {
  const { fd, submitted, completed, state, failure, starts, lengths, positions, memory } = shared;
  if (Atomics.compareExchange(state, 0, names.waiting, names.begun) !== names.waiting) return;
  for (let done = 0; ; ) {
    while (Atomics.load(submitted, 0) === done) {
      if (Atomics.load(state, 0) === names.ended) return;
      Atomics.wait(submitted, 0, done, 1000);
    }
    const row = done % starts.length;
    const start = starts[row] ?? 0;
    const length = lengths[row] ?? 0;
    try {
      // After a failure the rest is only counted, so that nobody waits for it.
      for (let written = 0; written < length && Atomics.load(failure, 0) === 0; )
        written += writeSync(fd, memory, start + written, length - written, (positions[row] ?? 0) + written);
    } catch (error) {
      const { errno } = error as { errno?: number };
      Atomics.store(failure, 0, errno ?? -5);
    }
    done++;
    Atomics.store(completed, 0, done);
    // Waking somebody takes longer than most writes.
    if (done % 32 === 0 || Atomics.load(submitted, 0) === done) Atomics.notify(completed, 0);
  }
}
