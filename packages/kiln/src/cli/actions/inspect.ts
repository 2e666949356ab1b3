import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Painter } from '../colors.ts';
import type { CommandInput } from '../command.ts';
import type { inspectOptions } from '../commands/inspect.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findPackerTemplate, readTemplateText } from '../packer-template.ts';
import { parseVariables } from '../read-variables.ts';
import { detectTemplateKind } from '../template-kind.ts';
import {
  type BuildSummary,
  type ComponentSummary,
  summarise,
  type TemplateSummary,
  type VariableSummary,
} from '../template-summary.ts';
import { textTable } from '../text-table.ts';

export async function run(
  { options, args }: CommandInput<typeof inspectOptions>,
  { stdout, cwd, env }: CliContext,
): Promise<number> {
  const summary =
    (await summariseIfAzure(args[0], options, cwd)) ??
    (await summarise(findPackerTemplate(args[0] ?? '.', cwd), {
      variables: parseVariables(options.var),
      variableFiles: options['var-file'],
      cwd,
      env,
    }));
  if (options.json) stdout.line(JSON.stringify(summary, null, 2));
  else stdout.write(describe(summary, stdout.paint));
  return exitCodes.ok;
}

async function summariseIfAzure(
  file: string | undefined,
  options: CommandInput<typeof inspectOptions>['options'],
  cwd: string,
): Promise<TemplateSummary | undefined> {
  if (file === undefined || !statSync(resolve(cwd, file), { throwIfNoEntry: false })?.isFile())
    return undefined;
  const text = readTemplateText(file, cwd);
  if (detectTemplateKind(file, text) !== 'azure') return undefined;
  const { summariseAzure } = await import('../summarise-azure.ts');
  return summariseAzure({ file, text }, options, cwd);
}

function describe(summary: TemplateSummary, paint: Painter): string {
  const section = (title: string, content: readonly string[]) =>
    content.length === 0 ? [] : [[paint('bold', title), ...content.map((line) => `  ${line}`)].join('\n')];
  const lines = (rows: readonly (readonly string[])[]) => textTable(rows).split('\n').slice(0, -1);
  const { description, variables, locals, builds, plugins } = summary;
  const sections = [
    ...(description === '' ? [] : [description]),
    ...section(
      'plugins',
      plugins.map(({ source, version }) => `${source} ${version}`),
    ),
    ...section('variables', lines(variables.map((one) => [one.name, variableText(one), one.description]))),
    ...section('locals', lines(locals.map(({ name, value }) => [name, shown(value)]))),
    ...builds.flatMap((build) =>
      section(build.name === '' ? 'build' : `build ${build.name}`, buildLines(build)),
    ),
  ];
  return sections.length === 0 ? `${summary.file} is empty\n` : `${sections.join('\n\n')}\n`;
}

function variableText({ required, value }: VariableSummary): string {
  return required ? 'must be given' : shown(value);
}

function shown(value: unknown): string {
  if (value === '<sensitive>') return value;
  return value === null ? 'not known' : JSON.stringify(value);
}

function buildLines({ description, sources, provisioners, postProcessors }: BuildSummary): readonly string[] {
  return [
    ...(description === '' ? [] : [description]),
    ...sources.map((source) => `from ${source}`),
    ...provisioners.map((one, index) => `${index + 1}. ${componentName(one)}`),
    ...postProcessors.map((chain) => `→ ${chain.map(componentName).join(', then ')}`),
  ];
}

function componentName({ type, name }: ComponentSummary): string {
  return name === '' || name === type ? type : `${name} (${type})`;
}
