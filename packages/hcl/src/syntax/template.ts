import { stringValue } from '../values/value.ts';
import type { Cursor } from './cursor.ts';
import { literalText } from './literal-text.ts';
import { QuotedLiteral } from './literals.ts';
import type { ExpressionNode, LabelNode, LiteralNode, TemplateNode } from './nodes.ts';
import { joinTexts, parseTemplateParts, removeIndentation, type TemplatePart } from './template-parts.ts';
import { code } from './token.ts';

type ParseExpression = (cursor: Cursor) => ExpressionNode;

/** Parses `"…"` or a heredoc. */
export function parseQuotedOrHeredoc(cursor: Cursor, parseExpression: ParseExpression): ExpressionNode {
  const { start } = cursor;
  const heredoc = cursor.peek() === code.openHeredoc;
  cursor.read();
  if (!heredoc) {
    const plain = parsePlain(cursor, start);
    if (plain) return plain;
  }
  const parts = parseTemplateParts(
    cursor,
    start,
    heredoc ? code.closeHeredoc : code.closeQuote,
    parseExpression,
  );
  if (heredoc && cursor.source.text.startsWith('<<-', start)) removeIndentation(parts);
  return nodeOf(cursor, parts, start, cursor.previousEnd);
}

/** Parses a whole text as a template. */
export function parseBareTemplate(cursor: Cursor, parseExpression: ParseExpression): ExpressionNode {
  const parts = parseTemplateParts(cursor, 0, code.endOfFile, parseExpression);
  return nodeOf(cursor, parts, 0, cursor.source.text.length);
}

/** Most texts in quotes are a single token or none. */
function parsePlain(cursor: Cursor, start: number): LiteralNode | undefined {
  const { kinds } = cursor.table;
  const { index } = cursor;
  if (kinds[index] === code.closeQuote) {
    cursor.read();
    return { kind: 'literal', start, end: cursor.previousEnd, value: stringValue('') };
  }
  if (kinds[index] !== code.quotedText || kinds[index + 1] !== code.closeQuote) return undefined;
  const textEnd = cursor.table.end(index);
  const text = literalText(cursor, start + 1, textEnd, true);
  cursor.read();
  cursor.read();
  const end = cursor.previousEnd;
  if (text.length === textEnd - start - 1) return new QuotedLiteral(cursor.source, start, end);
  return { kind: 'literal', start, end, value: stringValue(text) };
}

/** Parses text in quotes that may have no sequences, such as the label of a block. */
export function parseLabelText(cursor: Cursor): LabelNode {
  const { start } = cursor;
  cursor.read();
  let value = '';
  while (!cursor.failed) {
    const kind = cursor.peek();
    if (kind === code.closeQuote) {
      cursor.read();
      break;
    }
    if (kind === code.quotedText) {
      const { start: from, end: to } = cursor;
      cursor.read();
      value += literalText(cursor, from, to, true);
    } else if (kind === code.openInterpolation || kind === code.openDirective) {
      const sign = kind === code.openInterpolation ? '$' : '%';
      cursor.error(
        'Invalid string literal',
        `A label is fixed text without sequences. To write "${sign}{" as it stands, double its first character: "${sign}${sign}{".`,
        cursor.start,
        cursor.end,
        start,
      );
      skipSequence(cursor);
      value += `${sign}{…}`;
    } else {
      cursor.fail('Unterminated string literal', 'The closing quote is missing.', start, cursor.previousEnd);
    }
  }
  return { start, end: cursor.previousEnd, value };
}

function skipSequence(cursor: Cursor): void {
  let depth = 0;
  do {
    const kind = cursor.peek();
    if (kind === code.endOfFile || kind === code.newline) return;
    if (kind === code.openInterpolation || kind === code.openDirective) depth++;
    if (kind === code.closeTemplate) depth--;
    cursor.read();
  } while (depth > 0);
}

function nodeOf(
  cursor: Cursor,
  rawParts: readonly TemplatePart[],
  start: number,
  end: number,
): ExpressionNode {
  const parts = joinTexts(rawParts);
  const [only] = parts;
  if (!only) return { kind: 'literal', start, end, value: stringValue('') };
  if (parts.length === 1 && only.kind === 'text') {
    return { kind: 'literal', start, end, value: stringValue(only.value) };
  }
  if (parts.length === 1 && only.kind === 'interpolation') {
    return { kind: 'unwrapped', start, end, expression: only.expression };
  }
  return { kind: 'template', start, end, parts: new DirectiveMatcher(cursor).match(parts, end) };
}

type Directive = Extract<TemplatePart, { kind: 'if' | 'for' }>;

interface OpenDirective {
  readonly directive: Directive;
  /** What stands before `else`, once it was met. */
  consequence: TemplateNode | undefined;
  nodes: ExpressionNode[];
  /** Where the current branch starts. */
  start: number;
}

/** Brings `if`, `else` and `endif`, `for` and `endfor` together. */
class DirectiveMatcher {
  readonly #cursor: Cursor;
  readonly #root: ExpressionNode[] = [];
  readonly #open: OpenDirective[] = [];

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  match(parts: readonly TemplatePart[], end: number): ExpressionNode[] {
    for (const part of parts) {
      this.#add(part);
      if (this.#cursor.hasRoom(this.#open.length)) continue;
      this.#cursor.failTooDeep(part.start, part.end);
      break;
    }
    while (this.#open.length > 0) {
      const { directive } = this.#open.at(-1)!;
      this.#cursor.error(
        'Unexpected end of template',
        `This directive has no "%{ end${directive.kind} }".`,
        directive.start,
        directive.end,
      );
      this.#close(end, end);
    }
    return this.#root;
  }

  #nodes(): ExpressionNode[] {
    return this.#open.at(-1)?.nodes ?? this.#root;
  }

  #add(part: TemplatePart): void {
    switch (part.kind) {
      case 'text':
        this.#nodes().push({
          kind: 'literal',
          start: part.start,
          end: part.end,
          value: stringValue(part.value),
        });
        break;
      case 'interpolation':
        this.#nodes().push(part.expression);
        break;
      case 'if':
      case 'for':
        this.#open.push({ directive: part, consequence: undefined, nodes: [], start: part.end });
        break;
      case 'else':
        this.#else(part);
        break;
      default:
        if (part.kind === `end${this.#open.at(-1)?.directive.kind}`) this.#close(part.start, part.end);
        else this.#unexpected(part);
    }
  }

  #else(part: TemplatePart): void {
    const top = this.#open.at(-1);
    if (top?.directive.kind !== 'if' || top.consequence) {
      this.#unexpected(part);
      return;
    }
    top.consequence = branch(top.nodes, top.start, part.start);
    top.nodes = [];
    top.start = part.end;
  }

  #unexpected(part: TemplatePart): void {
    const open = this.#open.at(-1)?.directive;
    this.#cursor.error(
      `Unexpected ${part.kind} directive`,
      open
        ? `The directive "%{ ${open.kind} }" before it is still open and has no use for this one.`
        : 'No directive before it is open.',
      part.start,
      part.end,
      open?.start,
    );
  }

  #close(branchEnd: number, end: number): void {
    const { directive, consequence, nodes, start: branchStart } = this.#open.pop()!;
    const { start } = directive;
    const last = branch(nodes, branchStart, branchEnd);
    if (directive.kind === 'for') {
      const { keyName, valueName, collection } = directive;
      this.#nodes().push({ kind: 'template-for', start, end, keyName, valueName, collection, content: last });
    } else {
      const alternative = consequence ? last : branch([], branchEnd, branchEnd);
      const { condition } = directive;
      this.#nodes().push({
        kind: 'template-if',
        start,
        end,
        condition,
        consequence: consequence ?? last,
        alternative,
      });
    }
  }
}

function branch(parts: ExpressionNode[], start: number, end: number): TemplateNode {
  if (parts.length === 0) parts.push({ kind: 'literal', start, end: start, value: stringValue('') });
  return { kind: 'template', start: parts[0]!.start, end: Math.max(end, parts[0]!.start), parts };
}
