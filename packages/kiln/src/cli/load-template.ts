import { readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Diagnostic } from '../base/diagnostics.ts';
import { DiagnosticsError } from '../base/diagnostics.ts';
import { isSystemError, KilnError } from '../base/errors.ts';
import { kilnHome } from '../base/home.ts';
import type { KilnYamlInput, KilnYamlResult } from '../dialects/kiln/read-kiln-yaml.ts';
import { findVagrantfile } from '../dialects/vagrant/find-vagrantfile.ts';
import type { VagrantConfig } from '../dialects/vagrant/vagrant-config.ts';
import type { Plan } from '../plan/plan.ts';
import type { FoundBase } from '../profile/language/profile-reading.ts';
import { type CliContext, hideInOutput } from './context.ts';
import { parseVariables, readVariableInputs } from './read-variables.ts';
import { selectBuilds } from './select-builds.ts';
import { detectTemplateKind } from './template-kind.ts';

export interface TemplateInput {
  /** As the user named it; undefined for kiln.yaml in the current folder. */
  readonly file: string | undefined;
  readonly var: readonly string[];
  readonly 'var-file': readonly string[];
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  /** What an Azure image template starts from, instead of what it says. */
  readonly 'source-image'?: string;
  /** The plan is not to be run: what it would take from the network stays open. */
  readonly isCheck?: boolean;
}

export interface LoadedTemplate {
  readonly plan: Plan;
  readonly warnings: readonly Diagnostic[];
  /** Names of the builds, those too that a check could not follow to their end. */
  readonly builds: readonly string[];
  /** Names of the machines, those too that cannot be made. */
  readonly machines: readonly string[];
  /** Why machines of the file cannot be made: each names its machine. */
  readonly refused: readonly (Diagnostic & { readonly machine?: string })[];
  /** What a Vagrantfile says, where the template is one. */
  readonly vagrant?: VagrantConfig;
}

interface ReadTemplate {
  readonly plan: Plan | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly builds?: readonly string[];
  readonly machines?: readonly string[];
  readonly secrets?: readonly string[];
  readonly vagrant?: VagrantConfig;
}

const defaultNames = ['kiln.yaml', 'kiln.yml'];

/**
 * Reads a template of any kind into a plan of the builds that are asked for.
 * @throws DiagnosticsError with every mistake; KilnError `file-missing`, `unsupported`, `bad-usage`
 */
export async function loadTemplate(input: TemplateInput, context: CliContext): Promise<LoadedTemplate> {
  const file = findTemplate(input.file, context);
  const { plan, diagnostics, builds, machines, secrets, vagrant } = await read(file, input, context);
  hideInOutput(secrets ?? plan?.secrets ?? []);
  if (!plan) throw new DiagnosticsError(diagnostics);
  return {
    plan,
    warnings: diagnostics.filter((one) => one.severity === 'warning'),
    builds: builds ?? plan.builds.map(({ name }) => name),
    machines: machines ?? plan.machines.map(({ name }) => name),
    refused: diagnostics.filter((one) => one.severity === 'error'),
    ...(vagrant && { vagrant }),
  };
}

async function read(file: string, input: TemplateInput, context: CliContext): Promise<ReadTemplate> {
  if (statOf(resolve(context.cwd, file))?.isDirectory()) return readHcl(file, input, context);
  const text = readText(file, context.cwd);
  return readTemplate(detectTemplateKind(file, text), file, text, input, context);
}

async function readHcl(file: string, input: TemplateInput, context: CliContext): Promise<ReadTemplate> {
  const { readPackerHcl } = await import('../dialects/packer/hcl/read-packer-hcl.ts');
  return readPackerHcl({
    file,
    cwd: context.cwd,
    env: context.env,
    variables: parseVariables(input.var),
    variableFiles: input['var-file'],
    only: input.only ?? [],
    except: input.except ?? [],
    warnUndeclared: input.isCheck ?? false,
    fetchData: !input.isCheck,
    startedAt: new Date(),
  });
}

async function readTemplate(
  kind: ReturnType<typeof detectTemplateKind>,
  file: string,
  text: string,
  input: TemplateInput,
  context: CliContext,
): Promise<ReadTemplate> {
  switch (kind) {
    case 'kiln': {
      const { readKilnYaml } = await import('../dialects/kiln/read-kiln-yaml.ts');
      const variables = await readVariableInputs(input, context.cwd);
      const { env } = context;
      const template = { file, text, variables, env, hostCpus: availableParallelism() };
      let read = readKilnYaml(template);
      if (read.missing.length > 0) read = await readWithBases(template, read, context);
      return { ...read, plan: read.plan && selectBuilds(read.plan, { only: [], except: [], ...input }) };
    }
    case 'profile': {
      const { imageOfProfile } = await import('./image-of-profile.ts');
      const image = await imageOfProfile(file, await readVariableInputs(input, context.cwd), context);
      return readTemplate('kiln', file, image, { ...input, var: [], 'var-file': [] }, context);
    }
    case 'packer-json': {
      const { readPackerJson } = await import('../dialects/packer/json/read-packer-json.ts');
      return readPackerJson({
        file,
        text,
        cwd: context.cwd,
        env: context.env,
        variables: parseVariables(input.var),
        variableFiles: input['var-file'].map((path) => ({ file: path, text: readText(path, context.cwd) })),
        only: input.only ?? [],
        except: input.except ?? [],
        startedAt: new Date(),
      });
    }
    case 'packer-hcl':
      return readHcl(file, input, context);
    case 'azure': {
      const { loadAzureTemplate } = await import('./load-azure-template.ts');
      const read = await loadAzureTemplate({ file, text }, input, context);
      return { ...read, plan: read.plan && selectBuilds(read.plan, { only: [], except: [], ...input }) };
    }
    case 'vagrant':
      return readVagrant(file, context);
  }
}

async function readVagrant(file: string, context: CliContext): Promise<ReadTemplate> {
  const { loadVagrantfile } = await import('./load-vagrantfile.ts');
  const { config, machines, diagnostics, output } = await loadVagrantfile(
    resolve(context.cwd, file),
    {},
    context,
  );
  // Results stand on stdout: what a Vagrantfile prints is none.
  for (const { text } of output) context.stderr.write(text);
  const plan: Plan = {
    kind: 'plan',
    origin: { file, folder: config.folder, dialect: 'vagrant' },
    builds: [],
    machines,
    secrets: config.sensitive,
  };
  return { plan, diagnostics, machines: config.machines.map(({ name }) => name), vagrant: config };
}

/** Reads again until everything is there that profiles extend. */
async function readWithBases(
  template: KilnYamlInput,
  first: KilnYamlResult,
  context: CliContext,
): Promise<KilnYamlResult> {
  const { readKilnYaml } = await import('../dialects/kiln/read-kiln-yaml.ts');
  const { lookUpBase } = await import('../profile/language/look-up-base.ts');
  const { withProgress } = await import('./with-progress.ts');
  return withProgress(context, async ({ signal }) => {
    const bases = new Map<string, FoundBase>();
    let read = first;
    while (read.missing.length > 0) {
      const { env } = context;
      for (const base of read.missing)
        bases.set(base.key, await lookUpBase(base, { home: kilnHome(env), env, signal }));
      read = readKilnYaml({ ...template, bases });
    }
    return read;
  });
}

/** A template's file, or the folder of a template in HCL2. */
function findTemplate(file: string | undefined, { cwd, env }: CliContext): string {
  if (file !== undefined) {
    const found = statOf(resolve(cwd, file));
    if (!found) throw new KilnError('file-missing', `there is no file ${file}`);
    if (!found.isDirectory()) return file;
  }
  const folder = resolve(cwd, file ?? '.');
  const name = defaultNames.find((one) => statOf(join(folder, one))?.isFile());
  if (name !== undefined) return relative(cwd, join(folder, name)) || name;
  if (readdirSync(folder).some((one) => /\.pkr\.(?:hcl|json)$/.test(one))) return file ?? '.';
  const found = findVagrantfile(folder, file === undefined ? env : {});
  if (found !== undefined) return relative(cwd, found.file) || found.file;
  throw new KilnError('file-missing', `there is no kiln.yaml and no Vagrantfile in ${folder}`, {
    hint: 'name a template, or change into a folder that has one',
  });
}

function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false });
}

function readText(file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (isSystemError(error, 'EACCES', 'EISDIR', 'EPERM', 'ENOENT')) {
      throw new KilnError('file-missing', `${file} cannot be read: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
