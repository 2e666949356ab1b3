import { Source } from '../diagnostics/source.ts';
import { scan } from '../syntax/scanner.ts';
import { code } from '../syntax/token.ts';

/**
 * The tokens of a text without the white space between them, and how many spaces go before each. A comment that ends
 * with its line holds the line end, as the other word that ends a line, the newline, does.
 */
export interface Words {
  readonly text: string;
  readonly length: number;
  readonly kinds: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Spaces before each word: what formatting decides. At first as many as there is white space. */
  readonly gaps: Uint32Array;
  /** White space after the last word, which formatting leaves alone. */
  readonly tail: number;
}

export function wordsOf(text: string): Words {
  const tokens = scan(new Source(text, ''));
  const kinds = new Uint8Array(tokens.length);
  const starts = new Uint32Array(tokens.length);
  const ends = new Uint32Array(tokens.length);
  const gaps = new Uint32Array(tokens.length);
  let length = 0;
  let lastEnd = 0;
  for (let index = 0; index < tokens.length - 1; index++) {
    const kind = tokens.kinds[index]!;
    const start = tokens.starts[index]!;
    if (kind === code.space) continue;
    if (kind === code.byteOrderMark) {
      lastEnd = 1;
      continue;
    }
    if (kind === code.comment && tokens.kinds[index + 1] === code.newline && text[start + 1] !== '*') index++;
    kinds[length] = kind;
    starts[length] = start;
    ends[length] = tokens.end(index);
    gaps[length] = start - lastEnd;
    lastEnd = ends[length]!;
    length++;
  }
  return { text, length, kinds, starts, ends, gaps, tail: text.length - lastEnd };
}

export function endsLine(words: Words, index: number): boolean {
  const kind = words.kinds[index];
  return (
    kind === code.newline || (kind === code.comment && words.text.charCodeAt(words.ends[index]! - 1) === 0x0a)
  );
}

/** 1 for what opens a bracket or a sequence of a template, -1 for what closes one, else 0. */
export function depthChange(kind: number): -1 | 0 | 1 {
  switch (kind) {
    case code.openBrace:
    case code.openBracket:
    case code.openParenthesis:
    case code.openInterpolation:
    case code.openDirective:
      return 1;
    case code.closeBrace:
    case code.closeBracket:
    case code.closeParenthesis:
    case code.closeTemplate:
      return -1;
    default:
      return 0;
  }
}

/** Whether white space before the word would be text, too. */
export function isText(kind: number): boolean {
  switch (kind) {
    case code.quotedText:
    case code.quotedNewline:
    case code.closeQuote:
    case code.text:
    case code.closeHeredoc:
      return true;
    default:
      return false;
  }
}
