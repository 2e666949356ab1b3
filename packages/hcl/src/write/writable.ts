import type { Value } from '../values/value.ts';
import type { Code } from './code.ts';

/**
 * What can be written as an expression: data as programs have it, values, and code, also within arrays and objects.
 * Members of objects that are undefined are left out.
 */
export type Writable =
  | null
  | boolean
  | number
  | bigint
  | string
  | Value
  | Code
  | readonly Writable[]
  | { readonly [name: string]: Writable | undefined };

/** Something cannot be written in the language; the message says what. */
export class WriteError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WriteError';
  }
}

export interface WriteOptions {
  /**
   * The length up to which a list stays on one line, 80 unless told. `Infinity` keeps all lists on one line, as
   * hclwrite does.
   */
  readonly lineLength?: number;
  /** Whether to write texts of several lines that end with a line end as heredocs. Otherwise all are in quotes. */
  readonly heredocs?: boolean;
}
