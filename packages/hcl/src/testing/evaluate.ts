import type { Read } from '../body.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import type { EvalContext } from '../eval/context.ts';
import { standardFunctions } from '../functions/index.ts';
import { parseConfig, parseExpression } from '../native/parse.ts';
import { objectValue, type Value } from '../values/value.ts';
import { localsTemplate } from './expressions.ts';

/** Variables, and the functions that touch nothing outside. */
export function contextOf(variables: Readonly<Record<string, Value>> = {}): EvalContext {
  return { variables: new Map(Object.entries(variables)), functions: standardFunctions() };
}

/** Parses and evaluates an expression; the diagnostics are those of both. */
export function evaluate(text: string, context: EvalContext | undefined = contextOf()): Read<Value> {
  const parsed = parseExpression(text, 'test.hcl');
  const evaluated = parsed.value.evaluate(context);
  return { value: evaluated.value, diagnostics: [...parsed.diagnostics, ...evaluated.diagnostics] };
}

/** The value of an expression without mistakes. */
export function valueFrom(text: string, context: EvalContext | undefined = contextOf()): Value {
  const { value, diagnostics } = evaluate(text, context);
  if (diagnostics.length > 0)
    throw new Error(`${text}: ${diagnostics[0]!.summary}: ${diagnostics[0]!.detail}`);
  return value;
}

/** What is wrong with an expression, each as `line,column-column summary: detail`. */
export function mistakesOf(text: string, context: EvalContext | undefined = contextOf()): string[] {
  return evaluate(text, context).diagnostics.map(({ subject, summary, detail }) => {
    const { start, end } = subject;
    return `${start.line},${start.column}-${end.column} ${summary}: ${detail}`;
  });
}

/** What the expressions in expressions.ts are evaluated in. */
export function localsContext(): EvalContext {
  const block = parseConfig(localsTemplate, 'locals.pkr.hcl').value.everything().blocks[0]!;
  const locals = [...block.body.everything().attributes].map(([name, { expression }]) => {
    const { value, diagnostics } = expression.evaluate(contextOf());
    if (hasErrors(diagnostics)) throw new Error(diagnostics[0]!.detail);
    return [name, value] as const;
  });
  return contextOf({ local: objectValue(locals) });
}
