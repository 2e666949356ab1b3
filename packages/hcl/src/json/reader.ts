import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import { mistakesLimit } from '../syntax/cursor.ts';

const blanks = /[ \t\r\n]*/y;
const comment = /\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;

/** A place in a JSON text, with what was found to be wrong so far. */
export class JsonReader {
  readonly source: Source;
  readonly text: string;
  readonly diagnostics: Diagnostic[] = [];
  at = 0;
  /** Whether the text makes no sense any more; nothing more is told then. */
  failed = false;
  #toldOfComments = false;

  constructor(source: Source) {
    this.source = source;
    this.text = source.text;
    if (this.text.charCodeAt(0) === 0xfeff) this.at = 1;
  }

  error(summary: string, detail: string, start: number, end: number): void {
    if (this.failed || this.diagnostics.length > mistakesLimit) return;
    if (this.diagnostics.length === mistakesLimit) {
      summary = 'Too many mistakes';
      detail = `There are more mistakes after the first ${mistakesLimit}.`;
    }
    this.diagnostics.push({ severity: 'error', summary, detail, subject: this.source.range(start, end) });
  }

  fail(summary: string, detail: string, start: number, end: number): void {
    this.error(summary, detail, start, end);
    this.failed = true;
  }

  /** The next character after blanks; '' at the end. Comments are told and skipped. */
  next(): string {
    for (;;) {
      this.match(blanks);
      const character = this.text[this.at] ?? '';
      if (character !== '/' && character !== '#') return character;
      const start = this.at;
      if (!this.match(comment)) return character;
      if (!this.#toldOfComments) {
        this.#toldOfComments = true;
        this.error(
          'Comment in JSON',
          'There are no comments in JSON. Put the text into a property named "//", which is ignored in the body of a file or block.',
          start,
          this.at,
        );
      }
    }
  }

  /** Takes what a sticky pattern matches here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text)?.[0];
    if (match !== undefined) this.at += match.length;
    return match === '' ? undefined : match;
  }
}
