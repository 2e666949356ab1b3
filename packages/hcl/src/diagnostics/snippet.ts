import type { Diagnostic } from './diagnostic.ts';
import { display } from './display.ts';

/** Colours a part of the output; without colours, the text itself. */
export interface Paint {
  readonly frame: (text: string) => string;
  readonly mark: (text: string) => string;
}

/** Of a longer place, only the first and last lines are shown. */
const mostLines = 6;
/** Of a longer line, only what is around the place is shown. */
const longestLine = 160;

interface LineSpan {
  /** From 1. */
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** The lines of the text that a diagnostic is about, with line numbers, and its subject underlined. */
export function snippet(text: string, { subject, context }: Diagnostic, paint: Paint): string[] {
  const start = Math.min(subject.start.offset, text.length);
  const end = Math.min(Math.max(subject.end.offset, start), text.length);
  const from = Math.min(start, context?.start.offset ?? start);
  const to = Math.min(Math.max(end, context?.end.offset ?? end), text.length);
  const lines = shortened(linesBetween(text, from, to), start, end);
  const gutter = String(lines.findLast((line) => line !== undefined)?.number ?? 1).length;
  const output: string[] = [];
  for (const line of lines) {
    if (!line) {
      output.push(paint.frame(`${' '.repeat(gutter)} ...`));
      continue;
    }
    const { code, underline } = drawLine(text, line, start, end);
    output.push(`${paint.frame(`${String(line.number).padStart(gutter)} |`)} ${code}`.trimEnd());
    if (underline)
      output.push(
        `${paint.frame(`${' '.repeat(gutter)} |`)} ${underline.before}${paint.mark(underline.carets)}`,
      );
  }
  return output;
}

function linesBetween(text: string, from: number, to: number): LineSpan[] {
  let start = text.lastIndexOf('\n', from - 1) + 1;
  if (from === 0) start = 0;
  let number = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < start; at = text.indexOf('\n', at + 1)) number++;
  const lines: LineSpan[] = [];
  do {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    lines.push({ number, start, end: text[end - 1] === '\r' && end > start ? end - 1 : end });
    start = end + 1;
    number++;
  } while (start < to);
  return lines;
}

/** Leaves out what is far from the subject; undefined stands for lines that are left out. */
function shortened(lines: readonly LineSpan[], start: number, end: number): (LineSpan | undefined)[] {
  if (lines.length <= mostLines) return [...lines];
  const first = Math.max(
    0,
    lines.findIndex((line) => line.end >= start),
  );
  const last = Math.max(
    first,
    lines.findLastIndex((line) => line.start < Math.max(end, start + 1)),
  );
  const kept = new Set([0, first, first + 1, last - 1, last].filter((index) => index >= 0 && index <= last));
  const output: (LineSpan | undefined)[] = [];
  for (const [index, line] of lines.entries()) {
    if (kept.has(index)) output.push(line);
    else if (output.at(-1) && index < last) output.push(undefined);
  }
  return output;
}

function drawLine(
  text: string,
  line: LineSpan,
  start: number,
  end: number,
): { readonly code: string; readonly underline?: { readonly before: string; readonly carets: string } } {
  const marked = start <= line.end && (end > line.start || (start === end && start >= line.start));
  const from = marked ? Math.max(start, line.start) : line.start;
  const to = marked ? Math.max(from, Math.min(end, line.end)) : line.start;
  const left = Math.max(line.start, from - longestLine / 2);
  const right = Math.min(line.end, Math.max(to, left) + longestLine / 2, left + 2 * longestLine);
  const before = display(text.slice(left, from), 0);
  const middle = display(text.slice(from, Math.min(to, right)), before.width);
  const after = display(text.slice(Math.min(to, right), right), before.width + middle.width);
  const cutLeft = left > line.start ? '...' : '';
  const cutRight = right < line.end ? '...' : '';
  const code = `${cutLeft}${before.text}${middle.text}${after.text}${cutRight}`;
  if (!marked) return { code };
  const indent = ' '.repeat(cutLeft.length + before.width);
  return { code, underline: { before: indent, carets: '^'.repeat(Math.max(1, middle.width)) } };
}
