import { FunctionError } from '../function.ts';

/**
 * The largest text and the largest collection that a function makes. Templates may come from strangers: without
 * limits, `join`, `replace` or `setproduct` of a few kilobytes could fill the memory and end the whole process.
 */
export const maxText = 64 * 1024 * 1024;
export const maxItems = 1_000_000;

/** @throws FunctionError A text of that many UTF-16 code units is too long. */
export function checkTextSize(size: number): void {
  if (size > maxText) {
    throw new FunctionError(`The result would have ${size} characters; at most ${maxText} are allowed.`);
  }
}

/** @throws FunctionError A collection of that many elements is too large. */
export function checkItemCount(count: number): void {
  if (count > maxItems) {
    throw new FunctionError(`The result would have ${count} elements; at most ${maxItems} are allowed.`);
  }
}
