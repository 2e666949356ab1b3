import { nestingLimit } from '../syntax/cursor.ts';
import { code } from '../syntax/token.ts';
import type { Line } from './lines.ts';
import { depthChange, isText, type Words } from './words.ts';

/**
 * Indents every line by two spaces a level. A line that opens more brackets than it closes begins a level, however
 * many it opens; the level ends with the line that closes as many.
 */
export function indent(words: Words, lines: readonly Line[]): void {
  /** How many brackets of each level are still open. */
  const levels: number[] = [];
  for (const line of lines) {
    const first = words.kinds[line.start]!;
    // Text begins a line only where the end of a sequence is missing.
    if (first === code.newline || isText(first)) {
      words.gaps[line.start] = 0;
      continue;
    }
    const change = depthOfLine(words, line);
    if (change < 0) closeLevels(levels, -change);
    // Deeper is an error, and thousands of brackets that nobody closes would make a text of enormous size.
    words.gaps[line.start] = 2 * Math.min(levels.length, nestingLimit);
    if (line.start === 0 && isStrayMark(words)) words.gaps[0] = 1;
    if (change > 0) levels.push(change);
  }
}

/** Whether the first word would read as a byte order mark if it came first. */
function isStrayMark(words: Words): boolean {
  return words.text.charCodeAt(words.starts[0]!) === 0xfeff;
}

/** What follows a heredoc's opening on its line is text, whose sequences are no level of the code around it. */
function depthOfLine(words: Words, line: Line): number {
  let depth = 0;
  for (let index = line.start; index < line.assign; index++) {
    const kind = words.kinds[index]!;
    if (kind === code.openHeredoc) break;
    depth += depthChange(kind);
  }
  return depth;
}

function closeLevels(levels: number[], brackets: number): void {
  let left = brackets;
  while (left > 0 && levels.length > 0) {
    const open = levels.at(-1)!;
    if (open > left) {
      levels[levels.length - 1] = open - left;
      return;
    }
    levels.pop();
    left -= open;
  }
}
