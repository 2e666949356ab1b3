import { Failure } from './errors.ts';
import { unquoteRune, unquoteString } from './quoting.ts';
import { keywords, type Token } from './token.ts';

const whiteSpace = ' \t\r\n';

/** Splits a template's source into tokens. @throws Failure at the first thing that is no token */
export function tokenize(source: string): Token[] {
  return new Lexer(source).run();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    let trimStart = false;
    for (;;) {
      const open = this.#source.indexOf('{{', this.#at);
      const end = open === -1 ? this.#source.length : open;
      const trimEnd = open !== -1 && this.#isTrimMarker(open + 2);
      this.#text(this.#at, end, trimStart, trimEnd);
      if (open === -1) break;
      this.#at = open + 2 + (trimEnd ? 2 : 0);
      trimStart = this.#comment(open) ?? this.#action(open);
    }
    this.#tokens.push({ kind: 'end-of-source', offset: this.#source.length });
    return this.#tokens;
  }

  #text(start: number, end: number, trimStart: boolean, trimEnd: boolean): void {
    let from = start;
    let to = end;
    while (trimStart && from < to && whiteSpace.includes(this.#source[from]!)) from++;
    while (trimEnd && to > from && whiteSpace.includes(this.#source[to - 1]!)) to--;
    if (to > from) this.#tokens.push({ kind: 'text', offset: from, text: this.#source.slice(from, to) });
  }

  #isTrimMarker(at: number): boolean {
    const next = this.#source[at + 1];
    return this.#source[at] === '-' && next !== undefined && whiteSpace.includes(next);
  }

  /** Skips a comment. Says whether the text after it is to be trimmed, or undefined when there is none. */
  #comment(open: number): boolean | undefined {
    if (!this.#source.startsWith('/*', this.#at)) return undefined;
    const end = this.#source.indexOf('*/', this.#at + 2);
    if (end === -1) throw new Failure('this comment has no end', open);
    this.#at = end + 2;
    const closing = this.#closing();
    if (!closing)
      throw new Failure('a comment must fill its action: "}}" is expected right after "*/"', this.#at);
    this.#at += closing.length;
    return closing.trim;
  }

  #closing(): { length: number; trim: boolean } | undefined {
    if (this.#source.startsWith('}}', this.#at)) return { length: 2, trim: false };
    const space = this.#source[this.#at];
    if (space !== undefined && whiteSpace.includes(space) && this.#source.startsWith('-}}', this.#at + 1)) {
      return { length: 4, trim: true };
    }
    return undefined;
  }

  #action(open: number): boolean {
    this.#tokens.push({ kind: 'open', offset: open });
    let depth = 0;
    for (;;) {
      const closing = this.#closing();
      if (closing) {
        if (depth > 0) throw new Failure('a "(" is not closed', this.#at);
        this.#tokens.push({ kind: 'close', offset: this.#at });
        this.#at += closing.length;
        return closing.trim;
      }
      const letter = this.#source[this.#at];
      if (letter === undefined) throw new Failure('this action has no end: "}}" is missing', open);
      if (letter === '(') depth++;
      if (letter === ')' && --depth < 0) throw new Failure('this ")" closes nothing', this.#at);
      this.#token(letter);
    }
  }

  #token(letter: string): void {
    const start = this.#at;
    const source = this.#source;
    const single = (
      { '(': 'left-paren', ')': 'right-paren', '|': 'pipe', ',': 'comma', '=': 'assign' } as const
    )[letter];
    if (whiteSpace.includes(letter)) {
      // Leaves the last space to a following trim marker, which needs one.
      do this.#at++;
      while (whiteSpace.includes(source[this.#at] ?? 'x') && !this.#closing());
      this.#tokens.push({ kind: 'space', offset: start });
    } else if (single) {
      this.#at++;
      this.#tokens.push({ kind: single, offset: start });
    } else if (source.startsWith(':=', start)) {
      this.#at += 2;
      this.#tokens.push({ kind: 'declare', offset: start });
    } else if (letter === '"' || letter === '`' || letter === "'") {
      this.#quoted(letter);
    } else if (letter === '$') {
      this.#tokens.push({ kind: 'variable', offset: start, text: this.#word(1) });
      this.#mustEnd(start);
    } else if (letter === '.' && !/[0-9]/.test(source[start + 1] ?? '')) {
      const text = this.#word(1).slice(1);
      this.#tokens.push(text ? { kind: 'field', offset: start, text } : { kind: 'dot', offset: start });
      this.#mustEnd(start);
    } else if (/[0-9.+-]/.test(letter)) {
      this.#number(start);
    } else if (/[\p{L}_]/u.test(this.#character(start))) {
      const text = this.#word(0);
      this.#tokens.push({ kind: keywords.has(text) ? 'keyword' : 'identifier', offset: start, text });
      this.#mustEnd(start);
    } else {
      throw new Failure(`${JSON.stringify(this.#character(start))} is not allowed in an action`, start);
    }
  }

  #character(at: number): string {
    const code = this.#source.codePointAt(at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  /** Reads letters, digits and underscores after `skip` characters that were seen already. */
  #word(skip: number): string {
    const start = this.#at;
    this.#at += skip;
    for (;;) {
      const character = this.#character(this.#at);
      if (!/^[\p{L}\p{Nd}_]$/u.test(character)) break;
      this.#at += character.length;
    }
    return this.#source.slice(start, this.#at);
  }

  #mustEnd(start: number): void {
    const next = this.#source[this.#at];
    if (next === undefined || `${whiteSpace}.,|:=)(`.includes(next) || this.#closing()) return;
    const word = this.#source.slice(start, this.#at);
    throw new Failure(
      `${JSON.stringify(this.#character(this.#at))} is not allowed right after "${word}"`,
      this.#at,
    );
  }

  #quoted(quote: '"' | '`' | "'"): void {
    const start = this.#at;
    let end = start + 1;
    for (; this.#source[end] !== quote; end++) {
      const letter = this.#source[end];
      if (quote !== '`' && letter === '\\') end++;
      if (letter === undefined || (letter === '\n' && quote !== '`')) {
        throw new Failure(`this ${quote === "'" ? 'character' : 'string'} has no closing ${quote}`, start);
      }
    }
    const literal = this.#source.slice(start, end + 1);
    this.#at = end + 1;
    if (quote === "'") {
      if (unquoteRune(literal) === undefined)
        throw new Failure(`${literal} is not a single character`, start);
      this.#tokens.push({ kind: 'rune', offset: start, text: literal });
      return;
    }
    const text = unquoteString(literal);
    if (text === undefined) throw new Failure(`${literal} has an escape that Go does not know`, start);
    this.#tokens.push({ kind: 'string', offset: start, text });
  }

  #number(start: number): void {
    const found =
      /^[+-]?(?:0[xX][0-9a-fA-F_.]*(?:[pP][+-]?[0-9_]*)?|[0-9_.]*(?:[eE][+-]?[0-9_]*)?)[\p{L}\p{Nd}_]*/u.exec(
        this.#source.slice(start, start + 400),
      );
    const text = found?.[0] ?? this.#source[start]!;
    this.#at += text.length;
    this.#tokens.push({ kind: 'number', offset: start, text });
  }
}
