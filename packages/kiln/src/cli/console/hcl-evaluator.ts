import {
  containsMarks,
  type EvalContext,
  encodeJson,
  hasErrors,
  isWhollyKnown,
  parseExpression,
  renderDiagnostics,
  showValue,
} from '@kiln/hcl';
import { redactor } from '../../base/redact.ts';
import type { Evaluated, Evaluator } from './evaluator.ts';

const help = [
  'Type an expression of HCL2 to see its value, such as upper("a") or var.name.',
  '',
  '  variables   shows all variables and locals',
  '  exit        ends the console, as Ctrl-D does',
].join('\n');

export interface HclEvaluatorOptions {
  readonly context: EvalContext;
  readonly secrets: readonly string[];
  readonly variables: () => string;
}

/** Works out expressions of HCL2 with the values of a template. */
export function createHclEvaluator({ context, secrets, variables }: HclEvaluatorOptions): Evaluator {
  const hide = redactor(secrets);
  const evaluate = (line: string): Evaluated => {
    const { value: expression, diagnostics } = parseExpression(line, '<console-input>');
    const refused = (found: typeof diagnostics): Evaluated => ({
      ok: false,
      problem: hide(renderDiagnostics(found, { textOf: () => line }).trimEnd()),
    });
    if (hasErrors(diagnostics)) return refused(diagnostics);
    const { value, diagnostics: mistakes } = expression.evaluate(context);
    if (hasErrors(mistakes)) return refused(mistakes);
    // Of a text that is put together from parts only the secret ones are hidden.
    const isMixed = value.kind === 'string' && !secrets.includes(value.value);
    return {
      ok: true,
      text: hide(showValue(value, { secrets: isMixed })),
      json: isWhollyKnown(value) && !containsMarks(value) ? encodeJson(value) : undefined,
    };
  };
  return { evaluate, variables, help };
}
