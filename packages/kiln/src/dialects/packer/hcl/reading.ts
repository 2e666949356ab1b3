import {
  containsMark,
  type EvalContext,
  type Expression,
  type Range,
  sensitiveMark,
  type Value,
} from '@kiln/hcl';
import type { SecretValues } from '../../../text/secret-values.ts';
import type { Problems } from '../problems.ts';
import { evaluate } from './evaluate.ts';
import type { SourceFile } from './source-files.ts';

/** What reading the values of a template needs beside the expressions. */
export interface Reading {
  readonly problems: Problems;
  readonly secrets: SecretValues;
  readonly texts: ReadonlyMap<string, string>;
  /** Whether data was fetched, so that nothing is left to be unknown. */
  readonly fetchData: boolean;
  /** Absolute folder that functions' relative paths start from. */
  readonly folder: string;
}

export function textsOf(files: readonly SourceFile[]): ReadonlyMap<string, string> {
  return new Map(files.map(({ file, text }) => [file, text]));
}

/** What is written at a place. */
export function writtenAt({ file, start, end }: Range, { texts }: Reading): string {
  return texts.get(file)?.slice(start.offset, end.offset) ?? '';
}

/** The value of an expression, its secrets noted. Undefined after a mistake that was reported. */
export function read(
  expression: Expression,
  context: EvalContext | undefined,
  reading: Reading,
): Value | undefined {
  const value = evaluate(expression, context, reading.problems);
  if (value && containsMark(value, sensitiveMark)) noteSecrets(expression, value, context, reading);
  return value;
}

/** Of a text put together from parts only the secret parts are secrets. */
function noteSecrets(
  expression: Expression,
  value: Value,
  context: EvalContext | undefined,
  reading: Reading,
): void {
  const parts =
    expression.asTemplate() ?? expression.asList() ?? expression.asMap()?.map((item) => item.value);
  if (!parts) {
    reading.secrets.addDerived(value, writtenAt(expression.range, reading));
    return;
  }
  for (const part of parts) {
    const { value: inner } = part.evaluate(context);
    if (containsMark(inner, sensitiveMark)) noteSecrets(part, inner, context, reading);
  }
}
