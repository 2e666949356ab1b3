import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import {
  failAfterName,
  failAtHeader,
  failAtItem,
  failAtLineEnd,
  failAtOneLineEnd,
  tellOfOpenBlock,
} from './item-mistakes.ts';
import { Items } from './items.ts';
import type { AttributeNode, BlockNode, BodyNode, LabelNode } from './nodes.ts';
import { resync } from './resync.ts';
import { parseLabelText } from './template.ts';
import { code } from './token.ts';

/** Parses arguments and blocks up to the end of the text, going on after mistakes. */
export function parseBody(cursor: Cursor): BodyNode {
  const items = new Items(cursor);
  while (cursor.peek() !== code.endOfFile) {
    if (cursor.peek() === code.closeBrace) {
      const { start, end } = cursor;
      cursor.error(
        'Unexpected closing brace',
        'This brace closes no block. Perhaps braces do not match up before it.',
        start,
        end,
      );
      cursor.read();
    } else {
      parseItem(cursor, items);
    }
  }
  return items.body(0, cursor.source.text.length);
}

/** Parses one argument or block, or reads at least one token. */
function parseItem(cursor: Cursor, items: Items): void {
  const kind = cursor.peek();
  if (kind === code.newline) {
    cursor.read();
    return;
  }
  const first = cursor.index;
  if (kind === code.identifier) {
    parseNamed(cursor, items);
  } else {
    failAtItem(cursor);
    if (cursor.index === first) cursor.index++;
  }
  if (cursor.failed) resync(cursor, first);
}

function parseNamed(cursor: Cursor, items: Items): void {
  const { start, text } = cursor;
  cursor.read();
  switch (cursor.peek()) {
    case code.equal:
      items.attribute(parseAttribute(cursor, text, start));
      if (!cursor.failed) expectLineEnd(cursor, start, 'argument', items.isCrowded);
      break;
    case code.openBrace:
    case code.openQuote:
    case code.identifier: {
      const block = parseBlock(cursor, text, start);
      if (block) items.block(block);
      if (!cursor.failed) expectLineEnd(cursor, start, 'block definition', items.isCrowded);
      break;
    }
    default:
      failAfterName(cursor, text, start);
      // Where only the brace is in the wrong place, the block is read all the same.
      if (findBrace(cursor)) items.block(parseBlockBody(cursor, text, start, start + text.length, []));
  }
}

function parseAttribute(cursor: Cursor, name: string, start: number): AttributeNode {
  const nameEnd = cursor.previousEnd;
  const equals = cursor.start;
  cursor.read();
  const expression = parseExpression(cursor);
  return {
    kind: 'attribute',
    start,
    end: Math.max(expression.end, equals + 1),
    name,
    nameEnd,
    equals,
    expression,
  };
}

/** An argument or a block ends its line; inside of a block in one line, the closing brace ends it too. */
function expectLineEnd(
  cursor: Cursor,
  start: number,
  what: 'argument' | 'block definition',
  isCrowded: boolean,
): void {
  const kind = cursor.peek();
  if (kind === code.newline || (kind === code.comma && isCrowded)) {
    cursor.read();
  } else if (kind === code.closeBrace && isCrowded) {
    // Told already.
  } else if (kind !== code.endOfFile) {
    failAtLineEnd(cursor, start, what);
    // A brace closes what is around, in spite of the missing line end; a semicolon ends the line for its writer.
    if (kind === code.closeBrace) cursor.failed = false;
    if (kind === code.invalid && cursor.source.text[cursor.start] === ';') {
      cursor.failed = false;
      cursor.read();
    }
  }
}

function parseBlock(cursor: Cursor, type: string, start: number): BlockNode | undefined {
  const typeEnd = cursor.previousEnd;
  const labels: LabelNode[] = [];
  while (!cursor.failed && cursor.peek() !== code.openBrace) {
    if (cursor.peek() === code.openQuote) {
      labels.push(parseLabelText(cursor));
    } else if (cursor.peek() === code.identifier) {
      const { start: from, end, text } = cursor;
      cursor.read();
      labels.push({ start: from, end, value: text });
    } else {
      failAtHeader(cursor, start, labels.length);
    }
  }
  if (cursor.failed && !findBrace(cursor)) return undefined;
  return parseBlockBody(cursor, type, start, typeEnd, labels);
}

/** After a mistake in a block's header, finds its opening brace on this line or at the start of the next one. */
function findBrace(cursor: Cursor): boolean {
  const { kinds } = cursor.table;
  let lineEnds = 0;
  for (let index = cursor.index; ; index++) {
    const kind = kinds[index];
    if (kind === code.openBrace) {
      cursor.recover(index);
      return true;
    }
    if (kind === code.newline) lineEnds++;
    const goesOn =
      lineEnds === 0
        ? kind !== code.endOfFile && kind !== code.equal
        : kind === code.space || kind === code.newline;
    if (!goesOn || lineEnds > 1) return false;
  }
}

function parseBlockBody(
  cursor: Cursor,
  type: string,
  start: number,
  typeEnd: number,
  labels: readonly LabelNode[],
): BlockNode {
  const openBrace = cursor.start;
  cursor.read();
  const items = new Items(cursor);
  const entered = cursor.enter();
  if (entered) {
    const kind = cursor.peek();
    if (kind !== code.newline && kind !== code.closeBrace && kind !== code.endOfFile)
      parseOneLine(cursor, items);
    while (!cursor.failed && cursor.peek() !== code.closeBrace && cursor.peek() !== code.endOfFile) {
      parseItem(cursor, items);
    }
  }
  cursor.leave();
  let closeBrace = cursor.start;
  if (cursor.failed) {
    closeBrace = cursor.previousEnd;
  } else if (cursor.peek() === code.closeBrace) {
    cursor.read();
  } else {
    tellOfOpenBlock(cursor, items.body(openBrace, cursor.previousEnd), start);
  }
  const end = cursor.previousEnd;
  const body = items.body(openBrace, end);
  return { kind: 'block', start, end, type, typeEnd, labels, openBrace, closeBrace, body };
}

/** Parses the one argument of a block in one line. A writer who wants more of it is told, and read as meant. */
function parseOneLine(cursor: Cursor, items: Items): void {
  const first = cursor.index;
  const { start, text } = cursor;
  if (cursor.peek() !== code.identifier) {
    failAtItem(cursor);
  } else {
    cursor.read();
    if (cursor.peek() === code.equal) {
      items.attribute(parseAttribute(cursor, text, start));
      if (!cursor.failed && cursor.peek() !== code.closeBrace) failAtOneLineEnd(cursor, start);
      items.isCrowded = true;
    } else {
      cursor.fail(
        'Argument definition required',
        'A block in one line can hold one argument with a value. Blocks inside of a block stand on lines of their own.',
        start,
        cursor.previousEnd,
      );
      cursor.recover(first);
      items.isCrowded = true;
    }
  }
  if (cursor.failed) resync(cursor, first);
}
