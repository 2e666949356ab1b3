import { KilnError } from '../../base/errors.ts';
import type { CommandInput } from '../command.ts';
import type { consoleOptions } from '../commands/console.ts';
import type { Evaluated } from '../console/evaluator.ts';
import { openEvaluator } from '../console/open-evaluator.ts';
import { runConsole } from '../console/run-console.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findPackerTemplate, readTemplateText } from '../packer-template.ts';
import { formatDiagnostics } from '../report-error.ts';

export async function run(
  { options, args }: CommandInput<typeof consoleOptions>,
  { stdout, stderr, cwd, env }: CliContext,
): Promise<number> {
  const { evaluator, diagnostics } = await openEvaluator({
    template: args[0] === undefined ? { language: 'none' } : findPackerTemplate(args[0], cwd),
    variables: options.var,
    variableFiles: options['var-file'],
    readText: (file) => readTemplateText(file, cwd),
    cwd,
    env,
  });
  stderr.write(formatDiagnostics(diagnostics, stderr.paint));
  const say = (result: Evaluated & { readonly ok: true }) =>
    stdout.line(options.json ? jsonOf(result) : result.text);
  const complain = (problem: string) => stderr.line(problem);
  if (options.expression.length === 0) {
    return (await runConsole(evaluator, { say, complain }, 'each')) ? exitCodes.ok : exitCodes.failed;
  }
  let code: number = exitCodes.ok;
  for (const expression of options.expression) {
    const result = evaluator.evaluate(expression);
    if (result.ok) say(result);
    else {
      complain(result.problem);
      code = exitCodes.failed;
    }
  }
  return code;
}

function jsonOf({ json }: Evaluated & { readonly ok: true }): string {
  if (json !== undefined) return json;
  throw new KilnError('unsupported', 'the value cannot be written as JSON', {
    hint: 'it is a secret, or only a running build knows it',
  });
}
