import type { Diagnostic } from '../diagnostics.ts';
import type { SourceLocation } from '../errors.ts';
import { shortened } from '../shorten.ts';

/** Collects what is wrong with a file, so that all of it is reported at once. */
export class Problems {
  readonly #found: Diagnostic[] = [];

  error(at: SourceLocation, message: string, hint?: string): void {
    this.#add({ severity: 'error', message, ...(hint !== undefined && { hint }), at });
  }

  warning(at: SourceLocation, message: string, hint?: string): void {
    this.#add({ severity: 'warning', message, ...(hint !== undefined && { hint }), at });
  }

  /** A part that is used twice, as by an alias, is reported once. */
  #add(long: Diagnostic): void {
    const one = {
      ...long,
      message: shortened(long.message),
      ...(long.hint && { hint: shortened(long.hint) }),
    };
    const same = ({ at, message }: Diagnostic) =>
      at.line === one.at.line && at.column === one.at.column && message === one.message;
    if (!this.#found.some(same)) this.#found.push(one);
  }

  get hasErrors(): boolean {
    return this.#found.some((one) => one.severity === 'error');
  }

  /** In the order of the file. */
  list(): readonly Diagnostic[] {
    return [...this.#found].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  }
}
