/** A place in a source text. */
export interface Position {
  /** Offset in UTF-16 code units from the start of the text, which is how JavaScript slices it. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** From 1, in grapheme clusters as the specification counts them. */
  readonly column: number;
}

/** A part of a source text, from `start` up to but not including `end`. */
export interface Range {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

/** From the start of the first to the end of the last; both must be of the same text. */
export function rangeBetween(first: Range, last: Range): Range {
  return new SpannedRange(first, last);
}

/** Such as `main.pkr.hcl:3,7-12`, for messages that point to another place. */
export function rangeText(range: Range): string {
  const { start, end } = range;
  const to = start.line === end.line ? `${end.column}` : `${end.line},${end.column}`;
  return `${range.file}:${start.line},${start.column}-${to}`;
}

class SpannedRange implements Range {
  readonly #first: Range;
  readonly #last: Range;

  constructor(first: Range, last: Range) {
    this.#first = first;
    this.#last = last;
  }

  get file(): string {
    return this.#first.file;
  }

  get start(): Position {
    return this.#first.start;
  }

  get end(): Position {
    return this.#last.end;
  }

  toJSON(): Range {
    return { file: this.file, start: this.start, end: this.end };
  }
}
