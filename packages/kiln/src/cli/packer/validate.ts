import type { Diagnostic } from '../../base/diagnostics.ts';
import { redactor } from '../../base/redact.ts';
import { exitCodes } from '../exit-codes.ts';
import { definePackerCommand, type PackerContext } from './command.ts';
import { configTypeOf, pluginFlags, sequentialFlag, templateFlags } from './flags.ts';
import { defineFlags, type GoFlagValues } from './go-flags.ts';
import { loadPackerTemplate } from './load-packer-template.ts';
import { problemText } from './problem-text.ts';
import { findTemplateFile, type TemplateFile } from './template-file.ts';

const flags = defineFlags({
  'syntax-only': {
    type: 'boolean',
    default: false,
    description: 'Look at the syntax alone: variables need no values, components need not exist.',
  },
  'no-warn-undeclared-var': {
    type: 'boolean',
    default: false,
    description: 'Say nothing about values in variable files that no variable is declared for.',
  },
  'evaluate-datasources': {
    type: 'boolean',
    default: false,
    description: 'Fetch what data sources give, instead of taking it as unknown.',
  },
  ...templateFlags,
  ...sequentialFlag,
  ...pluginFlags,
});

export const validateCommand = definePackerCommand({
  operands: 'TEMPLATE',
  description:
    'Checks that a template is right: every mistake is reported at once, and nothing is built.\nEnds with 0 when there is none, and with 1 otherwise.',
  flags,
  arguments: { min: 1, max: 1 },
  run: async ({ flags: given, args }, context) => {
    const template = findTemplateFile(args[0]!, configTypeOf(given), context.cwd);
    if (given['syntax-only']) return checkSyntax(template, context);
    return validate(template, given, context);
  },
});

async function checkSyntax(template: TemplateFile, context: PackerContext): Promise<number> {
  const diagnostics = await syntaxProblems(template, context.cwd);
  report(diagnostics, context);
  if (hasErrors(diagnostics)) return exitCodes.failed;
  context.ui.say('Syntax-only check passed. Everything looks okay.');
  return exitCodes.ok;
}

async function syntaxProblems(template: TemplateFile, cwd: string): Promise<readonly Diagnostic[]> {
  if (template.language === 'hcl2') {
    const { packerHclSyntaxProblems } = await import('../../dialects/packer/hcl/check-syntax.ts');
    return packerHclSyntaxProblems({ file: template.path, cwd });
  }
  const { outlinePackerJson } = await import('../../dialects/packer/json/outline.ts');
  return outlinePackerJson(template).diagnostics;
}

async function validate(
  template: TemplateFile,
  given: GoFlagValues<typeof flags>,
  context: PackerContext,
): Promise<number> {
  const { ui } = context;
  const { plan, diagnostics } = await loadPackerTemplate(
    template,
    {
      only: given.only,
      except: given.except,
      variables: given.var,
      variableFiles: given['var-file'],
      warnUndeclared: !given['no-warn-undeclared-var'],
      fetchData: given['evaluate-datasources'],
    },
    context,
  );
  if (plan) ui.hide(redactor(plan.secrets));
  report(diagnostics, context);
  if (!plan) return exitCodes.failed;
  // What this host lacks makes no template wrong: Packer validates where nothing can be built.
  const { findHostProblems } = await import('../plan-problems.ts');
  for (const { build, message } of await findHostProblems(plan, context.env)) {
    ui.say(problemText({ severity: 'warning', message: `build "${build}": ${message}` }, context.paint));
  }
  ui.say('The configuration is valid.');
  return exitCodes.ok;
}

function report(diagnostics: readonly Diagnostic[], { ui, paint }: PackerContext): void {
  for (const diagnostic of diagnostics) {
    const text = problemText(diagnostic, paint);
    if (diagnostic.severity === 'error') ui.error(text);
    else ui.say(text);
  }
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((one) => one.severity === 'error');
}
