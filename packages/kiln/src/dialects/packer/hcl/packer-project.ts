import type { Block, EvalContext } from '@kiln/hcl';
import type { Diagnostic } from '../../../base/diagnostics.ts';
import { deepFreeze } from '../../../plan/freeze.ts';
import type { Plan } from '../../../plan/plan.ts';
import type { TextScope } from '../../../text/template-functions.ts';
import { isBuilderType } from '../builders/builder.ts';
import { Problems } from '../problems.ts';
import type { BuildBlock } from './build-blocks.ts';
import type { CacheDirectives } from './cache-directives.ts';
import { buildName, compileBuild, sourceName } from './compile-build.ts';
import { plainText } from './evaluate.ts';
import type { RequiredPlugin } from './packer-block.ts';
import type { Local } from './prerequisites.ts';
import type { Reading } from './reading.ts';
import type { Scope } from './scope.ts';
import { leftOut, type Selection, selectBuilds } from './select-builds.ts';
import type { SourceBlock } from './source-blocks.ts';
import type { Variable } from './variable-values.ts';

export interface PackerHclResult {
  /** Undefined when there are errors. */
  readonly plan: Plan | undefined;
  /** Everything there is to say about the template, in its order. */
  readonly diagnostics: readonly Diagnostic[];
  /** Names of all selected builds, those that could not be compiled too. */
  readonly builds: readonly string[];
  /** Texts that may not be shown, though there may be no plan. */
  readonly secrets: readonly string[];
}

/** A build as it is declared, for people. */
export interface BuildSummary {
  readonly name: string;
  readonly description: string;
  /** `type.name` */
  readonly sources: readonly string[];
  readonly provisioners: readonly ComponentSummary[];
  readonly cleanup: ComponentSummary | undefined;
  readonly postProcessors: readonly (readonly ComponentSummary[])[];
}

export interface ComponentSummary {
  readonly type: string;
  /** Empty when it has none. */
  readonly name: string;
}

/** What a project is made of. */
export interface ProjectParts {
  readonly file: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly variables: readonly Variable[];
  readonly locals: readonly Local[];
  readonly requiredPlugins: readonly RequiredPlugin[];
  readonly sources: ReadonlyMap<string, SourceBlock>;
  readonly builds: readonly BuildBlock[];
  readonly cacheOf: CacheDirectives;
  readonly scope: Scope;
  readonly reading: Reading;
  readonly text: TextScope;
}

/** A template in HCL2 with its variables, locals and data worked out. */
export class PackerHclProject {
  readonly #parts: ProjectParts;

  constructor(parts: ProjectParts) {
    this.#parts = parts;
  }

  /** Everything there is to say about the template but for what its builds contain. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#parts.reading.problems.list();
  }

  /** Input variables with their values, in order of declaration. Values of sensitive ones are marked. */
  get variables(): readonly Variable[] {
    return this.#parts.variables;
  }

  /** Locals with their values, by name. */
  get locals(): readonly Local[] {
    return this.#parts.locals;
  }

  get requiredPlugins(): readonly RequiredPlugin[] {
    return this.#parts.requiredPlugins;
  }

  /** Sources by `type.name`, in order of declaration. */
  get sources(): readonly { readonly type: string; readonly name: string }[] {
    return [...this.#parts.sources.values()].map(({ type, name }) => ({ type, name }));
  }

  /** Texts that may not be shown. */
  get secrets(): readonly string[] {
    return this.#parts.reading.secrets.texts;
  }

  /** The builds in order of declaration. */
  get builds(): readonly BuildSummary[] {
    return this.#parts.builds.map((build) => ({
      name: build.name,
      description: build.description,
      sources: build.uses.map(sourceName),
      provisioners: build.provisioners.map((one) => this.#summary(one)),
      cleanup: build.cleanup && this.#summary(build.cleanup),
      postProcessors: build.chains.map((chain) => chain.map((one) => this.#summary(one))),
    }));
  }

  /** What an expression that a person types can refer to: variables, locals, data, functions. */
  context(): EvalContext {
    return this.#parts.scope.context();
  }

  /** Compiles the builds that are wanted. Nothing is thrown for a mistake in the template. */
  plan(selection: Selection = { only: [], except: [] }): PackerHclResult {
    const { file, cwd, env, builds, cacheOf, scope, text } = this.#parts;
    // What is wrong with the builds of one selection is nothing to tell of another.
    const problems = new Problems(this.#parts.reading.problems.list());
    const reading: Reading = { ...this.#parts.reading, problems };
    if (builds.length === 0 && !problems.hasErrors) {
      problems.error(
        { file, line: 1, column: 1 },
        'the template has no build',
        'add build { sources = […] }',
      );
    }
    const selected = selectBuilds(builds, selection, this.#postProcessorNames(), file, problems);
    const options = {
      scope,
      reading,
      cacheOf,
      text,
      cwd,
      env,
      isLeftOut: leftOut(selection),
      runnable: selected
        .filter(({ use }) => isBuilderType(use.source.type))
        .map(({ build, use }) => buildName(build, use)),
    };
    const compiled = selected.map(({ build, use, name }) => {
      const found = compileBuild(build, use, name, options);
      if (!found && !problems.hasErrors) {
        problems.warn(
          build.at,
          `the build "${name}" could not be checked to its end: it depends on data that is not fetched`,
        );
      }
      return found;
    });
    const plan: Plan = {
      kind: 'plan',
      origin: { file, folder: cwd, dialect: 'packer-hcl' },
      builds: compiled.filter((build) => build !== undefined),
      machines: [],
      secrets: reading.secrets.texts,
    };
    return {
      plan: problems.hasErrors ? undefined : deepFreeze(plan),
      diagnostics: problems.list(),
      builds: selected.map(({ name }) => name),
      secrets: reading.secrets.texts,
    };
  }

  #summary({ body, labels }: Block): ComponentSummary {
    const { value } = body.partialContent({ attributes: [{ name: 'name' }] });
    const expression = value.attributes.get('name')?.expression;
    const name = expression?.evaluate(this.context()).value;
    return { type: labels[0]!, name: plainText(name) ?? '' };
  }

  #postProcessorNames(): ReadonlySet<string> {
    const all = this.builds.flatMap(({ postProcessors }) => postProcessors.flat());
    return new Set(all.map(({ type, name }) => name || type));
  }
}
