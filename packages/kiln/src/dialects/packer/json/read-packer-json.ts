import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../../../base/diagnostics.ts';
import { readJson } from '../../../base/json/read-json.ts';
import { deepFreeze } from '../../../plan/freeze.ts';
import type { Build, Plan } from '../../../plan/plan.ts';
import type { TextScope } from '../../../text/template-functions.ts';
import { isBuilderType, readBuilder, unknownBuilder } from '../builders/builder.ts';
import { ComponentContext } from '../component-context.ts';
import { Problems } from '../problems.ts';
import { describeNode, entryOf, type MapNode } from '../value-node.ts';
import { type JsonBuilder, readBuilders, selectBuilders } from './builders.ts';
import { readCacheDirectives } from './cache-directives.ts';
import { compileChain, type JsonPostProcessor, readChain } from './post-processors.ts';
import { compileProvisioner, type JsonProvisioner, readProvisioner } from './provisioners.ts';
import { TemplateRoot } from './root.ts';
import { readSecrets, readVariables } from './variables.ts';

export interface PackerJsonInput {
  /** Path as the user named it; messages show it. */
  readonly file: string;
  readonly text: string;
  /** Folder of the template's file; `{{ template_dir }}` names it. Derived from `file` when left out. */
  readonly folder?: string;
  /** Working folder of the command: relative paths in the template start here, as with Packer. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values from `-var`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Contents of the `-var-file`s; later ones win. */
  readonly variableFiles: readonly { readonly file: string; readonly text: string }[];
  /** Names of the builds to make; all when empty. */
  readonly only: readonly string[];
  /** Names of builds and post-processors to leave out. */
  readonly except: readonly string[];
  readonly startedAt: Date;
}

export interface PackerJsonResult {
  /** Undefined when there are errors. */
  readonly plan: Plan | undefined;
  /** Everything there is to say about the template, in its order. */
  readonly diagnostics: readonly Diagnostic[];
  /** Texts that may not be shown, though there may be no plan. */
  readonly secrets: readonly string[];
}

/**
 * Reads a Packer template in JSON
 * (https://developer.hashicorp.com/packer/docs/templates/legacy_json_templates) into a plan. Every mistake in it is a
 * diagnostic; nothing is thrown for one.
 */
export function readPackerJson(input: PackerJsonInput): PackerJsonResult {
  const problems = new Problems();
  const plan = compile(input, problems);
  return {
    plan: problems.hasErrors ? undefined : plan && deepFreeze(plan),
    diagnostics: problems.list(),
    secrets: plan?.secrets ?? [],
  };
}

function compile(input: PackerJsonInput, problems: Problems): Plan | undefined {
  const node = readJson(input.file, input.text, problems);
  if (!node) return undefined;
  if (node.kind !== 'map') {
    problems.error(node.at, `a template is an object in braces, not ${describeNode(node)}`);
    return undefined;
  }
  const root = new TemplateRoot(node, problems);
  const clock: TextScope = {
    templateFolder: input.folder ?? dirname(resolve(input.cwd, input.file)),
    cwd: input.cwd,
    startedAt: input.startedAt,
  };
  const user = readVariables(root.value('variables'), input, { ...clock, env: input.env }, problems);
  const secrets = readSecrets(root.value('sensitive-variables'), user, problems);
  const scope: TextScope = { ...clock, user };
  const builders = readBuilders(root, scope, problems);
  const parts = readParts(root, builders, problems);
  const builds = selectBuilders(builders, input, root, problems).flatMap(
    (builder) => compileBuild(builder, parts, { input, scope, problems, builders }) ?? [],
  );
  return {
    kind: 'plan',
    origin: { file: input.file, folder: input.cwd, dialect: 'packer-json' },
    builds,
    machines: [],
    secrets,
  };
}

interface TemplateParts {
  readonly provisioners: readonly JsonProvisioner[];
  readonly cleanup: JsonProvisioner | undefined;
  readonly chains: readonly (readonly JsonPostProcessor[])[];
}

function readParts(root: TemplateRoot, builders: readonly JsonBuilder[], problems: Problems): TemplateParts {
  const cleanup = root.value('error-cleanup-provisioner');
  if (cleanup && cleanup.kind !== 'map' && cleanup.kind !== 'null') {
    problems.error(cleanup.at, `"error-cleanup-provisioner" must be an object, not ${describeNode(cleanup)}`);
  }
  const maps = root.maps('provisioners');
  const types = maps.map((map) => typeOf(map));
  const cacheOf = readCacheDirectives(root.comments, types, problems);
  return {
    provisioners: maps.flatMap((map, index) => {
      const read = readProvisioner(map, builders, problems);
      return read ? [{ ...read, cache: cacheOf(index, read.type) }] : [];
    }),
    cleanup: cleanup?.kind === 'map' ? readProvisioner(cleanup, builders, problems) : undefined,
    chains: root.list('post-processors').map((node) => readChain(node, builders, problems)),
  };
}

function typeOf(map: MapNode): string | undefined {
  const type = entryOf(map, 'type')?.value;
  return type?.kind === 'string' ? type.value : undefined;
}

interface BuildInputs {
  readonly input: PackerJsonInput;
  readonly scope: TextScope;
  readonly problems: Problems;
  readonly builders: readonly JsonBuilder[];
}

function compileBuild(
  builder: JsonBuilder,
  parts: TemplateParts,
  { input, scope, problems, builders }: BuildInputs,
): Build | undefined {
  const { name, type, map } = builder;
  if (!isBuilderType(type)) {
    const { message, hint } = unknownBuilder(type);
    const runnable = builders.filter((one) => isBuilderType(one.type)).map((one) => one.name);
    const advice = runnable.length > 0 ? `${hint}; choose builds with -only=${runnable.join(',')}` : hint;
    problems.error(entryOf(map, 'type')!.value.at, message, advice);
    return undefined;
  }
  const context = new ComponentContext({
    problems,
    text: { ...scope, build: { name, type } },
    cwd: input.cwd,
    env: input.env,
    buildName: name,
  });
  const source = readBuilder(type, map, ['type', 'name'], context);
  const steps = parts.provisioners.flatMap((one) => compileProvisioner(one, builder, context) ?? []);
  const cleanupStep = parts.cleanup && compileProvisioner(parts.cleanup, builder, context);
  const outputs = parts.chains
    .map((chain) => compileChain(chain, builder, input.except, context))
    .filter((chain) => chain.length > 0);
  return source && { name, type, source, steps, ...(cleanupStep && { cleanupStep }), outputs };
}
