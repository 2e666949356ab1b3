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
}
