import type { Attribute, Block, Body, BodyContent, BodySchema, Read } from '../body.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Range } from '../diagnostics/range.ts';
import type { EvalContext } from '../eval/context.ts';
import { elementsOf } from '../values/elements.ts';
import { dynamicType } from '../values/type.ts';
import { type Mark, noMarks, unknownValue, type Value, withMarks } from '../values/value.ts';
import { type DynamicBlock, dynamicHeader, evaluateLabels, readDynamicBlock } from './dynamic-block.ts';
import { IteratedExpression } from './iterated-expression.ts';
import { Iteration } from './iteration.ts';
import { headerOf, UnknownBody } from './unknown-body.ts';

/**
 * The body with the blocks that its dynamic blocks make in their place, at any depth:
 * https://github.com/hashicorp/hcl/blob/main/ext/dynblock/README.md
 *
 * The context gives the variables of `for_each`; it is used when content is asked for.
 */
export function expandDynamic(body: Body, context?: EvalContext): Body {
  return new ExpandedBody(body, context);
}

/** What surrounds a body inside of dynamic blocks. */
interface Surroundings {
  readonly iteration: Iteration | undefined;
  readonly marks: ReadonlySet<Mark>;
}

/** What an earlier `partialContent` took out. */
interface Taken {
  readonly attributes: ReadonlySet<string>;
  readonly blocks: ReadonlyMap<string, readonly string[]>;
}

const outermost: Surroundings = { iteration: undefined, marks: noMarks };
const nothing: Taken = { attributes: new Set(), blocks: new Map() };

type LabelNames = (type: string) => readonly string[] | undefined;

class ExpandedBody implements Body {
  readonly #original: Body;
  readonly #context: EvalContext | undefined;
  readonly #around: Surroundings;
  readonly #taken: Taken;

  constructor(original: Body, context: EvalContext | undefined, around = outermost, taken = nothing) {
    this.#original = original;
    this.#context = context;
    this.#around = around;
    this.#taken = taken;
  }

  get range(): Range {
    return this.#original.range;
  }

  get missingItemRange(): Range {
    return this.#original.missingItemRange;
  }

  content(schema: BodySchema): Read<BodyContent> {
    const { value, diagnostics } = this.#original.content(this.#extended(schema));
    return this.#expanded(schema, value, [...diagnostics], true);
  }

  partialContent(schema: BodySchema): Read<BodyContent> & { readonly rest: Body } {
    const { value, diagnostics } = this.#original.partialContent(this.#extended(schema));
    const attributes = new Set(this.#taken.attributes);
    for (const { name } of schema.attributes ?? []) attributes.add(name);
    const blocks = new Map(this.#taken.blocks);
    for (const { type, labels } of schema.blocks ?? []) blocks.set(type, labels ?? []);
    const rest = new ExpandedBody(this.#original, this.#context, this.#around, { attributes, blocks });
    return { ...this.#expanded(schema, value, [...diagnostics], false), rest };
  }

  justAttributes(): Read<ReadonlyMap<string, Attribute>> {
    const { value, diagnostics } = this.#original.justAttributes();
    return { value: this.#attributes(value), diagnostics };
  }

  everything(diagnostics: Diagnostic[] = []): BodyContent {
    const { attributes, blocks } = everythingOf(this.#original, diagnostics);
    return {
      attributes: this.#attributes(attributes),
      blocks: this.#blocks(blocks, () => undefined, diagnostics),
    };
  }

  /** What to ask the original for: also the dynamic blocks, and what was taken, so that it is not called unsupported. */
  #extended(schema: BodySchema): BodySchema {
    const attributes = [...(schema.attributes ?? [])];
    for (const name of this.#taken.attributes) attributes.push({ name });
    const blocks = [...(schema.blocks ?? []), dynamicHeader];
    const wanted = new Set(blocks.map(({ type }) => type));
    for (const [type, labels] of this.#taken.blocks) if (!wanted.has(type)) blocks.push({ type, labels });
    return { attributes, blocks };
  }

  #expanded(
    schema: BodySchema,
    content: BodyContent,
    diagnostics: Diagnostic[],
    complete: boolean,
  ): Read<BodyContent> {
    const labels = new Map(schema.blocks?.map(({ type, labels: names }) => [type, names ?? []]));
    const wanted = content.blocks.filter((block) => {
      const made = block.type === 'dynamic' ? block.labels[0]! : undefined;
      if (made === undefined || labels.has(made) || this.#taken.blocks.has(made)) return true;
      if (complete) {
        diagnostics.push({
          severity: 'error',
          summary: 'Unsupported block type',
          detail: `There are no blocks "${made}" here, so a dynamic block cannot make any.`,
          subject: block.labelRanges[0]!,
        });
      }
      return false;
    });
    const blocks = this.#blocks(wanted, (type) => labels.get(type), diagnostics);
    return { value: { attributes: this.#attributes(content.attributes), blocks }, diagnostics };
  }

  #attributes(attributes: ReadonlyMap<string, Attribute>): ReadonlyMap<string, Attribute> {
    const { iteration, marks } = this.#around;
    const wrapped = new Map<string, Attribute>();
    for (const [name, attribute] of attributes) {
      if (this.#taken.attributes.has(name)) continue;
      if (!iteration && marks.size === 0) {
        wrapped.set(name, attribute);
      } else {
        const { nameRange, range } = attribute;
        const expression = new IteratedExpression(attribute.expression, iteration, marks);
        wrapped.set(name, { name, nameRange, range, expression });
      }
    }
    return wrapped;
  }

  #blocks(blocks: readonly Block[], labelNames: LabelNames, diagnostics: Diagnostic[]): Block[] {
    return blocks.flatMap((block) => {
      const type = block.type === 'dynamic' && block.labels.length > 0 ? block.labels[0]! : block.type;
      if (this.#taken.blocks.has(type)) return [];
      if (block.type === 'dynamic') return this.#made(block, labelNames(type), diagnostics);
      return [{ ...headerOf(block), body: this.#child(block.body, this.#around.iteration, noMarks) }];
    });
  }

  #child(body: Body, iteration: Iteration | undefined, marks: ReadonlySet<Mark>): Body {
    const context = iteration ? iteration.within(this.#context) : this.#context;
    return new ExpandedBody(body, context, { iteration, marks });
  }

  /** The blocks that a dynamic block makes. */
  #made(block: Block, labelNames: readonly string[] | undefined, diagnostics: Diagnostic[]): Block[] {
    const read = readDynamicBlock(block, labelNames, this.#context, diagnostics);
    if (!read) return [];
    const { marks } = read.collection;
    const elements = elementsOf(read.collection);
    const made: Block[] = [];
    if (!elements) {
      const unknown = unknownValue(dynamicType);
      const one = this.#makeOne(block, read, unknown, unknown, diagnostics);
      return one ? [{ ...headerOf(one), body: new UnknownBody(one.body, marks) }] : [];
    }
    for (const { key, value } of elements) {
      const one = this.#makeOne(block, read, withMarks(key, marks), withMarks(value, marks), diagnostics);
      // Most likely the labels of the other blocks have the same mistake.
      if (!one) break;
      made.push(one);
    }
    return made;
  }

  #makeOne(
    block: Block,
    read: DynamicBlock,
    key: Value,
    value: Value,
    diagnostics: Diagnostic[],
  ): Block | undefined {
    const iteration = new Iteration(read.iterator, key, value, this.#around.iteration);
    const labels = evaluateLabels(read, iteration.within(this.#context), diagnostics);
    if (!labels) return undefined;
    return {
      type: block.labels[0]!,
      labels,
      typeRange: block.labelRanges[0]!,
      labelRanges: read.labels.map(({ range }) => range),
      headerRange: block.headerRange,
      body: this.#child(read.content, iteration, read.collection.marks),
    };
  }
}

/** Everything in a body; in JSON, which cannot tell blocks, dynamic blocks are known by their name. */
function everythingOf(body: Body, diagnostics: Diagnostic[]): BodyContent {
  const all = body.everything(diagnostics);
  if (!all.attributes.has('dynamic')) return all;
  const { value, rest, diagnostics: mistakes } = body.partialContent({ blocks: [dynamicHeader] });
  diagnostics.push(...mistakes);
  const { attributes, blocks } = rest.everything(diagnostics);
  return { attributes, blocks: [...blocks, ...value.blocks] };
}
