import type { Diagnostic } from '../../base/diagnostics.ts';
import { parseVariables } from '../read-variables.ts';
import type { Evaluator } from './evaluator.ts';

export interface EvaluatorInput {
  readonly template:
    | { readonly language: 'none' }
    | { readonly language: 'hcl2'; readonly path: string }
    | { readonly language: 'json'; readonly file: string; readonly text: string };
  /** `name=value`. */
  readonly variables: readonly string[];
  readonly variableFiles: readonly string[];
  readonly readText: (file: string) => string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface OpenedEvaluator {
  readonly evaluator: Evaluator;
  /** What is wrong with the template; the rest of it can be tried out all the same. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What works out expressions with the values of a template. Without a template they are those of HCL2. */
export async function openEvaluator(input: EvaluatorInput): Promise<OpenedEvaluator> {
  const { template, cwd, env } = input;
  const startedAt = new Date();
  if (template.language === 'json') return openJson(template, input, startedAt);
  const { createHclEvaluator } = await import('./hcl-evaluator.ts');
  if (template.language === 'none') {
    const { contextWithoutTemplate } = await import('../../dialects/packer/hcl/bare-context.ts');
    const context = contextWithoutTemplate({ cwd, env, startedAt });
    return { evaluator: createHclEvaluator({ context, secrets: [], variables: () => '' }), diagnostics: [] };
  }
  const { openPackerHcl } = await import('../../dialects/packer/hcl/open-project.ts');
  const { valuesReport } = await import('../packer/inspect-hcl.ts');
  const project = await openPackerHcl({
    file: template.path,
    cwd,
    env,
    variables: parseVariables(input.variables),
    variableFiles: input.variableFiles,
    fetchData: false,
    startedAt,
  });
  const evaluator = createHclEvaluator({
    context: project.context(),
    secrets: project.secrets,
    variables: () => valuesReport(project),
  });
  return { evaluator, diagnostics: project.diagnostics };
}

async function openJson(
  { file, text }: { readonly file: string; readonly text: string },
  { variables, variableFiles, readText, cwd, env }: EvaluatorInput,
  startedAt: Date,
): Promise<OpenedEvaluator> {
  const { readTemplateValues } = await import('../../dialects/packer/json/template-values.ts');
  const { createJsonEvaluator } = await import('./json-evaluator.ts');
  const values = readTemplateValues({
    file,
    text,
    cwd,
    env,
    variables: parseVariables(variables),
    variableFiles: variableFiles.map((one) => ({ file: one, text: readText(one) })),
    startedAt,
  });
  return { evaluator: createJsonEvaluator(values), diagnostics: values.diagnostics };
}
