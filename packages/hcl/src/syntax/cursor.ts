import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Range } from '../diagnostics/range.ts';
import type { Source } from '../diagnostics/source.ts';
import { startsItem } from './lookahead.ts';
import { code } from './token.ts';
import type { TokenTable } from './token-table.ts';

/**
 * How deep expressions, templates and blocks may be nested, so that neither parsing nor evaluating nor anything else
 * that walks the tree runs out of stack.
 */
export const nestingLimit = 250;

/** After so many mistakes in one text, further ones are not told. */
export const mistakesLimit = 100;

/** A place in the tokens, with what was found to be wrong so far. */
export class Cursor {
  readonly source: Source;
  readonly table: TokenTable;
  readonly diagnostics: Diagnostic[] = [];
  /** The next token, which may be white space. */
  index = 0;
  /** Offset after the last token that was read. */
  previousEnd = 0;
  /** Whether line ends are tokens here, or white space as they are in brackets. */
  newlines = true;
  /**
   * Whether the text at the cursor makes no sense any more. Until somebody finds a place to go on, nothing is read and
   * nothing more is told.
   */
  failed = false;
  /** Where going on may be tried at the earliest. */
  failedAt = 0;
  #depth = 0;
  #mute = false;

  constructor(table: TokenTable) {
    this.source = table.source;
    this.table = table;
  }

  /** The kind of the next token that means something. */
  peek(): number {
    const { kinds } = this.table;
    for (;;) {
      const kind = kinds[this.index]!;
      if (kind > code.byteOrderMark || kind === code.endOfFile) return kind;
      if (kind === code.newline && this.newlines) return kind;
      this.index++;
    }
  }

  /** Reads the next token and returns its index. */
  read(): number {
    const kind = this.peek();
    const { index } = this;
    this.previousEnd = this.table.end(index);
    if (kind !== code.endOfFile) this.index++;
    return index;
  }

  /** Offset of the next token. */
  get start(): number {
    this.peek();
    return this.table.starts[this.index]!;
  }

  /** Offset after the next token. */
  get end(): number {
    this.peek();
    return this.table.end(this.index);
  }

  /** The next token as written. */
  get text(): string {
    this.peek();
    return this.table.text(this.index);
  }

  isKeyword(keyword: string): boolean {
    if (this.peek() !== code.identifier) return false;
    const start = this.table.starts[this.index]!;
    return (
      this.table.end(this.index) - start === keyword.length && this.source.text.startsWith(keyword, start)
    );
  }

  range(start: number, end: number): Range {
    return this.source.range(start, end);
  }

  /** Enters a level of nesting; after too many, fails and answers false. Each call needs a `leave`. */
  enter(): boolean {
    if (++this.#depth <= nestingLimit) return true;
    this.failTooDeep(this.start, this.end);
    return false;
  }

  /** What else is wrong with such a text is of no interest. */
  failTooDeep(start: number, end: number): void {
    this.fail(
      'Nested too deeply',
      `Nothing may be nested more than ${nestingLimit} levels deep.`,
      start,
      end,
    );
    this.#mute = true;
  }

  /** Whether there is room for so many further levels. */
  hasRoom(levels: number): boolean {
    return this.#depth + levels <= nestingLimit;
  }

  leave(): void {
    this.#depth--;
  }

  /** Says what is wrong and goes on. */
  error(summary: string, detail: string, start: number, end: number, contextStart?: number): void {
    if (this.failed || this.#mute || this.diagnostics.length > mistakesLimit) return;
    if (this.diagnostics.length === mistakesLimit) {
      summary = 'Too many mistakes';
      detail = `There are more mistakes after the first ${mistakesLimit}.`;
    }
    this.diagnostics.push({
      severity: 'error',
      summary,
      detail,
      subject: this.range(start, end),
      ...(contextStart === undefined ? {} : { context: this.range(contextStart, end) }),
    });
  }

  /** Says what is wrong, unless it was said, and stops reading until somebody recovers. */
  fail(summary: string, detail: string, start: number, end: number, contextStart?: number): void {
    this.error(summary, detail, start, end, contextStart);
    if (!this.failed) this.failedAt = this.index;
    this.failed = true;
  }

  /** Fails because what token `opener` opens is never closed: what comes after it need not be a part of it. */
  failUnclosed(summary: string, detail: string, opener: number, start: number, end: number): void {
    this.fail(summary, detail, start, end);
    this.failedAt = Math.min(this.failedAt, opener + 1);
  }

  /** Whether the next token stands on a later line than an offset, and that line can only be a new beginning. */
  isPast(start: number): boolean {
    const { text } = this.source;
    const newline = text.slice(start, this.start).lastIndexOf('\n');
    return newline !== -1 && startsItem(text, start + newline + 1);
  }

  /** Goes on reading at a token. */
  recover(index: number): void {
    this.index = index;
    this.failed = false;
    this.newlines = true;
  }
}
