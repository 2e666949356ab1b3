import { format } from '../format/format.ts';
import { linesOf } from '../format/lines.ts';
import { wordsOf } from '../format/words.ts';
import { code } from '../syntax/token.ts';
import { assignedText } from '../write/hcl-text.ts';
import type { Writable, WriteOptions } from '../write/writable.ts';

/** How new text has to look so that it suits a file. */
export interface Style {
  readonly lineEnd: '\n' | '\r\n';
}

/** The text of a value that stands behind a `=` in a line with this indentation. */
export function newValue(value: Writable, indent: string, style: Style, options: WriteOptions): string {
  const line = format(`x = ${assignedText(value, depthOf(indent), heredocsFor(style, options))}\n`);
  return suited(line.slice('x = '.length, -1), indent, style).slice(indent.length);
}

/** Line ends of a heredoc are part of its value, so there are none where they have two characters. */
export function heredocsFor<T extends WriteOptions>(style: Style, options: T): T {
  return style.lineEnd === '\n' ? options : { ...options, heredocs: false };
}

export function depthOf(indent: string): number {
  return indent.length >> 1;
}

/** Formatted text at an indentation, with the line ends of the file. */
export function suited(text: string, indent: string, style: Style): string {
  const words = wordsOf(text);
  let result = '';
  let end = 0;
  for (const { start } of linesOf(words)) {
    if (words.kinds[start] === code.newline) continue;
    const at = words.starts[start]! - words.gaps[start]!;
    result += text.slice(end, at) + indent;
    end = at;
  }
  result += text.slice(end);
  return style.lineEnd === '\n' ? result : result.replaceAll('\n', style.lineEnd);
}
