/** Bytes of a disk that are next to each other and of one nature, as a format's tables tell them. Bytes. */
export type Run =
  | { readonly kind: 'zero' | 'backing'; readonly start: number; readonly length: number }
  | { readonly kind: 'data'; readonly start: number; readonly length: number; readonly place: number }
  | PackedRun;

/** Compressed bytes: all of them are needed to get any. */
export interface PackedRun {
  readonly kind: 'packed';
  readonly start: number;
  readonly length: number;
  /** Where in the file. */
  readonly place: number;
  /** Bytes that it takes in the file at most, where the tables tell. */
  readonly stored?: number;
}

/** Joins runs that go on without a gap, in the disk and in the file. */
export function* joinRuns(runs: Iterable<Run>): Generator<Run> {
  let last: Run | undefined;
  for (const run of runs) {
    const joined = last && join(last, run);
    if (last && !joined) yield last;
    last = joined ?? run;
  }
  if (last) yield last;
}

function join(first: Run, second: Run): Run | undefined {
  if (first.kind !== second.kind || first.kind === 'packed') return undefined;
  if (first.start + first.length !== second.start) return undefined;
  if (first.kind === 'data' && second.kind === 'data' && first.place + first.length !== second.place)
    return undefined;
  return { ...first, length: first.length + second.length };
}
