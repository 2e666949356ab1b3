import type { SourceLocation } from '../errors.ts';
import type { JsonEntry, JsonNode } from './json-node.ts';

/** Takes what is wrong with a text. */
export interface JsonProblems {
  error(at: SourceLocation, message: string, hint?: string): void;
}

export interface JsonNotation {
  /** Comments may stand wherever white space may, and texts may go over several lines, as in templates of ARM. */
  readonly relaxed?: boolean;
}

/** Deepest nesting. Packer's templates need six levels; more than this is a mistake or an attack. */
const depthLimit = 100;
/** After so many mistakes of syntax, the rest is most likely their consequence. */
const mistakeLimit = 10;

/**
 * Reads JSON (RFC 8259) with the place of every value. Goes on after mistakes that can be repaired by guessing, so
 * that several are reported at once. Undefined when nothing could be read.
 */
export function readJson(
  file: string,
  text: string,
  problems: JsonProblems,
  notation: JsonNotation = {},
): JsonNode | undefined {
  const reader = new JsonReader(file, text.replace(/^\uFEFF/, ''), problems, notation);
  try {
    return reader.document();
  } catch (error) {
    if (error instanceof GiveUp) return undefined;
    throw error;
  }
}

/** Nothing after this place can be read. */
class GiveUp extends Error {}

class JsonReader {
  readonly #file: string;
  readonly #text: string;
  readonly #problems: JsonProblems;
  readonly #relaxed: boolean;
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #depth = 0;
  #mistakes = 0;
  #saidComments = false;

  constructor(file: string, text: string, problems: JsonProblems, { relaxed = false }: JsonNotation) {
    this.#file = file;
    this.#text = text;
    this.#problems = problems;
    this.#relaxed = relaxed;
  }

  document(): JsonNode {
    this.#skipSpace();
    if (this.#at >= this.#text.length) throw this.#stop(this.#here(), 'the template is empty');
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) {
      this.#mistake(
        this.#here(),
        `there is ${this.#found()} after the end of the template`,
        'a bracket closes too early?',
      );
    }
    return value;
  }

  #value(): JsonNode {
    const at = this.#here();
    const letter = this.#text[this.#at];
    if (letter === '{' || letter === '[') {
      if (++this.#depth > depthLimit) {
        throw this.#stop(at, `the template is nested more than ${depthLimit} levels deep`);
      }
      const value = letter === '{' ? this.#map(at) : this.#list(at);
      this.#depth--;
      return value;
    }
    if (letter === '"' || letter === "'") return { kind: 'string', at, value: this.#string() };
    if (letter !== undefined && /[-+.\d]/.test(letter)) return this.#number(at);
    return this.#word(at);
  }

  #map(at: SourceLocation): JsonNode {
    const entries: JsonEntry[] = [];
    const places = new Map<string, SourceLocation>();
    this.#items('}', at, 'object', () => {
      const keyAt = this.#here();
      const key = this.#key();
      this.#skipSpace();
      if (this.#text[this.#at] === ':') this.#at++;
      else if (this.#at >= this.#text.length) throw this.#truncated(at, 'object');
      else this.#mistake(this.#here(), `":" is expected after the name "${key}", not ${this.#found()}`);
      this.#skipSpace();
      if (this.#at >= this.#text.length) throw this.#truncated(at, 'object');
      const value = this.#value();
      const first = places.get(key);
      if (first) this.#problems.error(keyAt, `"${key}" is given twice`, `first in line ${first.line}`);
      else entries.push({ key, keyAt, value });
      places.set(key, first ?? keyAt);
    });
    return { kind: 'map', at, entries };
  }

  #list(at: SourceLocation): JsonNode {
    const items: JsonNode[] = [];
    this.#items(']', at, 'list', () => items.push(this.#value()));
    return { kind: 'list', at, items };
  }

  #items(close: '}' | ']', start: SourceLocation, what: 'object' | 'list', item: () => void): void {
    this.#at++;
    this.#skipSpace();
    for (let first = true; ; first = false) {
      if (this.#at >= this.#text.length) throw this.#truncated(start, what);
      if (this.#text[this.#at] === close) {
        this.#at++;
        return;
      }
      if (this.#text[this.#at] === (close === '}' ? ']' : '}')) {
        throw this.#stop(
          this.#here(),
          `${this.#found()} cannot close the ${what} that begins in line ${start.line}, column ${start.column}`,
        );
      }
      if (!first) this.#comma(close, what);
      if (this.#text[this.#at] === close) continue;
      if (this.#at >= this.#text.length) throw this.#truncated(start, what);
      item();
      this.#skipSpace();
    }
  }

  #comma(close: '}' | ']', what: string): void {
    if (this.#text[this.#at] !== ',') {
      this.#mistake(this.#here(), `a comma is missing before ${this.#found()}`);
      return;
    }
    const at = this.#here();
    this.#at++;
    this.#skipSpace();
    if (this.#text[this.#at] === close)
      this.#mistake(at, `there is a comma after the last entry of this ${what}`, 'remove it');
  }

  #key(): string {
    const letter = this.#text[this.#at]!;
    if (letter === '"' || letter === "'") return this.#string();
    const bare = /^[\w-]+/.exec(this.#text.slice(this.#at, this.#at + 200))?.[0];
    if (bare === undefined)
      throw this.#stop(this.#here(), `a name in double quotes is expected, not ${this.#found()}`);
    this.#mistake(this.#here(), `the name ${bare} must stand in double quotes`);
    this.#at += bare.length;
    return bare;
  }

  #string(): string {
    const at = this.#here();
    const quote = this.#text[this.#at]!;
    if (quote === "'") this.#mistake(at, 'texts stand in double quotes, not in single ones');
    this.#at++;
    let result = '';
    for (;;) {
      const letter = this.#text[this.#at];
      if (letter === undefined)
        throw this.#stop(at, 'the template ends inside this text', 'a closing quote is missing');
      if (letter === quote) break;
      if (letter === '\\') {
        result += this.#escape();
        continue;
      }
      if (letter < ' ' && !(this.#relaxed && '\r\n\t'.includes(letter))) {
        if (letter === '\n') {
          throw this.#stop(
            at,
            'this text has no closing quote in its line',
            'write \\n for a line break in a text',
          );
        }
        this.#mistake(this.#here(), 'a text may not hold a control character', 'write a tab as \\t');
      }
      result += letter;
      this.#at++;
      if (letter === '\n') {
        this.#line++;
        this.#lineStart = this.#at;
      }
    }
    this.#at++;
    return result;
  }

  #escape(): string {
    const at = this.#here();
    const letter = this.#text[this.#at + 1];
    const simple = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }[
      letter ?? ''
    ];
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const hex = this.#text.slice(this.#at + 2, this.#at + 6);
    if (letter === 'u' && /^[0-9a-fA-F]{4}$/.test(hex)) {
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    this.#mistake(at, `"\\${letter ?? ''}" is no escape in JSON`, 'write \\\\ for a backslash');
    this.#at += 1;
    return '\\';
  }

  #number(at: SourceLocation): JsonNode {
    const text = /^[-+.\w]+/.exec(this.#text.slice(this.#at, this.#at + 400))![0];
    if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) {
      this.#mistake(at, `${text} is not a number in JSON`, 'put it into double quotes');
    }
    this.#at += text.length;
    const value = Number(text);
    return { kind: 'number', at, text, value: Number.isNaN(value) ? 0 : value };
  }

  #word(at: SourceLocation): JsonNode {
    const word = /^\w+/.exec(this.#text.slice(this.#at, this.#at + 200))?.[0];
    if (word === undefined) throw this.#stop(at, `a value is expected, not ${this.#found()}`);
    this.#at += word.length;
    if (word === 'true' || word === 'false') return { kind: 'boolean', at, value: word === 'true' };
    if (word === 'null') return { kind: 'null', at };
    const isCapital = ['true', 'false', 'null'].includes(word.toLowerCase());
    this.#mistake(
      at,
      `${word} is no value`,
      isCapital ? `write ${word.toLowerCase()}` : 'texts stand in double quotes',
    );
    return { kind: 'null', at };
  }

  #skipSpace(): void {
    for (;;) {
      const letter = this.#text[this.#at];
      if (letter === '\n') {
        this.#at++;
        this.#line++;
        this.#lineStart = this.#at;
      } else if (letter === ' ' || letter === '\t' || letter === '\r') this.#at++;
      else if (letter === '#' || (letter === '/' && /[/*]/.test(this.#text[this.#at + 1] ?? '')))
        this.#comment();
      else return;
    }
  }

  #comment(): void {
    if (!this.#saidComments && !this.#relaxed) {
      this.#mistake(
        this.#here(),
        'JSON has no comments',
        'write "_comment": "…" in the outermost object instead',
      );
    }
    this.#saidComments = true;
    const isBlock = this.#text.startsWith('/*', this.#at);
    const end = this.#text.indexOf(isBlock ? '*/' : '\n', this.#at);
    const stop = end === -1 ? this.#text.length : end + (isBlock ? 2 : 0);
    for (; this.#at < stop; this.#at++) {
      if (this.#text[this.#at] !== '\n') continue;
      this.#line++;
      this.#lineStart = this.#at + 1;
    }
  }

  #here(): SourceLocation {
    return { file: this.#file, line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  #found(): string {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? 'the end of the template' : JSON.stringify(String.fromCodePoint(code));
  }

  #truncated(start: SourceLocation, what: 'object' | 'list'): GiveUp {
    const place = `line ${start.line}, column ${start.column}`;
    return this.#stop(
      this.#here(),
      `the template ends inside the ${what} that begins in ${place}`,
      'is the file complete?',
    );
  }

  #mistake(at: SourceLocation, message: string, hint?: string): void {
    this.#problems.error(at, message, hint);
    if (++this.#mistakes >= mistakeLimit) throw new GiveUp();
  }

  #stop(at: SourceLocation, message: string, hint?: string): GiveUp {
    this.#problems.error(at, message, hint);
    return new GiveUp();
  }
}
