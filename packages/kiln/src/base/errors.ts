import { type ErrorCode, errorSummaries } from './error-codes.ts';

export interface ErrorDetails {
  /** What the user can do about it, as an instruction. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Where the mistake stands, when it is in a file the user wrote. */
  readonly at?: SourceLocation;
}

/** A place in a user's file. Lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The one error class of Kiln: a stable code from the table in `error-codes.ts`, a message that names
 * the thing at fault, and a hint that says what to do.
 */
export class KilnError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly at: SourceLocation | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'KilnError';
    this.code = code;
    this.hint = details.hint;
    this.at = details.at;
  }

  /** The general sentence that the error table has for this code. */
  get summary(): string {
    return errorSummaries[this.code];
  }
}

/** The message of anything thrown, without a stack. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0)
    return thrown.errors.map(messageOf).join('; ');
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** True for system errors with one of the given codes, such as `ENOENT`. */
export function isSystemError(thrown: unknown, ...codes: string[]): thrown is NodeJS.ErrnoException {
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code));
}
