import { rangeText } from '../diagnostics/range.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import type { AttributeNode, BlockNode, BodyNode, LabelNode } from './nodes.ts';
import { resync } from './resync.ts';
import { parseLabelText } from './template.ts';
import { code } from './token.ts';
import { describeNext, failAtNext, foreignSyntax } from './unexpected.ts';

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

/** From so many arguments on, looking for the name of each among the others would take too long. */
const fewAttributes = 12;

/** The arguments and blocks of a body while it is parsed. */
class Items {
  readonly #cursor: Cursor;
  readonly #attributes: AttributeNode[] = [];
  readonly #blocks: BlockNode[] = [];
  #byName: Map<string, AttributeNode> | undefined;
  /** Whether it was told that too much stands on the line of the block's opening brace. */
  isCrowded = false;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  attribute(node: AttributeNode): void {
    const first = this.#find(node.name);
    if (!first) {
      this.#attributes.push(node);
      this.#byName?.set(node.name, node);
      return;
    }
    const place = rangeText(this.#cursor.range(first.start, first.nameEnd));
    this.#cursor.error(
      'Attribute redefined',
      `The argument "${node.name}" is set already, at ${place}. An argument can be set only once.`,
      node.start,
      node.nameEnd,
    );
  }

  block(node: BlockNode): void {
    this.#blocks.push(node);
  }

  body(start: number, end: number): BodyNode {
    return { kind: 'body', start, end, attributes: this.#attributes, blocks: this.#blocks };
  }

  #find(name: string): AttributeNode | undefined {
    if (this.#attributes.length < fewAttributes) return this.#attributes.find((node) => node.name === name);
    this.#byName ??= new Map(this.#attributes.map((node) => [node.name, node]));
    return this.#byName.get(name);
  }
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

function failAtItem(cursor: Cursor): void {
  if (cursor.peek() === code.openQuote) {
    cursor.fail(
      'Invalid argument name',
      'The names of arguments and the types of blocks stand without quotes.',
      cursor.start,
      cursor.end,
    );
  } else {
    failAtNext(
      cursor,
      'Argument or block definition required',
      'The name of an argument or the type of a block is expected',
    );
  }
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

function failAfterName(cursor: Cursor, name: string, start: number): void {
  const summary = 'Argument or block definition required';
  switch (cursor.peek()) {
    case code.colon:
    case code.equalTo: {
      const sign = cursor.peek() === code.colon ? 'an equals sign, not a colon' : 'a single equals sign';
      const detail = `To give the argument "${name}" a value, write ${sign}.`;
      cursor.fail(summary, detail, cursor.start, cursor.end, start);
      break;
    }
    case code.dot:
    case code.openBracket:
      cursor.fail(
        'Invalid argument name',
        `The name of an argument is a single word: nothing can be set inside of "${name}". Set all of it, as in ${name} = { … }.`,
        start,
        cursor.end,
      );
      break;
    default:
      if (foreignSyntax(cursor)) failAtNext(cursor, '', '', start);
      else {
        cursor.fail(
          summary,
          `After the name "${name}" comes an equals sign and a value, or a block in braces; here is ${describeNext(cursor)}.`,
          start,
          cursor.previousEnd,
        );
      }
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

function failAtLineEnd(cursor: Cursor, start: number, what: 'argument' | 'block definition'): void {
  if (cursor.peek() === code.comma) {
    cursor.fail(
      `Unexpected comma after ${what}`,
      'Arguments and blocks stand on lines of their own. No comma stands between them.',
      cursor.start,
      cursor.end,
      start,
    );
  } else {
    failAtNext(
      cursor,
      `Missing newline after ${what}`,
      `${what === 'argument' ? 'After the value of an argument' : 'After a block'} its line must end`,
      start,
    );
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

function failAtHeader(cursor: Cursor, start: number, labels: number): void {
  const kind = cursor.peek();
  if (kind === code.equal) {
    cursor.fail(
      'Invalid block definition',
      'An equals sign belongs to an argument, which has one name and nothing else before the sign. The header of a block has no equals sign.',
      cursor.start,
      cursor.end,
      start,
    );
  } else if (kind === code.newline || kind === code.endOfFile) {
    cursor.fail(
      'Invalid block definition',
      labels === 1
        ? 'A block has an opening brace on the line of its type and labels. To set an argument, write an equals sign after its name.'
        : 'A block has an opening brace on the line of its type and labels.',
      start,
      cursor.previousEnd,
    );
  } else {
    failAtNext(
      cursor,
      'Invalid block definition',
      'Another label or the opening brace of the block is expected',
      start,
    );
  }
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

function failAtOneLineEnd(cursor: Cursor, start: number): void {
  const kind = cursor.peek();
  // The end of the text is told as the missing brace.
  if (kind === code.endOfFile) return;
  const summary = 'Invalid single-argument block definition';
  if (kind === code.comma) {
    cursor.error(
      summary,
      'A block in one line can hold one argument only. Put each argument on a line of its own.',
      cursor.start,
      cursor.end,
      start,
    );
    cursor.read();
  } else if (kind === code.newline) {
    cursor.error(
      summary,
      'A block that starts with an argument on its first line ends on this line too. Put its arguments on lines of their own.',
      start,
      cursor.previousEnd,
    );
  } else {
    failAtNext(cursor, summary, 'The closing brace of the block is expected after its argument', start);
  }
}

/** The first item inside that is not indented any further than the block is most likely no part of it. */
function tellOfOpenBlock(cursor: Cursor, body: BodyNode, start: number): void {
  const items = [...body.attributes, ...body.blocks].sort((a, b) => a.start - b.start);
  const { column } = cursor.source.position(start);
  const outside = items
    .map((item) => cursor.source.position(item.start))
    .find((item) => item.column <= column);
  const guess = outside
    ? `Line ${outside.line} looks as if the block should have ended before it.`
    : 'Perhaps braces do not match up inside of it.';
  cursor.error(
    'Unclosed configuration block',
    `This block has no closing brace. ${guess}`,
    start,
    body.start + 1,
  );
}
