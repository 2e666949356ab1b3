import { readSync, writeSync } from 'node:fs';
import type { ChildAnswers, ChildMessage } from './messages.ts';

/**
 * A child's way to its parent: lines of JSON on standard output, answers on standard input. Everything waits, since Ruby
 * in WebAssembly cannot be left half-way through a call.
 */
export class ParentLine {
  #rest = Buffer.alloc(0);

  /** The next line from the parent. */
  read(): unknown {
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      if (end >= 0) {
        const line = this.#rest.toString('utf8', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return JSON.parse(line);
      }
      const chunk = Buffer.allocUnsafe(65_536);
      const count = readSync(0, chunk);
      if (count === 0) throw new Error('the parent is gone');
      this.#rest = Buffer.concat([this.#rest, chunk.subarray(0, count)]);
    }
  }

  ask<K extends keyof ChildAnswers>(message: ChildMessage & { kind: K }): ChildAnswers[K] {
    this.send(message);
    return this.read() as ChildAnswers[K];
  }

  send(message: ChildMessage): void {
    let bytes = Buffer.from(`${JSON.stringify(message)}\n`);
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
  }
}
