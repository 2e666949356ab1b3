import type { Diagnostic } from '../../base/diagnostics.ts';
import { type KilnError, messageOf, type SourceLocation } from '../../base/errors.ts';
import { shortened } from '../../base/shorten.ts';

/** Collects everything there is to say about a template. */
export class Problems {
  readonly #list: Diagnostic[];

  /** Begins with what has been said elsewhere. */
  constructor(said: readonly Diagnostic[] = []) {
    this.#list = [...said];
  }

  error(at: SourceLocation, message: string, hint?: string): void {
    this.#add({ severity: 'error', message, at, ...(hint && { hint }) });
  }

  warn(at: SourceLocation, message: string, hint?: string): void {
    this.#add({ severity: 'warning', message, at, ...(hint && { hint }) });
  }

  /** An error that something below has thrown. */
  thrown(at: SourceLocation, error: KilnError): void {
    this.error(at, messageOf(error), error.hint);
  }

  get hasErrors(): boolean {
    return this.#list.some((one) => one.severity === 'error');
  }

  hasErrorAt({ file, line, column }: SourceLocation): boolean {
    return this.#list.some(
      ({ severity, at }) =>
        severity === 'error' && at.file === file && at.line === line && at.column === column,
    );
  }

  /** In the order of the files' lines. */
  list(): readonly Diagnostic[] {
    return this.#list.toSorted(
      ({ at: a }, { at: b }) =>
        (a.file === b.file ? 0 : a.file < b.file ? -1 : 1) || a.line - b.line || a.column - b.column,
    );
  }

  /** A part that several builds share is read for each of them, and says the same each time. */
  #add(long: Diagnostic): void {
    const { at, severity, hint } = long;
    const message = shortened(long.message);
    const known = this.#list.some(
      (one) =>
        one.message === message &&
        one.severity === severity &&
        one.at.file === at.file &&
        one.at.line === at.line &&
        one.at.column === at.column,
    );
    if (!known) this.#list.push({ ...long, message, ...(hint && { hint: shortened(hint) }) });
  }
}
