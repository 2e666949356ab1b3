import { parseBigFloat } from '../values/big-float-text.ts';
import { dynamicType } from '../values/type.ts';
import { numberValue, unknownValue } from '../values/value.ts';
import { type Cursor, nestingLimit } from './cursor.ts';
import type { AccessStep, ExpressionNode } from './nodes.ts';
import { code } from './token.ts';
import { failAtNext } from './unexpected.ts';

/** Parses what may follow a term: attributes, indices and splats. */
export function parseAccess(
  cursor: Cursor,
  base: ExpressionNode,
  parseExpression: (cursor: Cursor) => ExpressionNode,
): ExpressionNode {
  if (cursor.failed) return base;
  let kind = cursor.peek();
  if (kind !== code.dot && kind !== code.openBracket) return base;
  const steps: AccessStep[] = [];
  let splats = 0;
  while (kind === code.dot || kind === code.openBracket) {
    const step =
      kind === code.dot ? parseDot(cursor, base, steps) : parseBracket(cursor, base, parseExpression);
    if (step) steps.push(step);
    if (cursor.failed) break;
    if (step?.kind === 'full-splat' && ++splats > nestingLimit) {
      cursor.fail(
        'Nested too deeply',
        `No more than ${nestingLimit} splats may follow each other.`,
        step.start,
        step.end,
      );
      break;
    }
    kind = cursor.peek();
  }
  const end = steps.at(-1)?.end ?? base.end;
  const access: ExpressionNode =
    steps.length > 0 ? { kind: 'access', start: base.start, end, base, steps } : base;
  // What was understood of `a.b.` stays in the tree, so that an editor can offer what may follow.
  return cursor.failed
    ? { kind: 'invalid', start: base.start, end: cursor.previousEnd, expression: access }
    : access;
}

function parseDot(
  cursor: Cursor,
  base: ExpressionNode,
  before: readonly AccessStep[],
): AccessStep | undefined {
  const { start } = cursor;
  cursor.read();
  switch (cursor.peek()) {
    case code.identifier: {
      const { text, end } = cursor;
      cursor.read();
      return { kind: 'attribute', start, end, name: text };
    }
    case code.number:
      return parseLegacyIndex(cursor, start);
    case code.star: {
      const { end } = cursor;
      if (insideAttributeSplat(before)) {
        cursor.fail(
          'Nested splat expression not allowed',
          'After ".*" only attributes may follow. To go through lists in lists, use "[*]".',
          start,
          end,
          base.start,
        );
        return undefined;
      }
      cursor.read();
      return { kind: 'attribute-splat', start, end };
    }
    default:
      failAtNext(cursor, 'Invalid attribute name', 'After a dot comes the name of an attribute', base.start);
      return undefined;
  }
}

/** Whether the next step would be one of those that `.*` applies to each element. */
function insideAttributeSplat(steps: readonly AccessStep[]): boolean {
  for (let at = steps.length - 1; at >= 0; at--) {
    const step = steps[at]!;
    if (step.kind === 'attribute-splat') return true;
    if (step.kind !== 'attribute' && !(step.kind === 'index' && step.legacy)) return false;
  }
  return false;
}

function parseLegacyIndex(cursor: Cursor, start: number): AccessStep {
  const { text, end } = cursor;
  const number = parseBigFloat(text);
  if (!/^[0-9]+$/.test(text) || typeof number === 'string') {
    const parts = text.split('.').map((part) => `[${part}]`);
    cursor.error(
      'Invalid legacy index syntax',
      `One index after the other cannot be written with dots. Write ${parts.join('')} instead.`,
      start,
      end,
    );
    cursor.read();
    return { kind: 'index', start, end, key: unknownValue(dynamicType), legacy: true };
  }
  cursor.read();
  return { kind: 'index', start, end, key: numberValue(number), legacy: true };
}

function parseBracket(
  cursor: Cursor,
  base: ExpressionNode,
  parseExpression: (cursor: Cursor) => ExpressionNode,
): AccessStep | undefined {
  const { start, newlines } = cursor;
  const opener = cursor.read();
  if (cursor.peek() === code.star) {
    cursor.read();
    if (cursor.peek() !== code.closeBracket) {
      failAtNext(
        cursor,
        'Missing close bracket on splat index',
        'After "[*" comes a closing bracket',
        base.start,
      );
      return undefined;
    }
    cursor.read();
    return { kind: 'full-splat', start, end: cursor.previousEnd };
  }
  cursor.newlines = false;
  const key = parseExpression(cursor);
  if (!cursor.failed) {
    if (cursor.peek() === code.closeBracket) cursor.read();
    else if (cursor.isPast(start)) failUnclosed(cursor, opener, start);
    else failAtNext(cursor, 'Missing close bracket on index', 'A closing bracket is expected', base.start);
  }
  cursor.newlines = newlines;
  const end = cursor.previousEnd;
  return key.kind === 'literal'
    ? { kind: 'index', start, end, key: key.value, legacy: false }
    : { kind: 'computed-index', start, end, key };
}

function failUnclosed(cursor: Cursor, opener: number, start: number): void {
  cursor.failUnclosed(
    'Missing close bracket on index',
    'This bracket is never closed.',
    opener,
    start,
    start + 1,
  );
}
