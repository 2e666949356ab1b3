import { align } from './align.ts';
import { indent } from './indent.ts';
import { linesOf } from './lines.ts';
import { space } from './spacing.ts';
import { type Words, wordsOf } from './words.ts';

/**
 * The text in HCL's canonical style, byte for byte as `packer fmt` and `terraform fmt` write it (hclwrite.Format of
 * https://github.com/hashicorp/hcl 2.24). Only spaces and tabs between tokens change, and a byte order mark goes away;
 * line ends stay as they are. Never throws: of a text with mistakes everything stays, in some layout. Formatting a
 * formatted text changes nothing.
 */
export function format(text: string): string {
  const words = wordsOf(text);
  const lines = linesOf(words);
  indent(words, lines);
  space(words, lines);
  align(words, lines);
  return written(words);
}

/** The words with their gaps. Stretches whose white space is right already are taken as they are. */
function written(words: Words): string {
  const { text, starts, ends, gaps, length } = words;
  let result = '';
  let stretch = 0;
  let lastEnd = 0;
  for (let index = 0; index <= length; index++) {
    const start = index < length ? starts[index]! : text.length;
    const gap = index < length ? gaps[index]! : words.tail;
    if (!isSpaces(text, lastEnd, start, gap)) {
      result += text.slice(stretch, lastEnd) + ' '.repeat(gap);
      stretch = start;
    }
    lastEnd = index < length ? ends[index]! : start;
  }
  return stretch === 0 ? text : result + text.slice(stretch);
}

function isSpaces(text: string, from: number, to: number, count: number): boolean {
  if (to - from !== count) return false;
  for (let at = from; at < to; at++) if (text.charCodeAt(at) !== 0x20) return false;
  return true;
}
