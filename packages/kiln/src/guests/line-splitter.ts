import { StringDecoder } from 'node:string_decoder';

/** Text longer than this without a line end is given out in pieces, so that no stream can fill the memory. */
const longestLine = 1 << 20;

/**
 * Turns chunks of UTF-8 bytes into whole lines. Characters may be cut by a chunk's border. A line ends with LF or
 * CRLF; of text that was overwritten with a lone CR, as progress bars do, only the last state is given.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const text = this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (!text.includes('\n')) {
      this.#rest += text;
    } else {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop()!;
      for (const line of lines) this.#onLine(visible(line));
    }
    if (this.#rest.length > longestLine) {
      this.#onLine(visible(this.#rest));
      this.#rest = '';
    }
  }

  /** Gives out a last line that has no line end. */
  end(): void {
    const last = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (last !== '') this.#onLine(visible(last));
  }
}

function visible(line: string): string {
  const withoutEnd = line.replace(/\r+$/, '');
  return withoutEnd.slice(withoutEnd.lastIndexOf('\r') + 1);
}
