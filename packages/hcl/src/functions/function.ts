import type { Type } from '../values/type.ts';
import type { Value } from '../values/value.ts';

/** One parameter of a function. Arguments are converted to its type before the function sees them. */
export interface Parameter {
  readonly name: string;
  readonly type: Type;
  /** Otherwise null is refused before the call. */
  readonly allowNull?: boolean;
  /** Otherwise an unknown argument makes the result unknown without a call. */
  readonly allowUnknown?: boolean;
  /** With a parameter type that is dynamic: otherwise an argument whose type is not known makes the result unknown. */
  readonly allowDynamic?: boolean;
  /** Otherwise marks are taken off the argument, deeply, and put on the result. */
  readonly allowMarked?: boolean;
  /**
   * How the argument's text becomes a value: evaluated (left out), handed over as a closure that can be evaluated
   * (for `try` and `can`), or read as a type (for `convert`).
   */
  readonly reads?: 'expression' | 'type';
}

/** An example in a function's documentation; the tests evaluate it. */
export interface Example {
  /** An HCL expression. */
  readonly call: string;
  /** An HCL expression of the expected value, of exactly the same type unless `loose`. */
  readonly gives: string;
  /** The types may differ, such as list and tuple. */
  readonly loose?: boolean;
}

/** A function of the language, with its documentation. */
export interface HclFunction {
  readonly name: string;
  /** One or two sentences. */
  readonly description: string;
  readonly parameters: readonly Parameter[];
  /** For all further arguments. */
  readonly rest?: Parameter;
  readonly examples: readonly Example[];
  /** Not evaluated in advance: gives another answer each time (`timestamp`, `uuidv4`). */
  readonly impure?: boolean;
  /**
   * The type of the result for these arguments, which may be unknown or null where the parameters allow it.
   * @throws FunctionError
   */
  resultType(args: readonly Value[]): Type;
  /** @throws FunctionError */
  call(args: readonly Value[], type: Type): Value;
}

/** A function refuses its arguments. */
export class FunctionError extends Error {
  /** Index of the argument at fault, from 0; undefined when it is not one of them. */
  readonly argument: number | undefined;

  constructor(message: string, argument?: number) {
    super(message);
    this.name = 'FunctionError';
    this.argument = argument;
  }
}
