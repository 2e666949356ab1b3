import type { BigFloat } from '../../values/big-float.ts';
import type { BoolValue, NumberValue, StringValue, Value } from '../../values/value.ts';
import { FunctionError } from '../function.ts';

/** The text of an argument that callFunction has made sure is a known string. */
export function textOf(value: Value | undefined): string {
  return (value as StringValue).value;
}

/** The number of an argument that callFunction has made sure is a known number. */
export function numberOf(value: Value | undefined): BigFloat {
  return (value as NumberValue).value;
}

/** The truth of an argument that callFunction has made sure is a known boolean. */
export function truthOf(value: Value | undefined): boolean {
  return (value as BoolValue).value;
}

/**
 * The argument as a whole number.
 * @param index Of the argument, for the error.
 * @throws FunctionError It has a fraction, or is beyond ±2^53.
 */
export function wholeNumberOf(value: Value | undefined, index: number): number {
  const number = numberOf(value).toSafeInteger();
  if (number === undefined)
    throw new FunctionError('The number must be whole and between -2^53 and 2^53.', index);
  return number;
}
