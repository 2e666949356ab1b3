import { type Block, type EvalContext, expandDynamic, objectValue, stringValue } from '@kiln/hcl';
import type { Build } from '../../../plan/plan.ts';
import type { Step } from '../../../plan/step.ts';
import type { TextScope } from '../../../text/template-functions.ts';
import { isBuilderType, readBuilder, unknownBuilder } from '../builders/builder.ts';
import { compileOutput, cutChain } from '../compile-output.ts';
import { compileStep } from '../compile-step.ts';
import { ComponentContext } from '../component-context.ts';
import { type BuildNames, readOnlyExcept } from '../only-except.ts';
import { describeNode, entryOf, type MapNode } from '../value-node.ts';
import { strictTyping } from '../value-typing.ts';
import type { BuildBlock, SourceUse } from './build-blocks.ts';
import type { CacheDirectives } from './cache-directives.ts';
import { placeOf } from './diagnostics.ts';
import { buildObject } from './late-text.ts';
import type { Reading } from './reading.ts';
import { type Scope, within } from './scope.ts';
import { bodyNode, expressionNode } from './value-nodes.ts';

export interface CompileOptions {
  readonly scope: Scope;
  readonly reading: Reading;
  readonly cacheOf: CacheDirectives;
  readonly text: TextScope;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the command line leaves a post-processor out. */
  readonly isLeftOut: (name: string) => boolean;
  /** How to leave out builds that Kiln cannot do, for hints. */
  readonly runnable: readonly string[];
}

/** `type.name`, as `only` and `except` in a template name a source's part of a build. */
export function sourceName({ source, localName }: SourceUse): string {
  return `${source.type}.${localName}`;
}

/** `build.type.name`, as the command line and people name it. */
export function buildName({ name }: BuildBlock, use: SourceUse): string {
  return name === '' ? sourceName(use) : `${name}.${sourceName(use)}`;
}

/** One source of a build as a build of the plan. Undefined after a mistake that was reported, and without data. */
export function compileBuild(
  build: BuildBlock,
  use: SourceUse,
  name: string,
  options: CompileOptions,
): Build | undefined {
  return new BuildCompiler(build, use, options).compile(name);
}

const metaNames = [
  'name',
  'only',
  'except',
  'override',
  'pause_before',
  'timeout',
  'max_retries',
  'continue_on_error',
];

class BuildCompiler {
  readonly #build: BuildBlock;
  readonly #use: SourceUse;
  readonly #options: CompileOptions;
  readonly #context: EvalContext;
  readonly #components: ComponentContext;
  readonly #names: BuildNames;

  constructor(build: BuildBlock, use: SourceUse, options: CompileOptions) {
    this.#build = build;
    this.#use = use;
    this.#options = options;
    const { type, name } = use.source;
    const source = objectValue([
      ['type', stringValue(type)],
      ['name', stringValue(use.localName)],
    ]);
    this.#context = options.scope.context([
      ['source', source],
      ['build', buildObject(build.name)],
    ]);
    this.#components = new ComponentContext({
      problems: options.reading.problems,
      text: { ...options.text, build: { name, type } },
      cwd: options.cwd,
      env: options.env,
      buildName: name,
      typing: strictTyping,
    });
    this.#names = {
      names: build.uses.map(sourceName),
      noun: 'source',
      unknownIs: 'warning',
      takesLoneName: false,
    };
  }

  compile(name: string): Build | undefined {
    const { type, name: innerName } = this.#use.source;
    const source = this.#source();
    const steps = this.#build.provisioners.flatMap((one) => this.#step(one) ?? []);
    const cleanupStep = this.#build.cleanup && this.#step(this.#build.cleanup);
    const outputs = this.#build.chains
      .map((chain) => this.#outputs(chain))
      .filter((chain) => chain.length > 0);
    return (
      source && {
        name,
        ...(innerName !== name && { innerName }),
        type,
        source,
        steps,
        ...(cleanupStep && { cleanupStep }),
        outputs,
      }
    );
  }

  #source(): Build['source'] | undefined {
    const { source } = this.#use;
    const { type, block } = source;
    const { problems } = this.#options.reading;
    if (!isBuilderType(type)) {
      const { message, hint } = unknownBuilder(type);
      const { runnable } = this.#options;
      const advice = runnable.length > 0 ? `${hint}; choose builds with -only=${runnable.join(',')}` : hint;
      problems.error(placeOf(block.labelRanges[0]!), message, advice);
      return undefined;
    }
    // What only the running build can tell is nothing that a source could use.
    const context = within(this.#context, [
      ['build', objectValue([['name', stringValue(this.#build.name)]])],
    ]);
    const body = expandDynamic(block.body, context);
    const own = bodyNode(body, block.headerRange, context, this.#options.reading);
    return readBuilder(type, this.#withAdditions(own, context), [], this.#components);
  }

  /** What the build's own block says beside the source, which it cannot take back. */
  #withAdditions(own: MapNode, context: EvalContext): MapNode {
    const { additions } = this.#use;
    if (!additions) return own;
    const more = bodyNode(additions.body, additions.headerRange, context, this.#options.reading);
    const added = more.entries.filter(({ key }) => key !== 'name');
    for (const { key, keyAt, form } of added) {
      const first = entryOf(own, key);
      if (!first || form === 'block') continue;
      const { file, line, column } = first.keyAt;
      this.#options.reading.problems.error(
        keyAt,
        `"${key}" is set in the source already, at ${file}:${line}:${column}`,
        'a source block inside of a build can only add',
      );
    }
    return { ...own, entries: [...own.entries, ...added] };
  }

  #step(block: Block): Step | undefined {
    if (!this.#isForThis(block)) return undefined;
    const node = bodyNode(block.body, block.headerRange, this.#context, this.#options.reading);
    const override = this.#override(node);
    return compileStep(
      {
        type: block.labels[0]!,
        typeAt: placeOf(block.labelRanges[0]!),
        maps: override ? [node, override] : [node],
        at: placeOf(block.headerRange),
        metaNames,
        cache: this.#options.cacheOf(block.headerRange),
      },
      this.#components,
    );
  }

  /** The options that a provisioner has for this source only, which Packer reads as those of JSON templates. */
  #override(node: MapNode): MapNode | undefined {
    const { problems } = this.#options.reading;
    const overrides = entryOf(node, 'override')?.value;
    if (!overrides || overrides.kind === 'null' || overrides.kind === 'unknown') return undefined;
    if (overrides.kind !== 'map') {
      problems.error(
        overrides.at,
        `"override" must be an object of sources' names, not ${describeNode(overrides)}`,
      );
      return undefined;
    }
    const names = this.#build.uses.map(({ localName }) => localName);
    for (const { key, keyAt, value } of overrides.entries) {
      if (!names.includes(key)) {
        problems.warn(keyAt, `"override" names the source "${key}", which this build does not have`);
      }
      if (value.kind !== 'map') {
        problems.error(value.at, `an override must be an object of options, not ${describeNode(value)}`);
      }
    }
    const own = entryOf(overrides, this.#use.localName)?.value;
    return own?.kind === 'map' ? { ...own, isWeak: true } : undefined;
  }

  #outputs(chain: readonly Block[]): Build['outputs'][number] {
    const parts = chain
      .filter((block) => this.#isForThis(block))
      .map((block) => {
        const map = bodyNode(block.body, block.headerRange, this.#context, this.#options.reading);
        const name = entryOf(map, 'name')?.value;
        const type = block.labels[0]!;
        return {
          type,
          typeAt: placeOf(block.labelRanges[0]!),
          name: (name?.kind === 'string' && name.value) || type,
          map,
          at: placeOf(block.headerRange),
        };
      });
    return cutChain(parts, this.#options.isLeftOut).flatMap(
      (part) => compileOutput(part, this.#components) ?? [],
    );
  }

  /** Read by itself: the rest of a part that is for other sources may not even make sense for this one. */
  #isForThis({ body, headerRange }: Block): boolean {
    const { value } = body.partialContent({ attributes: [{ name: 'only' }, { name: 'except' }] });
    const entries = [...value.attributes.values()].map(({ name, nameRange, expression }) => ({
      key: name,
      keyAt: placeOf(nameRange),
      value: expressionNode(expression, this.#context, this.#options.reading),
    }));
    const map: MapNode = { kind: 'map', at: placeOf(headerRange), entries };
    return readOnlyExcept(map, this.#names, this.#options.reading.problems)(sourceName(this.#use));
  }
}
