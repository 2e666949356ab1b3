/** No mark is longer than this behind its token. */
const longestMark = 64;

/**
 * Takes an agent's stream apart (agent-script.ts): raw bytes of the command, and marks that only the agent can make.
 * What comes before the mark `b` belongs to an earlier session and is thrown away; a mark `r` of such a session is told.
 */
export class MarkSplitter {
  readonly #start: Buffer;
  readonly #onData: (bytes: Buffer) => void;
  readonly #onMark: (words: readonly string[]) => void;
  readonly #onForeign: () => void;
  #held = Buffer.alloc(0);
  #begun = false;

  constructor(
    token: string,
    onData: (bytes: Buffer) => void,
    onMark: (words: readonly string[]) => void,
    onForeign: () => void = () => {},
  ) {
    this.#start = Buffer.concat([Buffer.of(255), Buffer.from(`${token} `)]);
    this.#onData = onData;
    this.#onMark = onMark;
    this.#onForeign = onForeign;
  }

  push(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    for (;;) {
      const at = this.#findStart(rest);
      if (at < 0) {
        this.#give(rest);
        return;
      }
      this.#give(rest.subarray(0, at));
      const inner = rest.subarray(at);
      const end = inner.indexOf(10);
      const whole = inner.length >= this.#start.length;
      if (whole && end >= 0 && end <= this.#start.length + longestMark) {
        const words = inner.toString('latin1', this.#start.length, end).split(' ');
        if (words[0] === 'b') this.#begun = true;
        else this.#onMark(words);
        rest = inner.subarray(end + 1);
      } else if (inner.length > this.#start.length + longestMark) {
        // Nobody but the agent knows the token, and its marks are short.
        this.#give(inner.subarray(0, this.#start.length));
        rest = inner.subarray(this.#start.length);
      } else {
        this.#held = Buffer.from(inner);
        return;
      }
    }
  }

  /** The stream is over: what looked like the beginning of a mark was none. */
  end(): void {
    this.#give(this.#held);
    this.#held = Buffer.alloc(0);
  }

  #give(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#begun) this.#onData(bytes);
    else if (foreignReady.test(bytes.toString('latin1'))) this.#onForeign();
  }

  /** Where a mark begins, or may begin at the very end; -1 for nowhere. */
  #findStart(bytes: Buffer): number {
    for (let at = bytes.indexOf(255); at >= 0; at = bytes.indexOf(255, at + 1)) {
      const length = Math.min(this.#start.length, bytes.length - at);
      if (bytes.compare(this.#start, 0, length, at, at + length) === 0) return at;
    }
    return -1;
  }
}

/** Written in one piece, and read in one: such writes are single buffers of the port. */
const foreignReady = /\xff[0-9a-f]{32} r\n/;
