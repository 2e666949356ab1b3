import type { ErrorCode } from '../base/error-codes.ts';
import { KilnError, messageOf } from '../base/errors.ts';
import { translateFull } from '../base/files.ts';

/** Anything thrown as a KilnError; system errors and the like get `code`. */
export function asKilnError(thrown: unknown, code: ErrorCode): KilnError {
  const translated = translateFull(thrown, pathOf(thrown));
  if (translated instanceof KilnError) return translated;
  return new KilnError(code, messageOf(thrown), { cause: thrown });
}

export function isCancelled(thrown: unknown): boolean {
  return thrown instanceof KilnError && thrown.code === 'cancelled';
}

function pathOf(thrown: unknown): string {
  return thrown instanceof Error && 'path' in thrown && typeof thrown.path === 'string'
    ? thrown.path
    : 'a file';
}

/** A build that failed for more than one reason, such as a step and after it the clean-up step. */
export class SeveralFailures extends Error {
  readonly errors: readonly KilnError[];

  constructor(errors: readonly KilnError[]) {
    super(errors.map((error) => error.message).join('; '));
    this.errors = errors;
  }
}

export function errorsOf(thrown: unknown): readonly KilnError[] {
  return thrown instanceof SeveralFailures ? thrown.errors : [asKilnError(thrown, 'internal')];
}
