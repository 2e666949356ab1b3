import { code } from '../syntax/token.ts';
import { depthChange, endsLine, type Words } from './words.ts';

/**
 * A line of words in up to three cells, as indices: the lead from `start`, from `assign` the `=` and what is assigned
 * when that is complete on this line, and from `comment` a comment at the end. Cells may be empty. The content of a
 * heredoc belongs to the line that it begins on.
 */
export interface Line {
  readonly start: number;
  readonly assign: number;
  readonly comment: number;
  readonly end: number;
}

export function linesOf(words: Words): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (let index = 0; index < words.length; index++) {
    if (index + 1 < words.length && !endsLine(words, index)) continue;
    lines.push(cellsOf(words, start, index + 1));
    start = index + 1;
  }
  return lines;
}

function cellsOf(words: Words, start: number, end: number): Line {
  const hasComment = end - start > 1 && words.kinds[end - 1] === code.comment;
  const comment = hasComment ? end - 1 : end;
  let equal = start + 1;
  while (equal < comment && words.kinds[equal] !== code.equal) equal++;
  const assigns = equal < comment && isComplete(words, equal, comment);
  return { start, assign: assigns ? equal : comment, comment, end };
}

function isComplete(words: Words, from: number, to: number): boolean {
  let depth = 0;
  for (let index = from; index < to; index++) depth += depthChange(words.kinds[index]!);
  return depth === 0;
}
