import type { Cursor } from './cursor.ts';
import { parseFor } from './for.ts';
import type { ExpressionNode, ObjectItemNode } from './nodes.ts';
import { code } from './token.ts';
import { keywordOf } from './traversal-of.ts';
import { failAtNext } from './unexpected.ts';

type ParseExpression = (cursor: Cursor) => ExpressionNode;

/** Parses `[…]`, which may be a for-expression. */
export function parseTuple(cursor: Cursor, parseExpression: ParseExpression): ExpressionNode {
  const { start, newlines } = cursor;
  const opener = cursor.read();
  cursor.newlines = false;
  const node = cursor.isKeyword('for')
    ? parseFor(cursor, start, code.closeBracket, parseExpression)
    : parseElements(cursor, opener, start, parseExpression);
  cursor.newlines = newlines;
  return node;
}

function parseElements(
  cursor: Cursor,
  opener: number,
  start: number,
  parseExpression: ParseExpression,
): ExpressionNode {
  const elements: ExpressionNode[] = [];
  while (!cursor.failed && cursor.peek() !== code.closeBracket) {
    elements.push(parseExpression(cursor));
    if (cursor.failed) break;
    const next = cursor.peek();
    if (next === code.comma) {
      cursor.read();
    } else if (next === code.endOfFile || (next !== code.closeBracket && cursor.isPast(start))) {
      cursor.failUnclosed(
        'Unterminated tuple constructor expression',
        unclosed('bracket'),
        opener,
        start,
        start + 1,
      );
    } else if (next !== code.closeBracket) {
      failAtNext(cursor, 'Missing item separator', 'A comma is expected between the items', start);
    }
  }
  if (!cursor.failed) cursor.read();
  return { kind: 'tuple', start, end: cursor.previousEnd, elements };
}

/** Parses `{…}`, which may be a for-expression. */
export function parseObject(cursor: Cursor, parseExpression: ParseExpression): ExpressionNode {
  const { start, newlines } = cursor;
  const opener = cursor.read();
  cursor.newlines = false;
  const isFor = cursor.isKeyword('for');
  // Unlike in other brackets, line ends divide the items of an object.
  cursor.newlines = !isFor;
  const node = isFor
    ? parseFor(cursor, start, code.closeBrace, parseExpression)
    : parseItems(cursor, opener, start, parseExpression);
  cursor.newlines = newlines;
  return node;
}

function parseItems(
  cursor: Cursor,
  opener: number,
  start: number,
  parseExpression: ParseExpression,
): ExpressionNode {
  const items: ObjectItemNode[] = [];
  for (;;) {
    while (cursor.peek() === code.newline) cursor.read();
    if (cursor.peek() === code.closeBrace) break;
    if (cursor.peek() === code.endOfFile) {
      cursor.failUnclosed(
        'Unterminated object constructor expression',
        unclosed('brace'),
        opener,
        start,
        start + 1,
      );
      break;
    }
    const key = keyOf(parseExpression(cursor));
    if (cursor.failed) break;
    const separator = cursor.peek();
    if (separator !== code.equal && separator !== code.colon) {
      if (cursor.isPast(start)) {
        cursor.failUnclosed(
          'Unterminated object constructor expression',
          unclosed('brace'),
          opener,
          start,
          start + 1,
        );
      }
      failAtSeparator(cursor, start);
      break;
    }
    cursor.read();
    const value = parseExpression(cursor);
    items.push({ key, value });
    if (cursor.failed) break;
    const next = cursor.peek();
    if (next === code.closeBrace) break;
    if (next === code.comma || next === code.newline) {
      cursor.read();
    } else if (next === code.endOfFile) {
      cursor.failUnclosed(
        'Unterminated object constructor expression',
        unclosed('brace'),
        opener,
        start,
        start + 1,
      );
      break;
    } else {
      failAtNext(
        cursor,
        'Missing attribute separator',
        'A comma or the end of the line is expected between the items',
        start,
      );
      break;
    }
  }
  if (!cursor.failed) cursor.read();
  return { kind: 'object', start, end: cursor.previousEnd, items };
}

function keyOf(node: ExpressionNode): ExpressionNode {
  const { start, end } = node;
  if (node.kind === 'variable') return { kind: 'key', start, end, name: node.name, expression: node };
  if (node.kind === 'literal') {
    const name = keywordOf(node.value);
    return name === undefined ? node : { kind: 'key', start, end, name, expression: node };
  }
  const isPath =
    node.kind === 'access' &&
    node.base.kind === 'variable' &&
    node.steps.every(({ kind }) => kind === 'attribute' || kind === 'index');
  return isPath ? { kind: 'key', start, end, name: undefined, expression: node } : node;
}

function failAtSeparator(cursor: Cursor, start: number): void {
  const next = cursor.peek();
  if (next === code.newline || next === code.comma) {
    failAtNext(cursor, 'Missing attribute value', 'An equals sign and a value are expected', start);
  } else if (next === code.identifier) {
    cursor.fail(
      'Missing key/value separator',
      'An equals sign is expected after the name. A name with dots, spaces or other special characters stands in quotes.',
      cursor.start,
      cursor.end,
      start,
    );
  } else {
    failAtNext(cursor, 'Missing key/value separator', 'An equals sign is expected after the name', start);
  }
}

function unclosed(bracket: string): string {
  return `This ${bracket} is never closed. Perhaps brackets do not match up after it.`;
}
