import { graphemes } from '../diagnostics/source.ts';
import { suggestName } from '../diagnostics/suggestion.ts';
import type { Cursor } from './cursor.ts';
import { type ForIntroduction, parseForIntroduction } from './for.ts';
import { literalText } from './literal-text.ts';
import type { ExpressionNode } from './nodes.ts';
import { code } from './token.ts';
import { failAtNext, foreignSyntax } from './unexpected.ts';

/** One piece of a template before directives are matched up. */
export type TemplatePart =
  | TextPart
  | (PartSpan & { readonly kind: 'interpolation'; readonly expression: ExpressionNode })
  | (PartSpan & { readonly kind: 'if'; readonly condition: ExpressionNode })
  | (PartSpan & ForIntroduction & { readonly kind: 'for' })
  | (PartSpan & { readonly kind: 'else' | 'endif' | 'endfor' });

interface PartSpan {
  readonly start: number;
  readonly end: number;
}

interface TextPart {
  readonly kind: 'text';
  value: string;
  start: number;
  end: number;
}

type ParseExpression = (cursor: Cursor) => ExpressionNode;

/** Parses the pieces of a template up to its closing token, which is read. */
export function parseTemplateParts(
  cursor: Cursor,
  start: number,
  closer: number,
  parseExpression: ParseExpression,
): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let trimsNext = false;
  let toldOfLines = false;
  while (!cursor.failed) {
    const kind = cursor.peek();
    if (kind === closer) {
      cursor.read();
      break;
    }
    const trims = trimsNext;
    trimsNext = false;
    switch (kind) {
      case code.quotedText:
      case code.text:
      case code.quotedNewline: {
        if (kind === code.quotedNewline && !toldOfLines) {
          toldOfLines = true;
          tellOfLines(cursor, start);
        }
        const { start: from, end: to } = cursor;
        cursor.read();
        const value = literalText(cursor, from, to, kind === code.quotedText);
        parts.push({ kind: 'text', value: trims ? trimStart(value) : value, start: from, end: to });
        break;
      }
      case code.openInterpolation:
      case code.openDirective:
        trimBefore(cursor, parts);
        trimsNext = parseSequence(cursor, parts, parseExpression);
        break;
      default:
        failUnterminated(cursor, start, closer);
    }
  }
  return parts;
}

function tellOfLines(cursor: Cursor, start: number): void {
  cursor.error(
    'Invalid multi-line string',
    'Text in quotes stands on one line. Write \\n for the end of a line, or use a heredoc such as <<EOT for text of several lines.',
    cursor.start,
    cursor.start + 1,
    start,
  );
}

function failUnterminated(cursor: Cursor, start: number, closer: number): void {
  if (closer === code.closeHeredoc) {
    const opening = cursor.source.text.slice(start, cursor.source.text.indexOf('\n', start)).trim();
    const marker = opening.replace(/^<<-?/, '');
    const almost = lineWithMore(cursor, start + opening.length, marker);
    cursor.fail(
      'Unterminated template string',
      `This heredoc has no end: the marker ${marker} must stand on a line of its own, with nothing but blanks beside it.` +
        (almost === undefined ? '' : ` On line ${almost} there is more.`),
      start,
      start + opening.length,
    );
  } else {
    cursor.fail('Unterminated template string', 'The closing quote is missing.', start, cursor.previousEnd);
  }
}

/** The line that starts with the marker but goes on, which its writer may have meant as the end. */
function lineWithMore(cursor: Cursor, from: number, marker: string): number | undefined {
  const match = new RegExp(`\\n[ \\t]*${marker}(?=[^\\p{ID_Continue}\\s-])`, 'u').exec(
    cursor.source.text.slice(from),
  );
  return match ? cursor.source.position(from + match.index + match[0].length).line : undefined;
}

/** Parses one `${…}` or `%{…}`. Answers whether the text after it loses its leading white space. */
function parseSequence(cursor: Cursor, parts: TemplatePart[], parseExpression: ParseExpression): boolean {
  const { start, newlines } = cursor;
  const directive = cursor.peek() === code.openDirective;
  const opener = cursor.read();
  cursor.newlines = false;
  const makePart = directive
    ? parseDirective(cursor, start, parseExpression)
    : parseInterpolation(cursor, opener, start, parseExpression);
  if (!cursor.failed && cursor.peek() !== code.closeTemplate)
    failAtSequenceEnd(cursor, opener, start, directive);
  const trims = !cursor.failed && cursor.end - cursor.start === 2;
  if (!cursor.failed) cursor.read();
  cursor.newlines = newlines;
  if (makePart) parts.push(makePart(cursor.previousEnd));
  return trims;
}

type MakePart = (end: number) => TemplatePart;

function parseInterpolation(
  cursor: Cursor,
  opener: number,
  start: number,
  parseExpression: ParseExpression,
): MakePart {
  if (isForgotten(cursor, start)) failUnclosed(cursor, opener, start);
  const expression = parseExpression(cursor);
  return (end) => ({ kind: 'interpolation', start, end, expression });
}

function parseDirective(
  cursor: Cursor,
  start: number,
  parseExpression: ParseExpression,
): MakePart | undefined {
  if (cursor.peek() !== code.identifier) {
    failAtNext(
      cursor,
      'Invalid template directive',
      'After "%{" comes one of the words if, else, endif, for and endfor',
      start,
    );
    return undefined;
  }
  const keyword = cursor.text;
  switch (keyword) {
    case 'if': {
      cursor.read();
      const condition = parseExpression(cursor);
      return (end) => ({ kind: 'if', start, end, condition });
    }
    case 'for': {
      cursor.read();
      const introduction = parseForIntroduction(cursor, start, `Invalid 'for' directive`, parseExpression);
      return introduction && ((end) => ({ kind: 'for', start, end, ...introduction }));
    }
    case 'else':
    case 'endif':
    case 'endfor':
      cursor.read();
      return (end) => ({ kind: keyword, start, end });
    default: {
      const suggestion = suggestName(keyword, ['if', 'else', 'endif', 'for', 'endfor']);
      cursor.fail(
        'Invalid template control keyword',
        `There is no directive "${keyword}".${suggestion ? ` Did you mean "${suggestion}"?` : ''} ` +
          'If "%{" is meant as it stands, double its first character: "%%{".',
        cursor.start,
        cursor.end,
        start,
      );
      return undefined;
    }
  }
}

function failAtSequenceEnd(cursor: Cursor, opener: number, start: number, directive: boolean): void {
  if (isForgotten(cursor, start)) {
    failUnclosed(cursor, opener, start);
  } else if (directive) {
    failAtNext(
      cursor,
      'Extra characters in directive',
      'The closing brace of the directive is expected',
      start,
    );
  } else if (cursor.peek() === code.openQuote) {
    // It was meant to close the text around.
    failUnclosed(cursor, opener, start);
  } else if (foreignSyntax(cursor) && cursor.peek() !== code.invalid) {
    failAtNext(cursor, '', '', start);
  } else {
    cursor.fail(
      'Extra characters after interpolation expression',
      'A closing brace is expected after the value. If this belongs to another language, such as a shell script, ' +
        'double the first character: write "$${" instead of "${".',
      cursor.start,
      cursor.end,
      start,
    );
  }
}

/** Whether the next token says that the end of the sequence was forgotten. */
function isForgotten(cursor: Cursor, start: number): boolean {
  const kind = cursor.peek();
  if (kind === code.endOfFile || kind === code.closeQuote || kind === code.closeHeredoc) return true;
  return cursor.isPast(start);
}

function failUnclosed(cursor: Cursor, opener: number, start: number): void {
  cursor.failUnclosed(
    'Unclosed template interpolation sequence',
    'The closing brace of this sequence is missing. Perhaps brackets or quotes do not match up inside of it.',
    opener,
    start,
    start + 2,
  );
}

// White space as Unicode has it, which JavaScript's own trimming covers but for U+0085 and with U+FEFF.
const leading = /^[\s\u0085]+/u;
const trailing = /[\s\u0085]+$/u;

function trimStart(text: string): string {
  return text.replace(leading, '');
}

/** Before `${~` and `%{~`, the text right before it loses its trailing white space. */
function trimBefore(cursor: Cursor, parts: readonly TemplatePart[]): void {
  if (cursor.end - cursor.start !== 3) return;
  const previous = parts.at(-1);
  if (previous?.kind === 'text') previous.value = trimEnd(previous.value);
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && trailing.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}

/** Removes from all lines of a `<<-` heredoc as many leading characters of white space as its least indented has. */
export function removeIndentation(parts: readonly TemplatePart[]): void {
  let least = Number.POSITIVE_INFINITY;
  const lineStarts: TextPart[] = [];
  let atLineStart = true;
  for (const part of parts) {
    if (atLineStart) {
      atLineStart = false;
      if (part.kind !== 'text') {
        least = 0;
      } else if (trimStart(part.value) !== '' || !part.value.endsWith('\n')) {
        lineStarts.push(part);
        least = Math.min(least, indentation(part.value));
      }
    }
    if (part.kind === 'text' && part.value.endsWith('\n')) atLineStart = true;
  }
  if (!Number.isFinite(least)) return;
  for (const part of lineStarts) part.value = part.value.slice(Math.min(least, part.value.length));
}

function indentation(text: string): number {
  const length = leading.exec(text)?.[0].length ?? 0;
  return graphemes(text, 0, length);
}

/** Joins texts that follow each other. */
export function joinTexts(parts: readonly TemplatePart[]): TemplatePart[] {
  const joined: TemplatePart[] = [];
  for (const part of parts) {
    const previous = joined.at(-1);
    if (part.kind === 'text' && previous?.kind === 'text') {
      previous.value += part.value;
      previous.end = part.end;
    } else {
      joined.push(part);
    }
  }
  return joined;
}
