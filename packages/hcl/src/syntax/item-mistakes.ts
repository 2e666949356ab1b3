import type { Cursor } from './cursor.ts';
import type { BodyNode } from './nodes.ts';
import { code } from './token.ts';
import { describeNext, failAtNext, foreignSyntax } from './unexpected.ts';

/** Neither an argument nor a block starts here. */
export function failAtItem(cursor: Cursor): void {
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

/** After a name comes neither a value nor a block. */
export function failAfterName(cursor: Cursor, name: string, start: number): void {
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

/** After an argument or a block, its line goes on. */
export function failAtLineEnd(cursor: Cursor, start: number, what: 'argument' | 'block definition'): void {
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

/** The header of a block goes on with what is no part of one. */
export function failAtHeader(cursor: Cursor, start: number, labels: number): void {
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

/** After the one argument of a block in one line comes no closing brace. */
export function failAtOneLineEnd(cursor: Cursor, start: number): void {
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
export function tellOfOpenBlock(cursor: Cursor, body: BodyNode, start: number): void {
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
