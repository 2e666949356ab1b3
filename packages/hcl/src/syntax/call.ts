import type { Cursor } from './cursor.ts';
import type { ExpressionNode } from './nodes.ts';
import { code } from './token.ts';
import { failAtNext } from './unexpected.ts';

/** Parses the rest of a function call whose first name was read. */
export function parseCall(
  cursor: Cursor,
  firstName: string,
  start: number,
  parseExpression: (cursor: Cursor) => ExpressionNode,
): ExpressionNode {
  let name = firstName;
  while (cursor.peek() === code.doubleColon) {
    cursor.read();
    if (cursor.peek() !== code.identifier) {
      failAtNext(cursor, 'Missing function name', 'After "::" comes the name of a function', start);
      return { kind: 'invalid', start, end: cursor.previousEnd, expression: undefined };
    }
    name += `::${cursor.text}`;
    cursor.read();
  }
  const nameEnd = cursor.previousEnd;
  if (cursor.peek() !== code.openParenthesis) {
    failAtNext(
      cursor,
      'Missing open parenthesis',
      `After the function name "${name}" comes an opening parenthesis`,
      start,
    );
    return { kind: 'invalid', start, end: nameEnd, expression: undefined };
  }
  const openParenthesis = cursor.start;
  const { newlines } = cursor;
  const opener = cursor.read();
  cursor.newlines = false;
  const args: ExpressionNode[] = [];
  let expands = false;
  while (!cursor.failed && cursor.peek() !== code.closeParenthesis) {
    args.push(parseExpression(cursor));
    if (cursor.failed) break;
    const next = cursor.peek();
    if (next === code.comma) {
      cursor.read();
    } else if (next === code.ellipsis) {
      cursor.read();
      expands = true;
      if (cursor.peek() !== code.closeParenthesis) {
        failAtNext(
          cursor,
          'Missing closing parenthesis',
          'After an argument with "..." comes the closing parenthesis',
          start,
        );
      }
    } else if (next === code.endOfFile || (next !== code.closeParenthesis && cursor.isPast(start))) {
      cursor.failUnclosed(
        'Unterminated function call',
        `The call of "${name}" has no closing parenthesis. Perhaps parentheses do not match up inside of it.`,
        opener,
        start,
        openParenthesis + 1,
      );
    } else if (next !== code.closeParenthesis) {
      failAtNext(cursor, 'Missing argument separator', 'A comma is expected between the arguments', start);
    }
  }
  const closeParenthesis = cursor.failed ? cursor.previousEnd : cursor.start;
  if (!cursor.failed) cursor.read();
  cursor.newlines = newlines;
  return {
    kind: 'call',
    start,
    end: cursor.previousEnd,
    name,
    nameEnd,
    arguments: args,
    expands,
    openParenthesis,
    closeParenthesis,
  };
}
