import { DiagnosticsError } from '../../base/diagnostics.ts';
import type { JsonOutline, OutlineVariable } from '../../dialects/packer/json/outline.ts';
import { exitCodes } from '../exit-codes.ts';
import { definePackerCommand, type PackerContext } from './command.ts';
import { configTypeOf, sequentialFlag, templateFlags } from './flags.ts';
import { defineFlags } from './go-flags.ts';
import type { openHclTemplate } from './load-packer-template.ts';
import { findTemplateFile } from './template-file.ts';
import type { PackerUi } from './ui.ts';

const flags = defineFlags({
  'machine-readable': { type: 'boolean', default: false, description: 'Write rows for programs.' },
  ...templateFlags,
  ...sequentialFlag,
});

export const inspectCommand = definePackerCommand({
  operands: 'TEMPLATE',
  description:
    'Shows what a template consists of: variables, builders, provisioners. Only its syntax has to be right.',
  flags,
  arguments: { min: 0, max: 1 },
  run: async ({ flags: given, args }, context) => {
    const template = findTemplateFile(args[0] ?? '.', configTypeOf(given), context.cwd);
    if (template.language === 'json') return inspectJson(template, context);
    const options = {
      variables: given.var,
      variableFiles: given['var-file'],
      warnUndeclared: false,
      fetchData: false,
    };
    return inspectHcl(template.path, options, context);
  },
});

/** Whatever is wrong beyond the syntax does not matter here: unknown values are shown as unknown. */
async function inspectHcl(
  path: string,
  options: Parameters<typeof openHclTemplate>[1],
  context: PackerContext,
): Promise<number> {
  const { packerHclSyntaxProblems } = await import('../../dialects/packer/hcl/check-syntax.ts');
  const problems = packerHclSyntaxProblems({ file: path, cwd: context.cwd });
  if (problems.some((one) => one.severity === 'error')) throw new DiagnosticsError(problems);
  const { hclReport } = await import('./inspect-hcl.ts');
  const { openHclTemplate } = await import('./load-packer-template.ts');
  for (const part of hclReport(await openHclTemplate(path, options, context))) context.ui.say(part);
  return exitCodes.ok;
}

async function inspectJson(
  template: { readonly file: string; readonly text: string },
  { ui }: PackerContext,
): Promise<number> {
  const { outlinePackerJson } = await import('../../dialects/packer/json/outline.ts');
  const { outline, diagnostics } = outlinePackerJson(template);
  if (!outline) throw new DiagnosticsError(diagnostics);
  writeOutline(outline, ui);
  return exitCodes.ok;
}

/** The report in Packer's form; machine-readable rows are in it too. */
function writeOutline(outline: JsonOutline, ui: PackerUi): void {
  ui.say('Packer Inspect: JSON mode');
  if (outline.description) {
    ui.say('Description:\n');
    ui.say(`${outline.description}\n`);
  }
  writeVariables(outline.variables, ui);
  ui.say('Builders:\n');
  const builders = outline.builders.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const width = Math.max(0, ...builders.map(({ name }) => name.length));
  if (builders.length === 0) ui.say('  <No builders>');
  for (const { name, type } of builders) {
    ui.machine('', 'template-builder', name, type);
    ui.say(name === type ? `  ${name}` : `  ${name.padEnd(width)} (${type})`);
  }
  ui.say('');
  ui.say('Provisioners:\n');
  if (outline.provisioners.length === 0) ui.say('  <No provisioners>');
  for (const type of outline.provisioners) {
    ui.machine('', 'template-provisioner', type);
    ui.say(`  ${type}`);
  }
  ui.say(
    '\nNote: names with variables or functions in them are shown as they are written;\nthey get their values when the template is built.',
  );
}

function writeVariables(variables: readonly OutlineVariable[], ui: PackerUi): void {
  if (variables.length === 0) {
    ui.say('Variables:\n');
    ui.say('  <No variables>');
    ui.say('');
    return;
  }
  const sorted = variables.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const required = sorted.filter((one) => one.default === undefined);
  if (required.length > 0) {
    ui.say('Required variables:\n');
    for (const one of required) {
      ui.machine('', 'template-variable', one.name, shownDefault(one), '1');
      ui.say(`  ${one.name}`);
    }
    ui.say('');
  }
  const optional = sorted.filter((one) => one.default !== undefined);
  ui.say('Optional variables and their defaults:\n');
  const width = Math.max(...sorted.map(({ name }) => name.length));
  for (const one of optional) {
    ui.machine('', 'template-variable', one.name, shownDefault(one), '0');
    ui.say(`  ${one.name.padEnd(width)} = ${shownDefault(one)}`);
  }
  ui.say('');
}

function shownDefault({ default: value, isSensitive }: OutlineVariable): string {
  return isSensitive ? '<sensitive>' : (value ?? '');
}
