import { RegexSyntaxError } from './syntax-tree.ts';

/** A pattern while it is read. */
export interface PatternText {
  /** Its characters. */
  readonly source: readonly string[];
  /** Of the next character. */
  offset: number;
}

export function syntaxError({ source, offset }: PatternText, problem: string): RegexSyntaxError {
  const before = source.slice(Math.max(0, offset - 20), offset).join('');
  return new RegexSyntaxError(`This is not a valid regular expression: ${problem} (after \`${before}\`).`);
}
