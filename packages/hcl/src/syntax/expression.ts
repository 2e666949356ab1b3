import { parseBigFloat } from '../values/big-float-text.ts';
import type { BinaryOperator } from '../values/operations.ts';
import { dynamicType } from '../values/type.ts';
import { falseValue, nullValue, trueValue } from '../values/value.ts';
import { parseAccess } from './access.ts';
import { parseCall } from './call.ts';
import { isDigit } from './characters.ts';
import { parseObject, parseTuple } from './collections.ts';
import type { Cursor } from './cursor.ts';
import { NumberLiteral } from './literals.ts';
import type { ExpressionNode } from './nodes.ts';
import { parseQuotedOrHeredoc } from './template.ts';
import { code } from './token.ts';
import { failAtNext } from './unexpected.ts';

/** How tightly each operator binds; those that are not here bind nothing. */
const precedences = new Uint8Array(64);
const operators: BinaryOperator[] = [];
for (const [precedence, list] of [
  [1, [[code.or, '||']]],
  [2, [[code.and, '&&']]],
  [
    3,
    [
      [code.equalTo, '=='],
      [code.notEqualTo, '!='],
    ],
  ],
  [
    4,
    [
      [code.greaterThan, '>'],
      [code.greaterOrEqual, '>='],
      [code.lessThan, '<'],
      [code.lessOrEqual, '<='],
    ],
  ],
  [
    5,
    [
      [code.plus, '+'],
      [code.minus, '-'],
    ],
  ],
  [
    6,
    [
      [code.star, '*'],
      [code.slash, '/'],
      [code.percent, '%'],
    ],
  ],
] as const) {
  for (const [kind, operator] of list) {
    precedences[kind] = precedence;
    operators[kind] = operator;
  }
}

/** Parses an expression. After a mistake the cursor has failed, and what could be understood is in the node. */
export function parseExpression(cursor: Cursor): ExpressionNode {
  const entered = cursor.enter();
  const node = entered ? parseConditional(cursor) : invalid(cursor);
  cursor.leave();
  return node;
}

function parseConditional(cursor: Cursor): ExpressionNode {
  const condition = parseOperation(cursor, 1);
  if (cursor.failed || cursor.peek() !== code.question) return condition;
  cursor.read();
  const consequence = parseExpression(cursor);
  if (cursor.failed) return condition;
  if (cursor.peek() !== code.colon) {
    failAtNext(
      cursor,
      'Missing false expression in conditional',
      'After "condition ? value", a colon and the value for "false" must follow',
      condition.start,
    );
    return condition;
  }
  cursor.read();
  const alternative = parseExpression(cursor);
  return {
    kind: 'conditional',
    start: condition.start,
    end: alternative.end,
    condition,
    consequence,
    alternative,
  };
}

function parseOperation(cursor: Cursor, lowest: number): ExpressionNode {
  let left = parseOperand(cursor);
  while (!cursor.failed) {
    const kind = cursor.peek();
    const precedence = precedences[kind]!;
    if (precedence < lowest || precedence === 0) break;
    cursor.read();
    const entered = cursor.enter();
    const right = entered ? parseOperation(cursor, precedence + 1) : invalid(cursor);
    cursor.leave();
    left = { kind: 'binary', start: left.start, end: right.end, operator: operators[kind]!, left, right };
  }
  return left;
}

function parseOperand(cursor: Cursor): ExpressionNode {
  const kind = cursor.peek();
  if (kind !== code.minus && kind !== code.not)
    return parseAccess(cursor, parseTerm(cursor), parseExpression);
  const { start } = cursor;
  cursor.read();
  const entered = cursor.enter();
  const operand = entered ? parseOperand(cursor) : invalid(cursor);
  cursor.leave();
  return { kind: 'unary', start, end: operand.end, operator: kind === code.minus ? '-' : '!', operand };
}

function parseTerm(cursor: Cursor): ExpressionNode {
  switch (cursor.peek()) {
    case code.number:
      return parseNumber(cursor);
    case code.identifier:
      return parseName(cursor);
    case code.openQuote:
    case code.openHeredoc:
      return parseQuotedOrHeredoc(cursor, parseExpression);
    case code.openParenthesis:
      return parseParentheses(cursor);
    case code.openBracket:
      return parseTuple(cursor, parseExpression);
    case code.openBrace:
      return parseObject(cursor, parseExpression);
    default:
      failAtTerm(cursor);
      return invalid(cursor);
  }
}

function failAtTerm(cursor: Cursor): void {
  const { text } = cursor.source;
  if (text.startsWith('<<', cursor.start)) {
    cursor.fail(
      'Invalid heredoc',
      'After "<<" comes the marker, a plain name without quotes, and nothing else on the line. ' +
        'The text follows, and then the marker on a line of its own.',
      cursor.start,
      cursor.start + 2,
    );
  } else if (cursor.peek() === code.endOfFile) {
    failAtNext(cursor, 'Missing expression', 'A value is expected');
  } else {
    failAtNext(cursor, 'Invalid expression', 'A value is expected');
  }
}

function parseNumber(cursor: Cursor): ExpressionNode {
  const { start, end } = cursor;
  // Short ones of digits only have nothing that can be wrong.
  const isSure = end - start < 20 && hasOnlyDigits(cursor.source.text, start, end);
  if (!isSure) checkNumber(cursor, start, end);
  cursor.read();
  return new NumberLiteral(cursor.source, start, end);
}

function hasOnlyDigits(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isDigit(text.charCodeAt(at))) return false;
  return true;
}

function checkNumber(cursor: Cursor, start: number, end: number): void {
  const number = parseBigFloat(cursor.text);
  if (typeof number !== 'string') return;
  cursor.error(
    'Invalid number literal',
    number === 'range'
      ? 'This number is too large or too small.'
      : 'A number has digits, at most one dot, and at most one exponent.',
    start,
    end,
  );
}

function parseName(cursor: Cursor): ExpressionNode {
  const { start, end, text } = cursor;
  cursor.read();
  const next = cursor.peek();
  if (next === code.openParenthesis || next === code.doubleColon) {
    return parseCall(cursor, text, start, parseExpression);
  }
  switch (text) {
    case 'true':
      return { kind: 'literal', start, end, value: trueValue };
    case 'false':
      return { kind: 'literal', start, end, value: falseValue };
    case 'null':
      return { kind: 'literal', start, end, value: nullValue(dynamicType) };
    default:
      return { kind: 'variable', start, end, name: text };
  }
}

function parseParentheses(cursor: Cursor): ExpressionNode {
  const { start, newlines } = cursor;
  const opener = cursor.read();
  cursor.newlines = false;
  const expression = parseExpression(cursor);
  if (!cursor.failed) {
    if (cursor.peek() === code.closeParenthesis) cursor.read();
    else if (cursor.peek() === code.endOfFile || cursor.isPast(start)) failUnclosed(cursor, opener, start);
    else failAtNext(cursor, 'Unbalanced parentheses', 'A closing parenthesis is expected', start);
  }
  cursor.newlines = newlines;
  return { kind: 'parentheses', start, end: cursor.previousEnd, expression };
}

function failUnclosed(cursor: Cursor, opener: number, start: number): void {
  cursor.failUnclosed(
    'Unbalanced parentheses',
    'This parenthesis is never closed. Perhaps brackets do not match up after it.',
    opener,
    start,
    start + 1,
  );
}

/** The place of an expression that is missing. */
export function invalid(cursor: Cursor, expression?: ExpressionNode): ExpressionNode {
  const { start } = cursor;
  return { kind: 'invalid', start: expression ? expression.start : start, end: start, expression };
}
