import { graphemeSegments } from './graphemes.ts';
import type { Position, Range } from './range.ts';

/** Where a text stands that is written inside another, such as a template in a JSON string. */
export interface Placement {
  readonly source: Source;
  /** The offset in that source of an offset in this text. */
  offset(at: number): number;
}

/**
 * A text with its name. Ranges of it know offsets; lines and columns are counted when somebody asks, because a file
 * without mistakes never needs them.
 */
export class Source {
  readonly file: string;
  readonly text: string;
  readonly #placement: Placement | undefined;
  #lineStarts: number[] | undefined;

  constructor(text: string, file: string, placement?: Placement) {
    this.text = text;
    this.file = file;
    this.#placement = placement;
  }

  /** The part from offset `start` up to offset `end`. */
  range(start: number, end: number): Range {
    return new SourceRange(this, start, end);
  }

  /** Line and column of an offset. After the end of the text there is only its end. */
  position(wanted: number): Position {
    const offset = Math.min(wanted, this.text.length);
    if (this.#placement) return this.#placement.source.position(this.#placement.offset(offset));
    const starts = this.#lineIndex();
    const line = lineOf(starts, offset);
    return { offset, line: line + 1, column: graphemes(this.text, starts[line]!, offset) + 1 };
  }

  /** The text of the file, also when this one is only a part of it. */
  get rootText(): string {
    return this.#placement ? this.#placement.source.rootText : this.text;
  }

  #lineIndex(): number[] {
    if (this.#lineStarts) return this.#lineStarts;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1))
      starts.push(at + 1);
    this.#lineStarts = starts;
    return starts;
  }
}

/** The text of the file that a range is of, when the range knows it. */
export function rootTextOf(range: Range): string | undefined {
  return range instanceof SourceRange ? range.rootText : undefined;
}

class SourceRange implements Range {
  readonly #source: Source;
  readonly #from: number;
  readonly #to: number;
  #start: Position | undefined;
  #end: Position | undefined;

  constructor(source: Source, from: number, to: number) {
    this.#source = source;
    this.#from = from;
    this.#to = to;
  }

  get file(): string {
    return this.#source.file;
  }

  get rootText(): string {
    return this.#source.rootText;
  }

  get start(): Position {
    this.#start ??= this.#source.position(this.#from);
    return this.#start;
  }

  get end(): Position {
    this.#end ??= this.#source.position(this.#to);
    return this.#end;
  }

  toJSON(): Range {
    return { file: this.file, start: this.start, end: this.end };
  }
}

function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How many grapheme clusters start in the text from `from` up to `to`. */
export function graphemes(text: string, from: number, to: number): number {
  const part = text.slice(from, to);
  if (/^[\x20-\x7e\t]*$/.test(part)) return part.length;
  let count = 0;
  for (const _ of graphemeSegments(part)) count++;
  return count;
}
