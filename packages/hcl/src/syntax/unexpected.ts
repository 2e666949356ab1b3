import type { Cursor } from './cursor.ts';
import { code } from './token.ts';

/** How the next token is called in a message. */
export function describeNext(cursor: Cursor): string {
  switch (cursor.peek()) {
    case code.endOfFile:
      return 'the end of the text';
    case code.newline:
      return 'the end of the line';
    case code.quotedNewline:
      return 'the end of the line';
    case code.openQuote:
      return 'a text in quotes';
    case code.openHeredoc:
      return 'a heredoc';
    case code.closeTemplate:
      return 'the end of the sequence';
    default: {
      const { text } = cursor;
      return `"${text.length > 30 ? `${text.slice(0, 30)}…` : text}"`;
    }
  }
}

/**
 * Fails at the next token. Writing that belongs to other languages gets a message of its own; for the rest, `summary`
 * and `expected` tell what was looked for.
 */
export function failAtNext(cursor: Cursor, summary: string, expected: string, contextStart?: number): void {
  const foreign = foreignSyntax(cursor);
  const { start, end } = cursor;
  if (foreign) cursor.fail(foreign.summary, foreign.detail, start, end, contextStart);
  else cursor.fail(summary, `${expected}, but here is ${describeNext(cursor)}.`, start, end, contextStart);
}

/** What to say when the next token is written as other languages have it. */
export function foreignSyntax(cursor: Cursor): { summary: string; detail: string } | undefined {
  const kind = cursor.peek();
  const { text } = cursor;
  if (kind === code.unsupportedOperator)
    return { summary: 'Unsupported operator', detail: operatorHint(text) };
  if (kind === code.identifier && Object.hasOwn(wordOperators, text)) {
    return {
      summary: 'Unsupported operator',
      detail: `Write ${wordOperators[text]} instead of the word "${text}".`,
    };
  }
  if (kind !== code.invalid) return undefined;
  return { summary: 'Invalid character', detail: characterHint(text) };
}

const wordOperators: Readonly<Record<string, string>> = { and: '"&&"', or: '"||"', not: '"!"' };

function operatorHint(text: string): string {
  if (text === '&') return 'There are no operators for single bits. For "and", write "&&".';
  if (text === '|') return 'There are no operators for single bits. For "or", write "||".';
  if (text === '~') return 'There are no operators for single bits. For "not", write "!".';
  return `There is no operator "${text}".`;
}

function characterHint(text: string): string {
  switch (text[0]) {
    case "'":
      return 'Text stands in double quotes ("), not in single ones.';
    case '`':
      return 'Text stands in double quotes ("), not in backticks. Text of several lines can be a heredoc, such as <<EOT.';
    case '“':
    case '”':
    case '„':
    case '«':
    case '»':
      return 'Text stands in straight double quotes ("). Such curly quotes often come from a word processor or a web page.';
    case '$':
      return 'Variables are written without a dollar sign. Only inside of a text, in quotes, "${" and "}" stand around them.';
    case ';':
      return 'No semicolon ends a line here. Arguments and blocks stand on lines of their own; the items of lists are divided by commas.';
    case '\ufeff':
      return 'A byte order mark may stand only at the very start of a file. Remove this invisible character.';
    case '\ufffd':
      return 'This is no readable character. Files must be encoded in UTF-8.';
    case '\r':
      return 'A carriage return stands only before a line feed.';
    case '\u00a0':
      return 'This is a no-break space. Use an ordinary space.';
    default: {
      const point = text.codePointAt(0)!;
      return `The character U+${point.toString(16).toUpperCase().padStart(4, '0')} has no meaning here.`;
    }
  }
}
