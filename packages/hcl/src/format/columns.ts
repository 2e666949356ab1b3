import { graphemeCount } from '../functions/support/grapheme.ts';
import type { Words } from './words.ts';

/** The columns that words take on their line with the spaces before them. */
export function columns(words: Words, from: number, to: number): number {
  let count = 0;
  for (let index = from; index < to; index++) {
    count += words.gaps[index]! + textColumns(words.text, words.starts[index]!, words.ends[index]!);
  }
  return count;
}

/** The columns of a part of a text: one for each grapheme cluster, whatever its width. */
function textColumns(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const character = text.charCodeAt(at);
    if (character > 0x7e || character === 0x0d) return graphemeCount(text.slice(start, end));
  }
  return end - start;
}
