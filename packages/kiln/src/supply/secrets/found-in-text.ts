import type { SecretKind } from './secret-finding.ts';

/** Something found in a text that has one character a byte. */
export interface FoundInText {
  readonly kind: SecretKind;
  readonly what: string;
  /** Where in the text; undefined for all of it. */
  readonly at?: number;
}

/** Looks for one kind of thing in the text of a file. */
export type TextCheck = (text: string) => FoundInText[];

/** Counts from 1. */
export function lineAt(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) line += 1;
  return line;
}

/** Lines with their places in the text. */
export function* linesOf(text: string): Generator<{ readonly line: string; readonly at: number }> {
  for (let at = 0; at < text.length; ) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    yield { line: text.slice(at, end).replace(/\r$/, ''), at };
    at = end + 1;
  }
}
