import type { Source } from '../diagnostics/source.ts';
import { identifierEnd, isDigit, numberEnd } from './characters.ts';
import { isAlone, startsItem } from './lookahead.ts';
import { ScanState } from './scan-state.ts';
import { scanHeredoc, scanLiteral, scanQuote, scanQuoted } from './scan-text.ts';
import { code } from './token.ts';
import type { TokenTable } from './token-table.ts';

/**
 * Splits a text into tokens. Never fails: what is no token becomes an `invalid` one. `template` starts outside of a
 * `${ }`, as the content of a file that is a template.
 */
export function scan(source: Source, start: 'expression' | 'template' = 'expression'): TokenTable {
  const state = new ScanState(source, start === 'template' ? 'bare' : 'expression');
  if (state.text.charCodeAt(0) === 0xfeff) state.add(code.byteOrderMark, 1);
  while (state.at < state.text.length) {
    switch (state.frame.kind) {
      case 'quoted':
        scanQuoted(state);
        break;
      case 'heredoc':
        scanHeredoc(state);
        break;
      case 'bare':
        scanLiteral(state, state.lineEnd);
        break;
      default:
        scanExpression(state);
    }
  }
  state.tokens.add(code.endOfFile, state.at);
  return state.tokens;
}

const heredocOpening = /<<-?([\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n/uy;
const foreignString = /'[^'"\r\n]*'|`[^`"\r\n]*`|[“”„«][^“”„»"\r\n]*[“”»]/uy;

/** Tokens outside of literal text, until the surroundings change. */
function scanExpression(state: ScanState): void {
  const text = state.text;
  const frame = state.frame;
  while (state.at < text.length && state.frame === frame) {
    const character = text.charCodeAt(state.at);
    switch (character) {
      case 0x20: // space
      case 0x09: {
        let end = state.at + 1;
        for (let next = text.charCodeAt(end); next === 0x20 || next === 0x09; ) next = text.charCodeAt(++end);
        state.addUpTo(code.space, end);
        break;
      }
      case 0x0a:
        scanNewline(state, 1);
        break;
      case 0x0d:
        if (text.charCodeAt(state.at + 1) === 0x0a) scanNewline(state, 2);
        else state.add(code.invalid, 1);
        break;
      case 0x22: // "
        scanQuote(state);
        break;
      case 0x23: // #
        scanLineComment(state);
        break;
      case 0x2f: // /
        scanSlash(state);
        break;
      case 0x3d: // =
        addOperator(state, code.equal, 0x3d, code.equalTo, 0x3e, code.arrow);
        break;
      case 0x2e: // .
        if (text.startsWith('...', state.at)) state.add(code.ellipsis, 3);
        else state.add(code.dot, 1);
        break;
      case 0x2c: // ,
        state.add(code.comma, 1);
        break;
      case 0x7b: // {
        frame.braces++;
        state.add(code.openBrace, 1);
        break;
      case 0x7d: // }
        scanCloseBrace(state, 1);
        break;
      case 0x5b: // [
        state.add(code.openBracket, 1);
        break;
      case 0x5d: // ]
        state.add(code.closeBracket, 1);
        break;
      case 0x28: // (
        state.add(code.openParenthesis, 1);
        break;
      case 0x29: // )
        state.add(code.closeParenthesis, 1);
        break;
      case 0x3a: // :
        addOperator(state, code.colon, 0x3a, code.doubleColon);
        break;
      case 0x3f: // ?
        state.add(code.question, 1);
        break;
      case 0x2a: // *
        state.add(code.star, 1);
        break;
      case 0x25: // %
        state.add(code.percent, 1);
        break;
      case 0x2b: // +
        state.add(code.plus, 1);
        break;
      case 0x2d: // -
        state.add(code.minus, 1);
        break;
      case 0x21: // !
        addOperator(state, code.not, 0x3d, code.notEqualTo);
        break;
      case 0x3e: // >
        addOperator(state, code.greaterThan, 0x3d, code.greaterOrEqual);
        break;
      case 0x3c: // <
        scanLessThan(state);
        break;
      case 0x26: // &
        addOperator(state, code.unsupportedOperator, 0x26, code.and);
        break;
      case 0x7c: // |
        addOperator(state, code.unsupportedOperator, 0x7c, code.or);
        break;
      case 0x5e: // ^
        state.add(code.unsupportedOperator, 1);
        break;
      case 0x7e: // ~
        if (frame.kind === 'interpolation' && frame.braces === 0 && text.charCodeAt(state.at + 1) === 0x7d) {
          scanCloseBrace(state, 2);
        } else {
          state.add(code.unsupportedOperator, 1);
        }
        break;
      default:
        scanWord(state, character);
    }
  }
}

function scanWord(state: ScanState, character: number): void {
  if (isDigit(character)) {
    state.addUpTo(code.number, numberEnd(state.text, state.at));
    return;
  }
  const end = identifierEnd(state.text, state.at);
  if (end > state.at) {
    state.addUpTo(code.identifier, end);
    return;
  }
  // The strings of other languages become one token, so that one mistake is told once.
  foreignString.lastIndex = state.at;
  const foreign = foreignString.exec(state.text);
  const point = state.text.codePointAt(state.at)!;
  state.add(code.invalid, foreign ? foreign[0].length : point > 0xffff ? 2 : 1);
}

function addOperator(
  state: ScanState,
  alone: number,
  second: number,
  withSecond: number,
  third = -1,
  withThird = 0,
): void {
  const next = state.text.charCodeAt(state.at + 1);
  if (next === second) state.add(withSecond, 2);
  else if (next === third) state.add(withThird, 2);
  else state.add(alone, 1);
}

function scanSlash(state: ScanState): void {
  const next = state.text.charCodeAt(state.at + 1);
  if (next === 0x2f) {
    scanLineComment(state);
  } else if (next === 0x2a) {
    const close = state.text.indexOf('*/', state.at + 2);
    state.addUpTo(code.comment, close === -1 ? state.text.length : close + 2);
  } else {
    state.add(code.slash, 1);
  }
}

function scanLineComment(state: ScanState): void {
  let end = state.text.indexOf('\n', state.at);
  if (end === -1) end = state.text.length;
  else if (state.text.charCodeAt(end - 1) === 0x0d) end--;
  state.addUpTo(code.comment, end);
}

function scanLessThan(state: ScanState): void {
  if (state.text.charCodeAt(state.at + 1) === 0x3c) {
    heredocOpening.lastIndex = state.at;
    const opening = heredocOpening.exec(state.text);
    if (opening) {
      state.add(code.openHeredoc, opening[0].length);
      state.push('heredoc', opening[1]);
      return;
    }
  }
  addOperator(state, code.lessThan, 0x3d, code.lessOrEqual);
}

function scanCloseBrace(state: ScanState, length: number): void {
  const frame = state.frame;
  if (frame.kind === 'interpolation' && frame.braces === 0) {
    state.add(code.closeTemplate, length);
    state.pop();
    return;
  }
  if (frame.braces > 0) frame.braces--;
  state.add(code.closeBrace, length);
}

function scanNewline(state: ScanState, length: number): void {
  state.add(code.newline, length);
  if (state.frame.kind !== 'interpolation' || state.frame.braces > 0) return;
  // An interpolation may go on over lines. But when the next line can be no part of one, its end was forgotten:
  // better to go on with that line than to lose the rest of the file.
  const around = state.frames.at(-1)!;
  if (around.kind === 'quoted' && startsItem(state.text, state.at)) {
    state.leaveQuotes();
  } else if (around.kind === 'heredoc' && closesForgottenHeredoc(state, around.marker)) {
    state.pop();
  }
}

function closesForgottenHeredoc(state: ScanState, marker: string): boolean {
  const after = isAlone(state.text, state.at, marker);
  if (after === -1) return false;
  return after === state.text.length || startsItem(state.text, after);
}
