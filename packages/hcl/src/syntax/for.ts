import type { Cursor } from './cursor.ts';
import type { ExpressionNode } from './nodes.ts';
import { code } from './token.ts';
import { failAtNext } from './unexpected.ts';

/** The names and the collection that `for` begins with, in expressions and in templates. */
export interface ForIntroduction {
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: ExpressionNode;
}

/** Parses `key, value in collection` after the word `for`; undefined after a mistake. */
export function parseForIntroduction(
  cursor: Cursor,
  start: number,
  summary: string,
  parseExpression: (cursor: Cursor) => ExpressionNode,
): ForIntroduction | undefined {
  if (cursor.peek() !== code.identifier) {
    failAtNext(cursor, summary, 'After "for" comes the name of a variable', start);
    return undefined;
  }
  let valueName = cursor.text;
  let keyName: string | undefined;
  cursor.read();
  if (cursor.peek() === code.comma) {
    cursor.read();
    if (cursor.peek() !== code.identifier) {
      failAtNext(cursor, summary, 'After the comma comes the name of the variable for the value', start);
      return undefined;
    }
    keyName = valueName;
    valueName = cursor.text;
    cursor.read();
  }
  if (!cursor.isKeyword('in')) {
    failAtNext(cursor, summary, 'After the names comes the word "in"', start);
    return undefined;
  }
  cursor.read();
  const collection = parseExpression(cursor);
  return cursor.failed ? undefined : { keyName, valueName, collection };
}

/** Parses the rest of a for-expression after its opening bracket. */
export function parseFor(
  cursor: Cursor,
  start: number,
  closer: number,
  parseExpression: (cursor: Cursor) => ExpressionNode,
): ExpressionNode {
  const summary = `Invalid 'for' expression`;
  cursor.read();
  const introduction = parseForIntroduction(cursor, start, summary, parseExpression);
  if (introduction && cursor.peek() !== code.colon) {
    failAtNext(cursor, summary, 'After the collection comes a colon', start);
  }
  if (!introduction || cursor.failed) {
    return { kind: 'invalid', start, end: cursor.previousEnd, expression: introduction?.collection };
  }
  cursor.read();
  let key: ExpressionNode | undefined;
  let value = parseExpression(cursor);
  if (!cursor.failed && cursor.peek() === code.arrow) {
    cursor.read();
    key = value;
    value = parseExpression(cursor);
  }
  const groups = !cursor.failed && cursor.peek() === code.ellipsis;
  const ellipsis = cursor.start;
  if (groups) cursor.read();
  let condition: ExpressionNode | undefined;
  if (!cursor.failed && cursor.isKeyword('if')) {
    cursor.read();
    condition = parseExpression(cursor);
  }
  if (!cursor.failed) {
    if (cursor.peek() === closer) cursor.read();
    else
      failAtNext(
        cursor,
        summary,
        `A closing ${closer === code.closeBrace ? 'brace' : 'bracket'} is expected`,
        start,
      );
  }
  if (closer === code.closeBracket) {
    if (key)
      cursor.error(
        summary,
        'A list has no keys: "=>" belongs to "for" in braces.',
        key.start,
        key.end,
        start,
      );
    if (groups) {
      cursor.error(
        summary,
        'A list has no keys to group by: "..." belongs to "for" in braces.',
        ellipsis,
        ellipsis + 3,
        start,
      );
    }
  } else if (!key) {
    cursor.error(summary, 'An object needs keys: write "key => value" here.', value.start, value.end, start);
  }
  return { kind: 'for', start, end: cursor.previousEnd, ...introduction, key, value, condition, groups };
}
