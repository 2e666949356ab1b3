import { DiagnosticsError } from '../base/diagnostics.ts';
import { Problems } from '../base/yaml/problems.ts';
import { type OpenedTemplate, openTemplates } from '../dialects/azure/arm/open-templates.ts';
import type { TemplateSource } from '../dialects/azure/model/image-template.ts';
import { hideInOutput } from './context.ts';
import { readParameterValues } from './read-azure-inputs.ts';
import type { BuildSummary, TemplateSummary } from './template-summary.ts';

/**
 * What a file with Azure image templates consists of: its parameters stand as variables.
 * @throws DiagnosticsError with every mistake; KilnError for files of values
 */
export async function summariseAzure(
  { file, text }: { readonly file: string; readonly text: string },
  options: { readonly var: readonly string[]; readonly 'var-file': readonly string[] },
  cwd: string,
): Promise<TemplateSummary> {
  const problems = new Problems();
  const values = await readParameterValues(options, cwd);
  const { templates, parameters, secrets } = openTemplates({ file, text, values, now: new Date() }, problems);
  if (problems.hasErrors) throw new DiagnosticsError(problems.list());
  hideInOutput(secrets);
  return {
    file,
    language: 'azure',
    description: '',
    variables: parameters.map(({ name, description, isSecure, value }) => ({
      name,
      description,
      sensitive: isSecure,
      required: value === undefined,
      value: value === undefined ? null : isSecure ? '<sensitive>' : value,
    })),
    locals: [],
    sources: templates.map(({ name, template }) => ({ type: sourceText(template.properties.source), name })),
    builds: templates.map(summaryOf),
    plugins: [],
  };
}

function summaryOf({ name, template, apiVersion }: OpenedTemplate): BuildSummary {
  const { source, customize = [], validate, distribute } = template.properties;
  const named = (one: { readonly type: string; readonly name?: string }, prefix = '') => ({
    type: `${prefix}${one.type}`,
    name: one.name ?? '',
  });
  return {
    name,
    description: `apiVersion ${apiVersion}`,
    sources: [sourceText(source)],
    provisioners: [
      ...customize.map((one) => named(one)),
      ...(validate?.inVMValidations ?? []).map((one) => named(one, 'validate ')),
    ],
    postProcessors: distribute.map(({ type, runOutputName }) => [{ type, name: runOutputName }]),
  };
}

function sourceText(source: TemplateSource): string {
  switch (source.type) {
    case 'PlatformImage': {
      const { publisher = '?', offer = '?', sku = '?', version = 'latest' } = source;
      return `PlatformImage ${publisher}:${offer}:${sku}:${version}`;
    }
    case 'ManagedImage':
      return `ManagedImage ${source.imageId}`;
    case 'SharedImageVersion':
      return `SharedImageVersion ${source.imageVersionId}`;
  }
}
