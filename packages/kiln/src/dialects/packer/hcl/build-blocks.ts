import {
  type Block,
  type BodySchema,
  type EvalContext,
  type Expression,
  expandDynamic,
  listType,
  stringType,
} from '@kiln/hcl';
import type { SourceLocation } from '../../../base/errors.ts';
import type { Problems } from '../problems.ts';
import { placeOf, report } from './diagnostics.ts';
import { evaluateAs, plainText, plainTexts } from './evaluate.ts';
import { checkRegistryBlock } from './hcp-registry.ts';
import type { RootBlocks } from './root-blocks.ts';
import type { Scope } from './scope.ts';
import { findSource, type SourceBlock } from './source-blocks.ts';

/** A build as a template declares it. */
export interface BuildBlock {
  /** Empty when it has none. */
  readonly name: string;
  readonly description: string;
  readonly at: SourceLocation;
  readonly uses: readonly SourceUse[];
  readonly provisioners: readonly Block[];
  readonly cleanup: Block | undefined;
  readonly chains: readonly (readonly Block[])[];
}

/** A source as a build uses it. */
export interface SourceUse {
  readonly source: SourceBlock;
  /** The name it has in this build, its own if it is given no other. */
  readonly localName: string;
  /** The block inside of the build, which may add to the source. */
  readonly additions: Block | undefined;
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
  ],
};

const chainSchema: BodySchema = { blocks: [{ type: 'post-processor', labels: ['type'] }] };

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
    const body = expandDynamic(this.#block.body, this.#context);
    const { value: content, diagnostics } = body.content(schema);
    report(this.#problems, diagnostics);
    const text = (key: string): string => {
      const expression = content.attributes.get(key)?.expression;
      return (expression && this.#text(expression, `"${key}"`)) ?? '';
    };
    const listed = content.attributes.get('sources')?.expression;
    const uses: SourceUse[] = listed ? [...this.#listed(listed)] : [];
    const provisioners: Block[] = [];
    const cleanups: Block[] = [];
    const chains: (readonly Block[])[] = [];
    for (const block of content.blocks) {
      switch (block.type) {
        case 'source':
          uses.push(...this.#used(block));
          break;
        case 'provisioner':
          provisioners.push(block);
          break;
        case 'error-cleanup-provisioner':
          cleanups.push(block);
          break;
        case 'post-processor':
          chains.push([block]);
          break;
        case 'post-processors':
          chains.push(this.#chain(block));
          break;
        case 'hcp_packer_registry':
          checkRegistryBlock(block, this.#context, this.#problems);
          break;
        case 'from':
          this.#problems.warn(placeOf(block.headerRange), 'a block "from" has no effect', 'leave it out');
          break;
      }
    }
    for (const { headerRange } of cleanups.slice(1)) {
      this.#problems.error(placeOf(headerRange), 'only one "error-cleanup-provisioner" is possible');
    }
    const at = placeOf(this.#block.headerRange);
    if (!listed && !content.blocks.some(({ type }) => type === 'source')) {
      this.#problems.error(at, 'the build names no source', 'write sources = ["source.TYPE.NAME"]');
    } else if (uses.length === 0 && !this.#problems.hasErrors) {
      this.#problems.error(at, 'the build names no source', 'its list of sources is empty');
    }
    return {
      name: text('name'),
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

  *#used(block: Block): Iterable<SourceUse> {
    const at = placeOf(block.labelRanges[0]!);
    const { value } = block.body.partialContent({ attributes: [{ name: 'name' }] });
    const expression = value.attributes.get('name')?.expression;
    const name = expression && this.#text(expression, '"name"');
    const source = findSource(block.labels[0]!, at, this.#sources, this.#problems);
    if (source) yield { source, localName: name || source.name, additions: block, at };
  }

  #chain({ body }: Block): readonly Block[] {
    const { value: content, diagnostics } = body.content(chainSchema);
    report(this.#problems, diagnostics);
    return content.blocks;
  }

  #text(expression: Expression, what: string): string | undefined {
    return plainText(evaluateAs(expression, stringType, this.#context, this.#problems, what));
  }
}
