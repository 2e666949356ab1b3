import { columns } from './columns.ts';
import type { Line } from './lines.ts';
import type { Words } from './words.ts';

/** Aligns the `=` of neighbouring lines, and then their comments. */
export function align(words: Words, lines: readonly Line[]): void {
  alignCells(words, lines, 'assign', 'comment');
  alignCells(words, lines, 'comment', 'end');
}

function alignCells(
  words: Words,
  lines: readonly Line[],
  cell: 'assign' | 'comment',
  next: 'comment' | 'end',
) {
  const widths: number[] = [];
  for (let index = 0; index <= lines.length; index++) {
    const line = lines[index];
    if (line && line[cell] < line[next]) {
      widths.push(columns(words, line.start, line[cell]));
      continue;
    }
    if (widths.length === 0) continue;
    const widest = widths.reduce((most, width) => Math.max(most, width));
    const first = index - widths.length;
    widths.forEach((width, place) => {
      words.gaps[lines[first + place]![cell]] = widest - width + 1;
    });
    widths.length = 0;
  }
}
