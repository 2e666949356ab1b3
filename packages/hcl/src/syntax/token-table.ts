import type { Source } from '../diagnostics/source.ts';
import { type Token, tokenKinds } from './token.ts';

/** All tokens of a source in two flat arrays. Token `i` ends where token `i + 1` starts. */
export class TokenTable {
  readonly source: Source;
  kinds: Uint8Array;
  starts: Uint32Array;
  length = 0;

  constructor(source: Source) {
    this.source = source;
    const capacity = (source.text.length >> 1) + 16;
    this.kinds = new Uint8Array(capacity);
    this.starts = new Uint32Array(capacity);
  }

  add(kind: number, start: number): void {
    if (this.length === this.kinds.length) this.#grow();
    this.kinds[this.length] = kind;
    this.starts[this.length] = start;
    this.length++;
  }

  /** The last token is the end of the file, which ends where it starts. */
  end(index: number): number {
    return index + 1 < this.length ? this.starts[index + 1]! : this.source.text.length;
  }

  text(index: number): string {
    return this.source.text.slice(this.starts[index]!, this.end(index));
  }

  token(index: number): Token {
    const [start, end] = [this.starts[index]!, this.end(index)];
    return {
      kind: tokenKinds[this.kinds[index]!]!,
      text: this.source.text.slice(start, end),
      start,
      end,
      range: this.source.range(start, end),
    };
  }

  #grow(): void {
    const kinds = new Uint8Array(this.kinds.length * 2);
    kinds.set(this.kinds);
    this.kinds = kinds;
    const starts = new Uint32Array(this.starts.length * 2);
    starts.set(this.starts);
    this.starts = starts;
  }
}
