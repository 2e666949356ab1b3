import {
  aType,
  ConversionError,
  convert,
  type EvalContext,
  type Expression,
  hasErrors,
  type Type,
  unmarkedDeep,
  type Value,
} from '@kiln/hcl';
import type { Problems } from '../problems.ts';
import { placeOf, report } from './diagnostics.ts';

/** The value of an expression, or undefined after a mistake that was reported. */
export function evaluate(
  expression: Expression,
  context: EvalContext | undefined,
  problems: Problems,
): Value | undefined {
  const { value, diagnostics } = expression.evaluate(context);
  report(problems, diagnostics);
  return hasErrors(diagnostics) ? undefined : value;
}

/** The value of an expression as one of a type, or undefined after a mistake that was reported. */
export function evaluateAs(
  expression: Expression,
  type: Type,
  context: EvalContext | undefined,
  problems: Problems,
  what: string,
): Value | undefined {
  const value = evaluate(expression, context, problems);
  if (!value) return undefined;
  try {
    return convert(value, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    problems.error(placeOf(expression.range), `${what} must be ${aType(type)}: ${error.message}`);
    return undefined;
  }
}

/** What a plain value is in JavaScript. Undefined for null and for what is not known. */
export function plainText(value: Value | undefined): string | undefined {
  return value?.kind === 'string' ? value.value : undefined;
}

export function plainBoolean(value: Value | undefined): boolean | undefined {
  return value?.kind === 'bool' ? value.value : undefined;
}

/** The texts of a list of texts. */
export function plainTexts(value: Value | undefined): readonly string[] {
  if (!value) return [];
  const { value: plain } = unmarkedDeep(value);
  if (plain.kind !== 'list' && plain.kind !== 'set' && plain.kind !== 'tuple') return [];
  return plain.items.flatMap((item) => plainText(item) ?? []);
}
