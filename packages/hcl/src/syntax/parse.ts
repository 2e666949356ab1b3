import type { Read } from '../body.ts';
import type { Source } from '../diagnostics/source.ts';
import { parseBody } from './body.ts';
import { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import type { BodyNode, ExpressionNode } from './nodes.ts';
import { scan } from './scanner.ts';
import { parseBareTemplate } from './template.ts';
import { code } from './token.ts';
import type { TokenTable } from './token-table.ts';
import { failAtNext } from './unexpected.ts';

/** Parses a file. */
export function parseBodySource(source: Source): Read<BodyNode> {
  const cursor = new Cursor(scan(source));
  const value = parseBody(cursor);
  tellOfOpenComment(cursor);
  return { value, diagnostics: cursor.diagnostics };
}

/** Parses a text that is one expression; line ends mean nothing in it. */
export function parseExpressionSource(
  source: Source,
  table: TokenTable = scan(source),
): Read<ExpressionNode> {
  const cursor = new Cursor(table);
  cursor.newlines = false;
  const value = parseExpression(cursor);
  if (!cursor.failed && cursor.peek() !== code.endOfFile) {
    failAtNext(cursor, 'Extra characters after expression', 'The end of the expression is expected');
  }
  tellOfOpenComment(cursor);
  return { value, diagnostics: cursor.diagnostics };
}

/** Parses a text that is a template as a whole. */
export function parseTemplateSource(source: Source): Read<ExpressionNode> {
  const cursor = new Cursor(scan(source, 'template'));
  const value = parseBareTemplate(cursor, parseExpression);
  return { value, diagnostics: cursor.diagnostics };
}

function tellOfOpenComment(cursor: Cursor): void {
  const { table } = cursor;
  const last = table.length - 2;
  if (last < 0 || table.kinds[last] !== code.comment) return;
  const text = table.text(last);
  if (!text.startsWith('/*') || (text.endsWith('*/') && text.length >= 4)) return;
  const start = table.starts[last]!;
  cursor.failed = false;
  cursor.error('Unterminated comment', 'This comment has no end: "*/" is missing.', start, start + 2);
}
