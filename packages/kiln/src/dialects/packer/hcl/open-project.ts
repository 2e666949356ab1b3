import { resolve } from 'node:path';
import { KilnError } from '../../../base/errors.ts';
import { redactor } from '../../../base/redact.ts';
import { environmentFunction, hclFunctions } from '../../../text/hcl-functions.ts';
import { SecretValues } from '../../../text/secret-values.ts';
import type { TextScope } from '../../../text/template-functions.ts';
import { Problems } from '../problems.ts';
import { readBuildBlocks } from './build-blocks.ts';
import { readCacheDirectives } from './cache-directives.ts';
import { placeOf } from './diagnostics.ts';
import { plainText } from './evaluate.ts';
import { checkRegistryBlock } from './hcp-registry.ts';
import { readPackerBlock } from './packer-block.ts';
import { PackerHclProject, type ProjectParts } from './packer-project.ts';
import { workOutPrerequisites } from './prerequisites.ts';
import { type Reading, textsOf } from './reading.ts';
import { type RootBlocks, readRootBlocks } from './root-blocks.ts';
import { Scope } from './scope.ts';
import { readSourceBlocks } from './source-blocks.ts';
import { readSource, readSourceFiles } from './source-files.ts';
import { readVariableBlocks } from './variable-blocks.ts';
import { validate } from './variable-validation.ts';
import { readVariableValues, type Variable } from './variable-values.ts';

export interface PackerHclInput {
  /** Path of a file or folder as the user named it; messages show it. */
  readonly file: string;
  /** Working folder of the command: relative paths of components start here, as with Packer. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values from `-var`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Paths from `-var-file`; later ones win. */
  readonly variableFiles: readonly string[];
  /** Tell of values in variable files that no variable takes. */
  readonly warnUndeclared?: boolean;
  /** Whether data is fetched; otherwise what it gives stays unknown. */
  readonly fetchData?: boolean;
  readonly startedAt: Date;
}

/**
 * Opens a Packer template in HCL2 (https://developer.hashicorp.com/packer/docs/templates/hcl_templates): a file, or a
 * folder with all its `.pkr.hcl` and `.pkr.json`. Every mistake in it is a diagnostic of the project.
 * @throws KilnError `file-missing`
 */
export async function openPackerHcl(input: PackerHclInput): Promise<PackerHclProject> {
  const { file, cwd, env } = input;
  const problems = new Problems();
  const files = readSourceFiles(file, cwd);
  const folder = resolve(cwd, files.root);
  const fetchData = input.fetchData ?? true;
  const reading: Reading = {
    problems,
    secrets: new SecretValues(),
    fetchData,
    texts: textsOf(files.templates),
    folder,
  };
  const text: TextScope = { templateFolder: folder, cwd, startedAt: input.startedAt };
  const functionOptions = { folder, cwd, env, startedAt: input.startedAt };
  const functions = hclFunctions(functionOptions, (all) => reading.secrets.watch(all));
  const scopeOf = (variables: readonly Variable[]): Scope =>
    new Scope({ variables, functions, root: files.root, cwd });
  const nothing: ProjectParts = {
    file,
    cwd,
    env,
    variables: [],
    locals: [],
    requiredPlugins: [],
    sources: new Map(),
    builds: [],
    cacheOf: () => undefined,
    scope: scopeOf([]),
    reading,
    text,
  };
  if (files.templates.length === 0) {
    throw new KilnError('file-missing', `${file} has no files that end in .pkr.hcl or .pkr.json`);
  }
  const blocks = readRootBlocks(files.templates, problems);
  if (!blocks) return new PackerHclProject(nothing);
  const packer = blocks.get('packer')!.map((block) => readPackerBlock(block.body, problems));
  const requiredPlugins = packer.flatMap(({ plugins }) => plugins);
  // What a template for another version contains is not to be judged by this one's rules.
  if (packer.some(({ isForeign }) => isForeign)) return new PackerHclProject(nothing);
  warnOfCommunicators(blocks, problems);

  const declared = readVariableBlocks(
    blocks,
    { variables: new Map(), functions: environmentFunction(functionOptions) },
    problems,
  );
  const variables = readVariableValues(
    declared,
    {
      env,
      automaticFiles: files.automaticVariables,
      files: input.variableFiles.map((path) => readSource(path, cwd)),
      variables: input.variables,
      warnUndeclared: input.warnUndeclared ?? false,
    },
    problems,
    reading.secrets,
  );
  const outside = { variables: new Map(), functions };
  for (const { name, value, valueAt, validations } of variables) {
    for (const rule of validations) validate(name, { value, at: valueAt }, rule, outside, problems);
  }

  const scope = scopeOf(variables);
  const locals = await workOutPrerequisites(blocks, scope, reading, {
    fetchData,
    env,
  });
  const sources = readSourceBlocks(blocks, problems);
  const builds = readBuildBlocks(blocks, sources, scope, problems);
  checkRegistries(blocks, scope, problems);
  const user = Object.fromEntries(
    variables.flatMap(({ name, value }) => {
      const plain = plainText(value);
      return plain === undefined ? [] : [[name, plain]];
    }),
  );
  return new PackerHclProject({
    ...nothing,
    variables,
    locals,
    requiredPlugins,
    sources,
    builds,
    cacheOf: readCacheDirectives(files.templates, problems),
    scope,
    text: { ...text, user, hide: (quote) => redactor(reading.secrets.texts)(quote) },
  });
}

function warnOfCommunicators(blocks: RootBlocks, problems: Problems): void {
  for (const { headerRange } of blocks.get('communicator')!) {
    problems.warn(
      placeOf(headerRange),
      'a block "communicator" has no effect',
      'write its settings into the source, with ssh_ before their names',
    );
  }
}

function checkRegistries(blocks: RootBlocks, scope: Scope, problems: Problems): void {
  const [first, ...others] = blocks.get('hcp_packer_registry')!;
  if (first) checkRegistryBlock(first, scope.context(), problems);
  for (const { headerRange } of others) {
    problems.error(placeOf(headerRange), 'only one "hcp_packer_registry" is possible');
  }
}
