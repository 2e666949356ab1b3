import {
  type Block,
  type BodySchema,
  type EvalContext,
  type Expression,
  listType,
  objectValue,
  stringType,
  stringValue,
} from '@kiln/hcl';
import type { SourceLocation } from '../../../base/errors.ts';
import type { Problems } from '../problems.ts';
import { placeOf, report } from './diagnostics.ts';
import { dynamicBlock, expandBlocks, noNames, type ScopedBlock } from './dynamic-blocks.ts';
import { evaluateAs, plainText, plainTexts } from './evaluate.ts';
import { checkRegistryBlock } from './hcp-registry.ts';
import type { RootBlocks } from './root-blocks.ts';
import { type Scope, within } from './scope.ts';
import { findSource, type SourceBlock } from './source-blocks.ts';

/** A build as a template declares it. */
export interface BuildBlock {
  /** Empty when it has none. */
  readonly name: string;
  readonly description: string;
  readonly at: SourceLocation;
  readonly uses: readonly SourceUse[];
  readonly provisioners: readonly ScopedBlock[];
  readonly cleanup: ScopedBlock | undefined;
  readonly chains: readonly (readonly ScopedBlock[])[];
}

/** A source as a build uses it. */
export interface SourceUse {
  readonly source: SourceBlock;
  /** The name it has in this build, its own if it is given no other. */
  readonly localName: string;
  /** The block inside of the build, which may add to the source. */
  readonly additions: ScopedBlock | undefined;
  readonly at: SourceLocation;
}

const schema: BodySchema = {
  attributes: [{ name: 'name' }, { name: 'description' }, { name: 'sources' }],
  blocks: [
    { type: 'source', labels: ['reference'] },
    { type: 'provisioner', labels: ['type'] },
    { type: 'error-cleanup-provisioner', labels: ['type'] },
    { type: 'post-processor', labels: ['type'] },
    { type: 'post-processors' },
    { type: 'hcp_packer_registry' },
    // Of Packer's first years with HCL2; it has never meant anything.
    { type: 'from', labels: ['type'] },
    dynamicBlock,
  ],
};

const chainSchema: BodySchema = { blocks: [{ type: 'post-processor', labels: ['type'] }, dynamicBlock] };

/** The builds of a template (https://developer.hashicorp.com/packer/docs/templates/hcl_templates/blocks/build). */
export function readBuildBlocks(
  blocks: RootBlocks,
  sources: ReadonlyMap<string, SourceBlock>,
  scope: Scope,
  problems: Problems,
): readonly BuildBlock[] {
  return blocks.get('build')!.map((block) => new BuildReader(block, sources, scope, problems).read());
}

class BuildReader {
  readonly #block: Block;
  readonly #sources: ReadonlyMap<string, SourceBlock>;
  readonly #problems: Problems;
  readonly #context: EvalContext;

  constructor(block: Block, sources: ReadonlyMap<string, SourceBlock>, scope: Scope, problems: Problems) {
    this.#block = block;
    this.#sources = sources;
    this.#problems = problems;
    this.#context = scope.context();
  }

  read(): BuildBlock {
    const { value: content, diagnostics } = this.#block.body.content(schema);
    report(this.#problems, diagnostics);
    const text = (key: string): string => {
      const expression = content.attributes.get(key)?.expression;
      return (expression && this.#text(expression, this.#context, `"${key}"`)) ?? '';
    };
    const name = text('name');
    const listed = content.attributes.get('sources')?.expression;
    const uses: SourceUse[] = listed ? [...this.#listed(listed)] : [];
    const provisioners: ScopedBlock[] = [];
    const cleanups: ScopedBlock[] = [];
    const chains: (readonly ScopedBlock[])[] = [];
    const build = objectValue([['name', stringValue(name)]]);
    const context = within(this.#context, [['build', build]]);
    for (const scoped of expandBlocks(content.blocks, noNames, context, this.#problems)) {
      if (!this.#isRight(scoped.block)) continue;
      switch (scoped.block.type) {
        case 'source':
          uses.push(...this.#used(scoped));
          break;
        case 'provisioner':
          provisioners.push(scoped);
          break;
        case 'error-cleanup-provisioner':
          cleanups.push(scoped);
          break;
        case 'post-processor':
          chains.push([scoped]);
          break;
        case 'post-processors':
          chains.push(this.#chain(scoped, context));
          break;
        case 'hcp_packer_registry':
          checkRegistryBlock(scoped.block, context, this.#problems);
          break;
        case 'from':
          this.#problems.warn(
            placeOf(scoped.block.headerRange),
            'a block "from" has no effect',
            'leave it out',
          );
          break;
      }
    }
    for (const { block } of cleanups.slice(1)) {
      this.#problems.error(placeOf(block.headerRange), 'only one "error-cleanup-provisioner" is possible');
    }
    const at = placeOf(this.#block.headerRange);
    if (!listed && !content.blocks.some(({ type, labels }) => type === 'source' || labels[0] === 'source')) {
      this.#problems.error(at, 'the build names no source', 'write sources = ["source.TYPE.NAME"]');
    } else if (uses.length === 0 && !this.#problems.hasErrors) {
      this.#problems.error(at, 'the build names no source', 'its list of sources is empty');
    }
    return {
      name,
      description: text('description'),
      at,
      uses,
      provisioners,
      cleanup: cleanups[0],
      chains,
    };
  }

  *#listed(expression: Expression): Iterable<SourceUse> {
    const value = evaluateAs(expression, listType(stringType), this.#context, this.#problems, '"sources"');
    const items = expression.asList();
    for (const [index, reference] of plainTexts(value).entries()) {
      const at = placeOf(items?.[index]?.range ?? expression.range);
      const source = findSource(reference, at, this.#sources, this.#problems);
      if (source) yield { source, localName: source.name, additions: undefined, at };
    }
  }

  *#used(scoped: ScopedBlock): Iterable<SourceUse> {
    const { block, names } = scoped;
    const at = placeOf(block.labelRanges[0]!);
    const { value } = block.body.partialContent({ attributes: [{ name: 'name' }] });
    const expression = value.attributes.get('name')?.expression;
    const name = expression && this.#text(expression, within(this.#context, names), '"name"');
    const source = findSource(block.labels[0]!, at, this.#sources, this.#problems);
    if (source) yield { source, localName: name || source.name, additions: scoped, at };
  }

  #chain({ block, names }: ScopedBlock, context: EvalContext): readonly ScopedBlock[] {
    const { value: content, diagnostics } = block.body.content(chainSchema);
    report(this.#problems, diagnostics);
    return expandBlocks(content.blocks, names, context, this.#problems).filter((one) =>
      this.#isRight(one.block),
    );
  }

  /** Blocks that `dynamic` has made did not go through a schema. */
  #isRight({ type, labels, typeRange }: Block): boolean {
    const known = schema.blocks!.find((one) => one.type === type);
    const wanted = known?.labels?.length ?? 0;
    if (known && labels.length === wanted) return true;
    const message = known
      ? `a block "${type}" has ${wanted === 0 ? 'no labels' : 'one label'}, and "labels" gives ${labels.length}`
      : `a build has no block "${type}"`;
    this.#problems.error(placeOf(typeRange), message);
    return false;
  }

  #text(expression: Expression, context: EvalContext, what: string): string | undefined {
    return plainText(evaluateAs(expression, stringType, context, this.#problems, what));
  }
}
