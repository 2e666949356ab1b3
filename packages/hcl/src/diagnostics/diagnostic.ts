import type { Range } from './range.ts';

/** One thing to say about a text. Parsing and evaluation collect these and throw nothing for a user's mistake. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** A few words, such as "Unsupported argument". */
  readonly summary: string;
  /** Whole sentences that say what is wrong and what to do. Never contains a value with the mark `sensitive`. */
  readonly detail: string;
  /** What is wrong. */
  readonly subject: Range;
  /** A larger part that shows it in its surroundings. */
  readonly context?: Range;
  /** What the writer may have meant, such as `ami_name`. */
  readonly suggestion?: string;
  /** What the variables in the failing expression stood for. Never a value with marks. */
  readonly values?: readonly VariableNote[];
}

/** A variable and a short description of its value, such as `var.disks` and `list of string with 2 elements`. */
export interface VariableNote {
  readonly name: string;
  readonly value: string;
}

/** Whether there is an error among them. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}
