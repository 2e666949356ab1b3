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
    if (character > 0x7e || character === 0x0d) return clusters(text.slice(start, end));
  }
  return end - start;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Letters that joined the cluster before them only with Unicode 15.1, apart from those that always did. */
const joinedLetter = /(?<=[\p{M}\u200d])[\p{Lo}--[\u0e33\u0eb3]]/gv;

/** Clusters by Unicode 15.0, as the formatter counts that others use. */
function clusters(text: string): number {
  let count = 0;
  for (const { segment } of segmenter.segment(text)) {
    count++;
    if (segment.length > 1) count += segment.match(joinedLetter)?.length ?? 0;
  }
  return count;
}
