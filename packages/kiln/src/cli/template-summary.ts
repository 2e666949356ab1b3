import type { Value } from '@kiln/hcl';
import { DiagnosticsError } from '../base/diagnostics.ts';
import type { PackerTemplate } from './packer-template.ts';

/** What a template consists of, the same for Packer's two languages and Azure's; the JSON of `kiln inspect`. */
export interface TemplateSummary {
  readonly file: string;
  readonly language: 'packer-json' | 'packer-hcl' | 'azure';
  readonly description: string;
  readonly variables: readonly VariableSummary[];
  /** HCL2 only. */
  readonly locals: readonly { readonly name: string; readonly value: unknown }[];
  readonly sources: readonly { readonly type: string; readonly name: string }[];
  readonly builds: readonly BuildSummary[];
  /** HCL2 only. */
  readonly plugins: readonly { readonly name: string; readonly source: string; readonly version: string }[];
}

export interface VariableSummary {
  readonly name: string;
  readonly description: string;
  readonly sensitive: boolean;
  /** It has no value, and must be given one. */
  readonly required: boolean;
  /** Null when there is none, or it is not known; `<sensitive>` for secrets. In JSON templates the default, as written. */
  readonly value: unknown;
}

export interface BuildSummary {
  readonly name: string;
  readonly description: string;
  /** `type.name`, or only the type where it is the name. */
  readonly sources: readonly string[];
  readonly provisioners: readonly ComponentSummary[];
  /** Chains. */
  readonly postProcessors: readonly (readonly ComponentSummary[])[];
}

export interface ComponentSummary {
  readonly type: string;
  readonly name: string;
}

export interface SummaryOptions {
  readonly variables: Readonly<Record<string, string>>;
  readonly variableFiles: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const hidden = '<sensitive>';

/** @throws DiagnosticsError for mistakes of syntax; KilnError `file-missing` */
export async function summarise(template: PackerTemplate, options: SummaryOptions): Promise<TemplateSummary> {
  return template.language === 'json' ? summariseJson(template) : summariseHcl(template.path, options);
}

async function summariseJson(template: {
  readonly file: string;
  readonly text: string;
}): Promise<TemplateSummary> {
  const { outlinePackerJson } = await import('../dialects/packer/json/outline.ts');
  const { outline, diagnostics } = outlinePackerJson(template);
  if (!outline) throw new DiagnosticsError(diagnostics);
  const unnamed = (type: string) => ({ type, name: '' });
  return {
    file: template.file,
    language: 'packer-json',
    description: outline.description ?? '',
    variables: outline.variables.map(({ name, default: value, isSensitive }) => ({
      name,
      description: '',
      sensitive: isSensitive,
      required: value === undefined,
      value: value === undefined ? null : isSensitive ? hidden : value,
    })),
    locals: [],
    sources: outline.builders.map(({ type, name }) => ({ type, name })),
    builds: [
      {
        name: '',
        description: '',
        sources: outline.builders.map(({ type, name }) => (type === name ? type : `${type}.${name}`)),
        provisioners: outline.provisioners.map(unnamed),
        postProcessors: outline.postProcessors.map((chain) => chain.map(unnamed)),
      },
    ],
    plugins: [],
  };
}

async function summariseHcl(
  path: string,
  { variables, variableFiles, cwd, env }: SummaryOptions,
): Promise<TemplateSummary> {
  const { packerHclSyntaxProblems } = await import('../dialects/packer/hcl/check-syntax.ts');
  const problems = packerHclSyntaxProblems({ file: path, cwd });
  if (problems.some((one) => one.severity === 'error')) throw new DiagnosticsError(problems);
  const { openPackerHcl } = await import('../dialects/packer/hcl/open-project.ts');
  const { containsMarks, encodeJson, isWhollyKnown } = await import('@kiln/hcl');
  const project = await openPackerHcl({
    file: path,
    cwd,
    env,
    variables,
    variableFiles,
    fetchData: false,
    startedAt: new Date(),
  });
  const shown = (value: Value): unknown => {
    if (containsMarks(value)) return hidden;
    return isWhollyKnown(value) ? JSON.parse(encodeJson(value)) : null;
  };
  return {
    file: path,
    language: 'packer-hcl',
    description: '',
    variables: project.variables.map(({ name, description, sensitive, value, default: fallback }) => ({
      name,
      description,
      sensitive,
      required: fallback === undefined && !isWhollyKnown(value),
      value: sensitive ? hidden : shown(value),
    })),
    locals: project.locals.map(({ name, sensitive, value }) => ({
      name,
      value: sensitive ? hidden : shown(value),
    })),
    sources: project.sources,
    builds: project.builds.map(({ name, description, sources, provisioners, postProcessors }) => ({
      name,
      description,
      sources,
      provisioners,
      postProcessors,
    })),
    plugins: project.requiredPlugins.map(({ name, source, version }) => ({ name, source, version })),
  };
}
