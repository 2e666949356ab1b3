/** The text around an argument or block that belongs to it and goes away with it. */
export interface Surroundings {
  /** The lines of comment right above. */
  readonly lead: string;
  /** What is before it on its own line. */
  readonly indent: string;
  /** What follows on its last line, with the line end. */
  readonly trail: string;
}

/** White space, a line end or a comment; between the items of a body there is nothing else. */
const bit = /[ \t]+|\r?\n|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[\s\S]/g;

/** The white space at the start of a line before an item. */
export function blanksOf({ indent }: Surroundings): string {
  return /^[ \t]*/.exec(indent)![0];
}

/** Splits what is between two items, or before the first, into what belongs to neither, the lead and the indent. */
export function splitBefore(
  gap: string,
  atLineStart: boolean,
): { rest: string; lead: string; indent: string } {
  const lines = linesOf(gap);
  const indent = lines.pop() ?? '';
  const first = atLineStart ? 0 : 1;
  let leadStart = lines.length;
  while (leadStart > first && /^[ \t]*(#|\/[/*])/.test(lines[leadStart - 1]!)) leadStart--;
  return { rest: lines.slice(0, leadStart).join(''), lead: lines.slice(leadStart).join(''), indent };
}

/** The first line of what follows an item. */
export function trailOf(gap: string): string {
  return linesOf(gap)[0] ?? '';
}

/** The lines of a gap with their ends, in which a comment counts as a part of its line; the last has no end. */
function linesOf(gap: string): string[] {
  const lines = [''];
  for (const [text] of gap.matchAll(bit)) {
    lines[lines.length - 1] += text;
    if (text.endsWith('\n') && !text.startsWith('/*')) lines.push('');
  }
  return lines;
}
