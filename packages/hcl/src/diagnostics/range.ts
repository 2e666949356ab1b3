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
