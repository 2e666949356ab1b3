import { code } from '../syntax/token.ts';
import type { Line } from './lines.ts';
import { depthChange, isText, type Words } from './words.ts';

/** Decides the spaces within each line. Those before cells of several lines are widened later. */
export function space(words: Words, lines: readonly Line[]): void {
  for (const line of lines) {
    spaceCell(words, line.start, line.assign);
    if (line.assign < line.comment) words.gaps[line.assign] = 1;
    spaceCell(words, line.assign, line.comment);
    if (line.comment < line.end) words.gaps[line.comment] = 1;
  }
}

function spaceCell(words: Words, start: number, end: number): void {
  for (let index = start + 1; index < end; index++) {
    const wanted = isSpaced(words, index, start);
    const had = words.gaps[index]! > 0;
    words.gaps[index] = wanted !== had && mustStay(words, index) ? Number(had) : Number(wanted);
  }
}

const noWord = 0;

/** Whether there is a space before a word, which is not the first of its cell. */
function isSpaced(words: Words, index: number, cellStart: number): boolean {
  const left = words.kinds[index - 1]!;
  const right = words.kinds[index]!;
  const beforeLeft = index - 1 > cellStart ? words.kinds[index - 2]! : noWord;

  if (right === code.newline) return false;
  if (left === code.identifier && right === code.openParenthesis) return false;
  if (left === code.identifier && right === code.doubleColon) return false;
  if (left === code.doubleColon && right === code.identifier) return false;
  if (left === code.dot || right === code.dot) return false;
  if (right === code.comma || right === code.ellipsis) return false;
  if (left === code.comma) return true;
  if (isInsideLiteral(left, right)) return false;
  // Otherwise `in [a]` would look like an index.
  if (left === code.identifier && beforeLeft === code.identifier && isIn(words, index - 1)) return true;
  if (right === code.openBracket && isIndexed(left)) return false;
  if (left === code.not) return false;
  if (left === code.minus) return !isNegation(beforeLeft);
  if (left === code.openBrace || right === code.closeBrace) {
    return left !== code.openBrace || right !== code.closeBrace;
  }
  if (right === code.openBrace && opensSequence(left)) return true;
  if (left === code.closeBrace && right === code.closeTemplate) return true;
  if (left === code.closeTemplate && opensSequence(right)) return false;
  return depthChange(left) <= 0 && depthChange(right) >= 0;
}

/** Whether a space between the two would be text. */
function isInsideLiteral(left: number, right: number): boolean {
  if (isText(right)) return true;
  switch (left) {
    case code.openQuote:
    case code.openHeredoc:
    case code.quotedText:
    case code.quotedNewline:
    case code.text:
      return true;
    default:
      return false;
  }
}

function isIn(words: Words, index: number): boolean {
  const start = words.starts[index]!;
  return words.ends[index] === start + 2 && words.text.startsWith('in', start);
}

function isIndexed(left: number): boolean {
  return left === code.identifier || left === code.number || depthChange(left) < 0;
}

function opensSequence(kind: number): boolean {
  return kind === code.openInterpolation || kind === code.openDirective;
}

/** Whether a minus after this cannot be a subtraction. */
function isNegation(before: number): boolean {
  switch (before) {
    case noWord:
    case code.openParenthesis:
    case code.openBrace:
    case code.openBracket:
    case code.equal:
    case code.colon:
    case code.comma:
    case code.question:
    case code.plus:
    case code.minus:
    case code.star:
    case code.slash:
    case code.percent:
    case code.equalTo:
    case code.notEqualTo:
    case code.greaterThan:
    case code.greaterOrEqual:
    case code.lessThan:
    case code.lessOrEqual:
    case code.and:
    case code.or:
    case code.not:
      return true;
    default:
      return false;
  }
}

/**
 * Whether the text would read as something else with white space between two words, or without. Only where something
 * is wrong anyway; there nothing may change its meaning, so that formatting twice is the same as formatting once.
 */
function mustStay(words: Words, index: number): boolean {
  const { text, kinds, starts, ends } = words;
  const [leftKind, left] = [kinds[index - 1], text[ends[index - 1]! - 1]];
  const [rightKind, right] = [kinds[index], text[starts[index]!]];
  if (leftKind === code.invalid && left === '\\') return true;
  if (leftKind === code.closeQuote && startsLine(text, starts[index - 1]!)) return true;
  if (rightKind === code.invalid && right === '\r') return true;
  return mergeable.has(`${left}${right}`);
}

function startsLine(text: string, at: number): boolean {
  let before = at - 1;
  while (text[before] === ' ' || text[before] === '\t') before--;
  return text[before] === '\n';
}

/** Ends and beginnings of words that are something else when they touch. */
const mergeable = new Set(['!=', '..', '~}', '{~', '\r\n']);
