import { randomFillSync } from 'node:crypto';
import type { InputRecorder } from '../../files/input-recorder.ts';
import type { ProjectFiles } from '../../files/project-files.ts';
import { DescriptorTable } from './descriptors.ts';
import { fileCalls } from './file-calls.ts';
import { Errno, WasiError } from './wasi-codes.ts';
import { WasiMemory } from './wasi-memory.ts';

export type WasiCall = (...args: never[]) => number;

/** Thrown through the program in WebAssembly: it ends there and then. */
export class Contained extends Error {}

export interface WasiHostOptions {
  readonly files: ProjectFiles;
  readonly inputs: InputRecorder;
  /** What was written to the channel, as soon as its answer is read. */
  readonly answer: (request: string) => string;
  readonly print: (stream: 'stdout' | 'stderr', bytes: Buffer) => void;
}

/**
 * The system that a program in WebAssembly sees: WASI preview 1 with files from `ProjectFiles`, no network, no processes.
 * Node's own WASI is not used: it gives no control over files, and its documentation says that it is no protection.
 */
export class WasiHost {
  readonly memory = new WasiMemory();
  readonly #options: WasiHostOptions;
  readonly #descriptors: DescriptorTable;
  /** False while the image is made: then neither time nor chance has anything to do with the result. */
  recording = true;

  constructor(options: WasiHostOptions) {
    this.#options = options;
    const copy = (bytes: Buffer) => Buffer.from(bytes);
    this.#descriptors = new DescriptorTable({
      out: (bytes) => options.print('stdout', copy(bytes)),
      error: (bytes) => options.print('stderr', copy(bytes)),
    });
  }

  /** The calls by name. What the program imports besides these is answered with "not implemented". */
  get calls(): Record<string, WasiCall> {
    const calls: Record<string, WasiCall> = {
      ...fileCalls({ memory: this.memory, table: this.#descriptors, ...this.#options }),
      ...this.#processCalls(),
    };
    return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, answering(call)]));
  }

  #processCalls(): Record<string, WasiCall> {
    const { memory } = this;
    return {
      // The environment comes over the channel: what is in memory here would end up in the image.
      environ_sizes_get: (count: number, size: number) => {
        memory.u32(count, 0);
        memory.u32(size, 0);
        return Errno.success;
      },
      environ_get: () => Errno.success,
      args_sizes_get: (count: number, size: number) => {
        memory.u32(count, 0);
        memory.u32(size, 0);
        return Errno.success;
      },
      args_get: () => Errno.success,
      clock_res_get: (_clock: number, result: number) => {
        memory.u64(result, 1000n);
        return Errno.success;
      },
      clock_time_get: (clock: number, _precision: bigint, result: number) => {
        if (!this.recording) {
          memory.u64(result, 1_000_000_000n);
          return Errno.success;
        }
        // Only this one tells what time it is. The others Ruby asks for its own ends, such as in long searches of texts.
        if (clock === 0) this.#options.inputs.sawSomethingFleeting('the time');
        const now = clock === 0 ? performance.timeOrigin + performance.now() : performance.now();
        memory.u64(result, BigInt(Math.round(now * 1000)) * 1000n);
        return Errno.success;
      },
      random_get: (pointer: number, length: number) => {
        if (this.recording) {
          this.#options.inputs.sawSomethingFleeting('random numbers');
          randomFillSync(memory.bytes, pointer >>> 0, length);
        } else {
          memory.bytes.fill(7, pointer >>> 0, (pointer >>> 0) + length);
        }
        return Errno.success;
      },
      poll_oneoff: (subscriptions: number, events: number, count: number, result: number) =>
        this.#wait(subscriptions, events, count, result),
      sched_yield: () => Errno.success,
      proc_exit: (code: number) => {
        throw new Contained(`Ruby ended itself with ${code}`);
      },
    };
  }

  /** Sleeps as long as the first subscription to a clock says; other things are ready at once. */
  #wait(subscriptions: number, events: number, count: number, result: number): number {
    const { memory } = this;
    const { view } = memory;
    for (let index = 0; index < count; index++) {
      const from = (subscriptions >>> 0) + index * 48;
      const to = (events >>> 0) + index * 32;
      const type = view.getUint8(from + 8);
      if (type === 0) {
        const timeout = view.getBigUint64(from + 24, true);
        const isAbsolute = (view.getUint16(from + 40, true) & 1) === 1;
        const now = BigInt(
          Math.round((view.getUint32(from + 16, true) === 0 ? Date.now() : performance.now()) * 1e6),
        );
        const nanoseconds = isAbsolute ? timeout - now : timeout;
        const milliseconds = Number(nanoseconds > 0n ? nanoseconds : 0n) / 1e6;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.min(milliseconds, 2 ** 31));
      }
      memory.u64(to, view.getBigUint64(from, true));
      memory.u16(to + 8, 0);
      memory.u8(to + 10, type);
    }
    memory.u32(result, count);
    return Errno.success;
  }
}

function answering(call: WasiCall): WasiCall {
  return (...args) => {
    try {
      return call(...args);
    } catch (error) {
      if (error instanceof WasiError) return error.errno;
      throw error;
    }
  };
}
