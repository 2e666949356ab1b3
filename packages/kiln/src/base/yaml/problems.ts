import type { Diagnostic } from '../diagnostics.ts';
import type { SourceLocation } from '../errors.ts';
import { shortened } from '../shorten.ts';

/** Collects what is wrong with a file and what belongs to it, so that all of it is reported at once. */
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
      at.file === one.at.file &&
      at.line === one.at.line &&
      at.column === one.at.column &&
      message === one.message;
    if (!this.#found.some(same)) this.#found.push(one);
  }

  get hasErrors(): boolean {
    return this.#found.some((one) => one.severity === 'error');
  }

  /** File after file, in the order in which they were named first; each in its own order. */
  list(): readonly Diagnostic[] {
    const files = new Map<string, number>();
    for (const { at } of this.#found) if (!files.has(at.file)) files.set(at.file, files.size);
    return [...this.#found].sort(
      (a, b) =>
        files.get(a.at.file)! - files.get(b.at.file)! || a.at.line - b.at.line || a.at.column - b.at.column,
    );
  }
}
