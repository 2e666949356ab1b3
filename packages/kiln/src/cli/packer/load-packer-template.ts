import type { Diagnostic } from '../../base/diagnostics.ts';
import type { PackerHclProject } from '../../dialects/packer/hcl/packer-project.ts';
import type { Plan } from '../../plan/plan.ts';
import { hideInOutput } from '../context.ts';
import { readTemplateText } from '../packer-template.ts';
import { parseVariables } from '../read-variables.ts';
import type { PackerContext } from './command.ts';
import type { TemplateFile } from './template-file.ts';

export interface PackerTemplateOptions {
  /** Names in JSON, patterns in HCL2. */
  readonly only: readonly string[];
  readonly except: readonly string[];
  /** `name=value`. */
  readonly variables: readonly string[];
  readonly variableFiles: readonly string[];
  /** Warn of values in variable files that no variable takes. */
  readonly warnUndeclared: boolean;
  /** Fetch what data sources give; otherwise it stays unknown. */
  readonly fetchData: boolean;
}

export interface LoadedPackerTemplate {
  /** Undefined when there are errors. */
  readonly plan: Plan | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a Packer template, in either of its languages, into a plan of the builds that are asked for.
 * @throws KilnError `file-missing`, `bad-usage`
 */
export async function loadPackerTemplate(
  template: TemplateFile,
  options: PackerTemplateOptions,
  context: PackerContext,
): Promise<LoadedPackerTemplate> {
  const { secrets, ...loaded } = await read(template, options, context);
  hideInOutput(secrets);
  return loaded;
}

async function read(
  template: TemplateFile,
  options: PackerTemplateOptions,
  context: PackerContext,
): Promise<LoadedPackerTemplate & { readonly secrets: readonly string[] }> {
  if (template.language === 'hcl2') {
    const project = await openHclTemplate(template.path, options, context);
    return project.plan(options);
  }
  const { readPackerJson } = await import('../../dialects/packer/json/read-packer-json.ts');
  const { cwd, env } = context;
  return readPackerJson({
    file: template.file,
    text: template.text,
    cwd,
    env,
    variables: parseVariables(options.variables),
    variableFiles: options.variableFiles.map((file) => ({ file, text: readTemplateText(file, cwd) })),
    only: options.only,
    except: options.except,
    startedAt: new Date(),
  });
}

/**
 * A template in HCL2 with its variables and locals worked out.
 * @throws KilnError `file-missing`
 */
export async function openHclTemplate(
  path: string,
  options: Omit<PackerTemplateOptions, 'only' | 'except'>,
  { cwd, env }: PackerContext,
): Promise<PackerHclProject> {
  const { openPackerHcl } = await import('../../dialects/packer/hcl/open-project.ts');
  const project = await openPackerHcl({
    file: path,
    cwd,
    env,
    variables: parseVariables(options.variables),
    variableFiles: options.variableFiles,
    warnUndeclared: options.warnUndeclared,
    fetchData: options.fetchData,
    startedAt: new Date(),
  });
  hideInOutput(project.secrets);
  return project;
}
