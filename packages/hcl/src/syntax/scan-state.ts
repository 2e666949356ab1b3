import type { Source } from '../diagnostics/source.ts';
import { TokenTable } from './token-table.ts';

/** What surrounds the place that is scanned. */
export interface Frame {
  readonly kind: 'expression' | 'interpolation' | 'quoted' | 'heredoc' | 'bare';
  /** Braces open inside an interpolation. */
  braces: number;
  /** Of a heredoc. */
  readonly marker: string;
}

/** A place in a text, what is around it, and the tokens up to it. */
export class ScanState {
  readonly text: string;
  readonly tokens: TokenTable;
  readonly frames: Frame[] = [];
  frame: Frame;
  at = 0;
  /** Up to here a quoted text goes on over line ends, as was found by looking ahead. */
  quotedUntil = 0;
  #lineEnd = 0;

  constructor(source: Source, outermost: 'expression' | 'bare') {
    this.text = source.text;
    this.tokens = new TokenTable(source);
    this.frame = { kind: outermost, braces: 0, marker: '' };
  }

  /** The next characters are a token. */
  add(kind: number, length: number): void {
    this.tokens.add(kind, this.at);
    this.at += length;
  }

  addUpTo(kind: number, end: number): void {
    this.tokens.add(kind, this.at);
    this.at = end;
  }

  push(kind: Frame['kind'], marker = ''): void {
    this.frames.push(this.frame);
    this.frame = { kind, braces: 0, marker };
  }

  pop(): void {
    this.frame = this.frames.pop()!;
  }

  /** Ends all quoted texts up to the next heredoc or the outermost level. */
  leaveQuotes(): void {
    while (this.frames.length > 0 && this.frame.kind !== 'heredoc') this.pop();
  }

  /** Offset after the next line end, remembered because a line may have many sequences. */
  get lineEnd(): number {
    if (this.at >= this.#lineEnd) {
      const newline = this.text.indexOf('\n', this.at);
      this.#lineEnd = newline === -1 ? this.text.length : newline + 1;
    }
    return this.#lineEnd;
  }
}
