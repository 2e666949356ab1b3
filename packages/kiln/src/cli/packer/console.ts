import type { Diagnostic } from '../../base/diagnostics.ts';
import type { Evaluator } from '../console/evaluator.ts';
import { exitCodes } from '../exit-codes.ts';
import { parseVariables } from '../read-variables.ts';
import { definePackerCommand, type PackerContext } from './command.ts';
import { configTypeOf, sequentialFlag, templateFlags } from './flags.ts';
import { defineFlags, type GoFlagValues } from './go-flags.ts';
import { openHclTemplate } from './load-packer-template.ts';
import { problemText } from './problem-text.ts';
import { findTemplateFile, readTemplateText, type TemplateFile } from './template-file.ts';

const flags = defineFlags({ ...templateFlags, ...sequentialFlag });

export const consoleCommand = definePackerCommand({
  operands: '[TEMPLATE]',
  description:
    'Lets you try out expressions with the variables of a template: HCL2 in an HCL2 template, texts with\n{{…}} in a JSON one. Lines that come through a pipe are all worked out, and the last result is printed.',
  flags,
  arguments: { min: 0, max: 1 },
  run: async ({ flags: given, args }, context) => {
    const { ui } = context;
    const evaluator = await evaluatorFor(args[0], given, context);
    const { runConsole } = await import('../console/run-console.ts');
    const isRight = await runConsole(evaluator, { say: ui.say, complain: ui.error }, 'last');
    return isRight ? exitCodes.ok : exitCodes.failed;
  },
});

async function evaluatorFor(
  path: string | undefined,
  given: GoFlagValues<typeof flags>,
  context: PackerContext,
): Promise<Evaluator> {
  const configType = configTypeOf(given);
  if (path === undefined && configType === 'hcl2') {
    const { contextWithoutTemplate } = await import('../../dialects/packer/hcl/bare-context.ts');
    const { createHclEvaluator } = await import('../console/hcl-evaluator.ts');
    const { cwd, env } = context;
    return createHclEvaluator({
      context: contextWithoutTemplate({ cwd, env, startedAt: new Date() }),
      secrets: [],
      variables: () => '',
    });
  }
  const template: TemplateFile =
    path === undefined
      ? { language: 'json', file: '<no template>', text: '{}' }
      : findTemplateFile(path, configType, context.cwd);
  return template.language === 'hcl2'
    ? hclEvaluator(template.path, given, context)
    : jsonEvaluator(template, given, context);
}

async function hclEvaluator(
  path: string,
  given: GoFlagValues<typeof flags>,
  context: PackerContext,
): Promise<Evaluator> {
  const { createHclEvaluator } = await import('../console/hcl-evaluator.ts');
  const { valuesReport } = await import('./inspect-hcl.ts');
  const project = await openHclTemplate(
    path,
    { variables: given.var, variableFiles: given['var-file'], warnUndeclared: false, fetchData: false },
    context,
  );
  sayProblems(project.diagnostics, context);
  return createHclEvaluator({
    context: project.context(),
    secrets: project.secrets,
    variables: () => valuesReport(project),
  });
}

async function jsonEvaluator(
  { file, text }: { readonly file: string; readonly text: string },
  given: GoFlagValues<typeof flags>,
  context: PackerContext,
): Promise<Evaluator> {
  const { cwd, env } = context;
  const { readTemplateValues } = await import('../../dialects/packer/json/template-values.ts');
  const { createJsonEvaluator } = await import('../console/json-evaluator.ts');
  const values = readTemplateValues({
    file,
    text,
    cwd,
    env,
    variables: parseVariables(given.var),
    variableFiles: given['var-file'].map((one) => ({ file: one, text: readTemplateText(one, cwd) })),
    startedAt: new Date(),
  });
  sayProblems(values.diagnostics, context);
  return createJsonEvaluator(values);
}

/** What is wrong with a template keeps nobody from trying out what is right, and is no result for a pipe. */
function sayProblems(problems: readonly Diagnostic[], { ui, paint, log }: PackerContext): void {
  const say = process.stdin.isTTY ? ui.error : log.line;
  for (const problem of problems) say(problemText(problem, paint));
}
