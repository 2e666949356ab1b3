import { closingQuote, isAlone } from './lookahead.ts';
import type { ScanState } from './scan-state.ts';
import { code } from './token.ts';

/** Scans a text in quotes, or only its beginning when there is more in it than plain text. */
export function scanQuote(state: ScanState): void {
  const text = state.text;
  // Most quoted texts are plain; those need no frame.
  for (let at = state.at + 1; ; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x22) {
      state.add(code.openQuote, 1);
      if (at > state.at) state.addUpTo(code.quotedText, at);
      state.add(code.closeQuote, 1);
      return;
    }
    if (character === 0x5c) {
      const next = text.charCodeAt(at + 1);
      if (next === 0x0a || next === 0x0d) break;
      at++;
    } else if ((character === 0x24 || character === 0x25) && text.charCodeAt(at + 1) === 0x7b) {
      break;
    } else if (character === 0x0a || character === 0x0d || Number.isNaN(character)) {
      break;
    }
  }
  state.add(code.openQuote, 1);
  state.push('quoted');
}

/** Scans inside of quotes, up to their end or the next sequence. */
export function scanQuoted(state: ScanState): void {
  const text = state.text;
  let at = state.at;
  for (; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x22 || character === 0x0a || character === 0x0d) break;
    if (character === 0x5c) {
      const next = text.charCodeAt(at + 1);
      if (at + 1 < text.length && next !== 0x0a && next !== 0x0d) at++;
    } else if (character === 0x24 || character === 0x25) {
      const sequence = sequenceAt(state, at, character);
      if (sequence === 'opening') break;
      at += sequence;
    }
  }
  if (at > state.at) state.addUpTo(code.quotedText, at);
  const character = text.charCodeAt(at);
  if (character === 0x22) {
    state.add(code.closeQuote, 1);
    state.pop();
  } else if (character === 0x0a || character === 0x0d) {
    scanQuotedNewline(state);
  } else if (at < text.length) {
    openSequence(state, character);
  }
}

/**
 * What a `$` or `%` in literal text begins: `opening` before the brace of a sequence, otherwise how many further
 * characters belong to it.
 */
function sequenceAt(state: ScanState, at: number, character: number): 'opening' | 0 | 2 {
  const next = state.text.charCodeAt(at + 1);
  if (next === 0x7b) return 'opening';
  return next === character && state.text.charCodeAt(at + 2) === 0x7b ? 2 : 0;
}

function openSequence(state: ScanState, character: number): void {
  const length = state.text.charCodeAt(state.at + 2) === 0x7e ? 3 : 2;
  state.add(character === 0x24 ? code.openInterpolation : code.openDirective, length);
  state.push('interpolation');
}

function scanQuotedNewline(state: ScanState): void {
  if (state.at >= state.quotedUntil) {
    // Either the closing quote was forgotten, which is common, or the text has several lines, which is not allowed.
    const close = closingQuote(state.text, state.at);
    if (close === -1) {
      state.leaveQuotes();
      return;
    }
    state.quotedUntil = close;
  }
  let end = state.at + 1;
  for (let next = state.text.charCodeAt(end); next === 0x0a || next === 0x0d; )
    next = state.text.charCodeAt(++end);
  state.addUpTo(code.quotedNewline, end);
}

/** Scans a line of a heredoc, up to its end or the next sequence. */
export function scanHeredoc(state: ScanState): void {
  const text = state.text;
  const lineEnd = state.lineEnd;
  if (text.charCodeAt(state.at - 1) === 0x0a && isAlone(text, state.at, state.frame.marker) !== -1) {
    let end = lineEnd;
    if (text.charCodeAt(end - 1) === 0x0a) end--;
    if (text.charCodeAt(end - 1) === 0x0d) end--;
    state.addUpTo(code.closeHeredoc, end);
    state.pop();
    return;
  }
  scanLiteral(state, lineEnd);
}

/** Literal text without quotes up to an offset or the next sequence, and the opening of that. */
export function scanLiteral(state: ScanState, limit: number): void {
  let at = state.at;
  for (; at < limit; at++) {
    const character = state.text.charCodeAt(at);
    if (character !== 0x24 && character !== 0x25) continue;
    const sequence = sequenceAt(state, at, character);
    if (sequence === 'opening') break;
    at += sequence;
  }
  if (at > state.at) state.addUpTo(code.text, Math.min(at, limit));
  if (at < limit) openSequence(state, state.text.charCodeAt(at));
}
