import type { Source } from '../diagnostics/source.ts';
import { identifierEnd, isDigit, numberEnd } from './characters.ts';
import { closingQuote, isAlone, startsItem } from './lookahead.ts';
import { code } from './token.ts';
import { TokenTable } from './token-table.ts';

/**
 * Splits a text into tokens. Never fails: what is no token becomes an `invalid` one. `template` starts outside of a
 * `${ }`, as the content of a file that is a template.
 */
export function scan(source: Source, start: 'expression' | 'template' = 'expression'): TokenTable {
  return new Scanner(source).run(start);
}

/** What surrounds the place that is scanned. */
interface Frame {
  readonly kind: 'expression' | 'interpolation' | 'quoted' | 'heredoc' | 'bare';
  /** Braces open inside an interpolation. */
  braces: number;
  /** Of a heredoc. */
  readonly marker: string;
}

const heredocOpening = /<<-?([\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n/uy;
const foreignString = /'[^'"\r\n]*'|`[^`"\r\n]*`|[“”„«][^“”„»"\r\n]*[“”»]/uy;

class Scanner {
  readonly #text: string;
  readonly #tokens: TokenTable;
  readonly #frames: Frame[] = [];
  #frame: Frame = { kind: 'expression', braces: 0, marker: '' };
  #at = 0;
  /** Up to here a quoted text goes on over line ends, as was found by looking ahead. */
  #quotedUntil = 0;
  #knownLineEnd = 0;

  constructor(source: Source) {
    this.#text = source.text;
    this.#tokens = new TokenTable(source);
  }

  run(start: 'expression' | 'template'): TokenTable {
    if (start === 'template') this.#frame = { kind: 'bare', braces: 0, marker: '' };
    if (this.#text.charCodeAt(0) === 0xfeff) this.#add(code.byteOrderMark, 1);
    while (this.#at < this.#text.length) {
      switch (this.#frame.kind) {
        case 'quoted':
          this.#quoted();
          break;
        case 'heredoc':
          this.#heredoc();
          break;
        case 'bare':
          this.#literal(this.#lineEnd());
          break;
        default:
          this.#expression();
      }
    }
    this.#tokens.add(code.endOfFile, this.#at);
    return this.#tokens;
  }

  #add(kind: number, length: number): void {
    this.#tokens.add(kind, this.#at);
    this.#at += length;
  }

  #addUpTo(kind: number, end: number): void {
    this.#tokens.add(kind, this.#at);
    this.#at = end;
  }

  #push(kind: Frame['kind'], marker = ''): void {
    this.#frames.push(this.#frame);
    this.#frame = { kind, braces: 0, marker };
  }

  #pop(): void {
    this.#frame = this.#frames.pop()!;
  }

  /** Tokens outside of literal text, until the surroundings change. */
  #expression(): void {
    const text = this.#text;
    const frame = this.#frame;
    while (this.#at < text.length && this.#frame === frame) {
      const character = text.charCodeAt(this.#at);
      switch (character) {
        case 0x20: // space
        case 0x09: {
          let end = this.#at + 1;
          for (let next = text.charCodeAt(end); next === 0x20 || next === 0x09; )
            next = text.charCodeAt(++end);
          this.#addUpTo(code.space, end);
          break;
        }
        case 0x0a:
          this.#newline(1);
          break;
        case 0x0d:
          if (text.charCodeAt(this.#at + 1) === 0x0a) this.#newline(2);
          else this.#add(code.invalid, 1);
          break;
        case 0x22: // "
          this.#openQuote();
          break;
        case 0x23: // #
          this.#lineComment();
          break;
        case 0x2f: // /
          this.#slash();
          break;
        case 0x3d: // =
          this.#operator(code.equal, 0x3d, code.equalTo, 0x3e, code.arrow);
          break;
        case 0x2e: // .
          if (text.startsWith('...', this.#at)) this.#add(code.ellipsis, 3);
          else this.#add(code.dot, 1);
          break;
        case 0x2c: // ,
          this.#add(code.comma, 1);
          break;
        case 0x7b: // {
          frame.braces++;
          this.#add(code.openBrace, 1);
          break;
        case 0x7d: // }
          this.#closeBrace(1);
          break;
        case 0x5b: // [
          this.#add(code.openBracket, 1);
          break;
        case 0x5d: // ]
          this.#add(code.closeBracket, 1);
          break;
        case 0x28: // (
          this.#add(code.openParenthesis, 1);
          break;
        case 0x29: // )
          this.#add(code.closeParenthesis, 1);
          break;
        case 0x3a: // :
          this.#operator(code.colon, 0x3a, code.doubleColon);
          break;
        case 0x3f: // ?
          this.#add(code.question, 1);
          break;
        case 0x2a: // *
          this.#add(code.star, 1);
          break;
        case 0x25: // %
          this.#add(code.percent, 1);
          break;
        case 0x2b: // +
          this.#add(code.plus, 1);
          break;
        case 0x2d: // -
          this.#add(code.minus, 1);
          break;
        case 0x21: // !
          this.#operator(code.not, 0x3d, code.notEqualTo);
          break;
        case 0x3e: // >
          this.#operator(code.greaterThan, 0x3d, code.greaterOrEqual);
          break;
        case 0x3c: // <
          this.#lessThan();
          break;
        case 0x26: // &
          this.#operator(code.unsupportedOperator, 0x26, code.and);
          break;
        case 0x7c: // |
          this.#operator(code.unsupportedOperator, 0x7c, code.or);
          break;
        case 0x5e: // ^
          this.#add(code.unsupportedOperator, 1);
          break;
        case 0x7e: // ~
          if (
            frame.kind === 'interpolation' &&
            frame.braces === 0 &&
            text.charCodeAt(this.#at + 1) === 0x7d
          ) {
            this.#closeBrace(2);
          } else {
            this.#add(code.unsupportedOperator, 1);
          }
          break;
        default:
          this.#word(character);
      }
    }
  }

  #word(character: number): void {
    if (isDigit(character)) {
      this.#addUpTo(code.number, numberEnd(this.#text, this.#at));
      return;
    }
    const end = identifierEnd(this.#text, this.#at);
    if (end > this.#at) {
      this.#addUpTo(code.identifier, end);
      return;
    }
    // The strings of other languages become one token, so that one mistake is told once.
    foreignString.lastIndex = this.#at;
    const foreign = foreignString.exec(this.#text);
    const point = this.#text.codePointAt(this.#at)!;
    this.#add(code.invalid, foreign ? foreign[0].length : point > 0xffff ? 2 : 1);
  }

  #operator(alone: number, second: number, withSecond: number, third = -1, withThird = 0): void {
    const next = this.#text.charCodeAt(this.#at + 1);
    if (next === second) this.#add(withSecond, 2);
    else if (next === third) this.#add(withThird, 2);
    else this.#add(alone, 1);
  }

  #slash(): void {
    const next = this.#text.charCodeAt(this.#at + 1);
    if (next === 0x2f) {
      this.#lineComment();
    } else if (next === 0x2a) {
      const close = this.#text.indexOf('*/', this.#at + 2);
      this.#addUpTo(code.comment, close === -1 ? this.#text.length : close + 2);
    } else {
      this.#add(code.slash, 1);
    }
  }

  #lineComment(): void {
    let end = this.#text.indexOf('\n', this.#at);
    if (end === -1) end = this.#text.length;
    else if (this.#text.charCodeAt(end - 1) === 0x0d) end--;
    this.#addUpTo(code.comment, end);
  }

  #lessThan(): void {
    if (this.#text.charCodeAt(this.#at + 1) === 0x3c) {
      heredocOpening.lastIndex = this.#at;
      const opening = heredocOpening.exec(this.#text);
      if (opening) {
        this.#add(code.openHeredoc, opening[0].length);
        this.#push('heredoc', opening[1]);
        return;
      }
    }
    this.#operator(code.lessThan, 0x3d, code.lessOrEqual);
  }

  #closeBrace(length: number): void {
    const frame = this.#frame;
    if (frame.kind === 'interpolation' && frame.braces === 0) {
      this.#add(code.closeTemplate, length);
      this.#pop();
      return;
    }
    if (frame.braces > 0) frame.braces--;
    this.#add(code.closeBrace, length);
  }

  #newline(length: number): void {
    this.#add(code.newline, length);
    if (this.#frame.kind !== 'interpolation' || this.#frame.braces > 0) return;
    // An interpolation may go on over lines. But when the next line can be no part of one, its end was forgotten:
    // better to go on with that line than to lose the rest of the file.
    const around = this.#frames.at(-1)!;
    if (around.kind === 'quoted' && startsItem(this.#text, this.#at)) {
      this.#leaveQuotes();
    } else if (around.kind === 'heredoc' && this.#closesForgottenHeredoc(around.marker)) {
      this.#pop();
    }
  }

  #closesForgottenHeredoc(marker: string): boolean {
    const after = isAlone(this.#text, this.#at, marker);
    if (after === -1) return false;
    return after === this.#text.length || startsItem(this.#text, after);
  }

  /** Ends all quoted texts up to the next heredoc or the outermost level. */
  #leaveQuotes(): void {
    while (this.#frames.length > 0 && this.#frame.kind !== 'heredoc') this.#pop();
  }

  #openQuote(): void {
    const text = this.#text;
    // Most quoted texts are plain; those need no frame.
    for (let at = this.#at + 1; ; at++) {
      const character = text.charCodeAt(at);
      if (character === 0x22) {
        this.#add(code.openQuote, 1);
        if (at > this.#at) this.#addUpTo(code.quotedText, at);
        this.#add(code.closeQuote, 1);
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
    this.#add(code.openQuote, 1);
    this.#push('quoted');
  }

  #quoted(): void {
    const text = this.#text;
    let at = this.#at;
    for (; at < text.length; at++) {
      const character = text.charCodeAt(at);
      if (character === 0x22 || character === 0x0a || character === 0x0d) break;
      if (character === 0x5c) {
        const next = text.charCodeAt(at + 1);
        if (at + 1 < text.length && next !== 0x0a && next !== 0x0d) at++;
      } else if (character === 0x24 || character === 0x25) {
        const sequence = this.#sequence(at, character);
        if (sequence === 'opening') break;
        at += sequence;
      }
    }
    if (at > this.#at) this.#addUpTo(code.quotedText, at);
    const character = text.charCodeAt(at);
    if (character === 0x22) {
      this.#add(code.closeQuote, 1);
      this.#pop();
    } else if (character === 0x0a || character === 0x0d) {
      this.#quotedNewline();
    } else if (at < text.length) {
      this.#openSequence(character);
    }
  }

  /**
   * What a `$` or `%` in literal text begins: `opening` before the brace of a sequence, otherwise how many further
   * characters belong to it.
   */
  #sequence(at: number, character: number): 'opening' | 0 | 2 {
    const next = this.#text.charCodeAt(at + 1);
    if (next === 0x7b) return 'opening';
    return next === character && this.#text.charCodeAt(at + 2) === 0x7b ? 2 : 0;
  }

  #openSequence(character: number): void {
    const length = this.#text.charCodeAt(this.#at + 2) === 0x7e ? 3 : 2;
    this.#add(character === 0x24 ? code.openInterpolation : code.openDirective, length);
    this.#push('interpolation');
  }

  #quotedNewline(): void {
    if (this.#at >= this.#quotedUntil) {
      // Either the closing quote was forgotten, which is common, or the text has several lines, which is not allowed.
      const close = closingQuote(this.#text, this.#at);
      if (close === -1) {
        this.#leaveQuotes();
        return;
      }
      this.#quotedUntil = close;
    }
    let end = this.#at + 1;
    for (let next = this.#text.charCodeAt(end); next === 0x0a || next === 0x0d; )
      next = this.#text.charCodeAt(++end);
    this.#addUpTo(code.quotedNewline, end);
  }

  #heredoc(): void {
    const text = this.#text;
    const lineEnd = this.#lineEnd();
    if (text.charCodeAt(this.#at - 1) === 0x0a && isAlone(text, this.#at, this.#frame.marker) !== -1) {
      let end = lineEnd;
      if (text.charCodeAt(end - 1) === 0x0a) end--;
      if (text.charCodeAt(end - 1) === 0x0d) end--;
      this.#addUpTo(code.closeHeredoc, end);
      this.#pop();
      return;
    }
    this.#literal(lineEnd);
  }

  /** Offset after the next line end, remembered because a line may have many sequences. */
  #lineEnd(): number {
    if (this.#at >= this.#knownLineEnd) {
      const newline = this.#text.indexOf('\n', this.#at);
      this.#knownLineEnd = newline === -1 ? this.#text.length : newline + 1;
    }
    return this.#knownLineEnd;
  }

  /** Literal text without quotes up to an offset or the next sequence, and the opening of that. */
  #literal(limit: number): void {
    let at = this.#at;
    for (; at < limit; at++) {
      const character = this.#text.charCodeAt(at);
      if (character !== 0x24 && character !== 0x25) continue;
      const sequence = this.#sequence(at, character);
      if (sequence === 'opening') break;
      at += sequence;
    }
    if (at > this.#at) this.#addUpTo(code.text, Math.min(at, limit));
    if (at < limit) this.#openSequence(this.#text.charCodeAt(at));
  }
}
