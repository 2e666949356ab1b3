import { KilnError } from '../../base/errors.ts';
import { redactor } from '../../base/redact.ts';
import type { TemplateValues } from '../../dialects/packer/json/template-values.ts';
import { renderSource } from '../../text/render-text.ts';
import type { Evaluated, Evaluator } from './evaluator.ts';

const help = [
  'Type a text as it may stand in a JSON template to see what becomes of it, such as {{timestamp}}',
  'or {{user `name`}}.',
  '',
  '  variables   shows all variables',
  '  exit        ends the console, as Ctrl-D does',
].join('\n');

/** Renders texts with the variables of a template in JSON. */
export function createJsonEvaluator({ variables, secrets, scope }: TemplateValues): Evaluator {
  const hide = redactor(secrets);
  const evaluate = (line: string): Evaluated => {
    try {
      const value = renderSource(line, scope);
      const text = hide(value);
      return { ok: true, text, json: text === value ? JSON.stringify(value) : undefined };
    } catch (error) {
      if (!(error instanceof KilnError)) throw error;
      const hint = error.hint === undefined ? '' : `\n${error.hint}`;
      return { ok: false, problem: hide(`${error.message}${hint}`) };
    }
  };
  const list = () =>
    Object.entries(variables)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}: ${secrets.includes(value) ? '<sensitive>' : value}\n`)
      .join('');
  return { evaluate, variables: list, help };
}
