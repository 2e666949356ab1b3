import type { Range } from '../diagnostics/range.ts';

/** The kinds of tokens. The scanner stores a kind as its index in this list, which `code` names. */
export const tokenKinds = [
  'end-of-file',
  'space',
  'newline',
  'comment',
  'byte-order-mark',
  'identifier',
  'number',
  'open-brace',
  'close-brace',
  'open-bracket',
  'close-bracket',
  'open-parenthesis',
  'close-parenthesis',
  'open-quote',
  'close-quote',
  'quoted-text',
  'quoted-newline',
  'open-heredoc',
  'close-heredoc',
  'text',
  'open-interpolation',
  'open-directive',
  'close-template',
  'star',
  'slash',
  'percent',
  'plus',
  'minus',
  'equal',
  'equal-to',
  'not-equal-to',
  'less-than',
  'less-or-equal',
  'greater-than',
  'greater-or-equal',
  'and',
  'or',
  'not',
  'dot',
  'comma',
  'ellipsis',
  'arrow',
  'question',
  'colon',
  'double-colon',
  'unsupported-operator',
  'invalid',
] as const;

export type TokenKind = (typeof tokenKinds)[number];

/** The indices of `tokenKinds`, spelt out because the scanner and the parser live on them. */
export const code = {
  endOfFile: 0,
  space: 1,
  newline: 2,
  comment: 3,
  byteOrderMark: 4,
  identifier: 5,
  number: 6,
  openBrace: 7,
  closeBrace: 8,
  openBracket: 9,
  closeBracket: 10,
  openParenthesis: 11,
  closeParenthesis: 12,
  openQuote: 13,
  closeQuote: 14,
  quotedText: 15,
  quotedNewline: 16,
  openHeredoc: 17,
  closeHeredoc: 18,
  text: 19,
  openInterpolation: 20,
  openDirective: 21,
  closeTemplate: 22,
  star: 23,
  slash: 24,
  percent: 25,
  plus: 26,
  minus: 27,
  equal: 28,
  equalTo: 29,
  notEqualTo: 30,
  lessThan: 31,
  lessOrEqual: 32,
  greaterThan: 33,
  greaterOrEqual: 34,
  and: 35,
  or: 36,
  not: 37,
  dot: 38,
  comma: 39,
  ellipsis: 40,
  arrow: 41,
  question: 42,
  colon: 43,
  doubleColon: 44,
  unsupportedOperator: 45,
  invalid: 46,
} as const;

/**
 * One token of a text. White space and comments are tokens too: the texts of all tokens, one after the other, are the
 * source.
 */
export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  /** Offset of the first code unit. */
  readonly start: number;
  /** Offset after the last. */
  readonly end: number;
  readonly range: Range;
}
