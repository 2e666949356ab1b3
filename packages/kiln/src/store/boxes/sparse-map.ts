import type { KilnError } from '../../base/errors.ts';

/** Which parts of a file are stored in an archive, in order; the others are holes. */
export interface SparseMap {
  readonly size: number;
  readonly areas: readonly (readonly [start: number, length: number])[];
}

/** @param stored bytes that the archive has of the file */
export function checkedMap(
  { size, areas }: SparseMap,
  stored: number,
  damaged: (why: string) => KilnError,
): void {
  let end = 0;
  let sum = 0;
  for (const [start, length] of areas) {
    if (start < end || start + length > size) throw damaged('a sparse file has an impossible map');
    end = start + length;
    sum += length;
  }
  if (sum > stored) throw damaged('a sparse file is larger than what is stored of it');
}
