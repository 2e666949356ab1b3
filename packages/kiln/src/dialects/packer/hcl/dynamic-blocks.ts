import {
  type Block,
  containsMark,
  type EvalContext,
  elementsOf,
  listType,
  objectValue,
  sensitiveMark,
  stringType,
  type Value,
} from '@kiln/hcl';
import type { Problems } from '../problems.ts';
import { placeOf, report } from './diagnostics.ts';
import { evaluate, evaluateAs, plainTexts } from './evaluate.ts';
import { within } from './scope.ts';

/** Names that the blocks around have brought: the iterators of `dynamic`. */
export type BlockNames = ReadonlyMap<string, Value>;

/** A block together with what its expressions may refer to beside the usual. */
export interface ScopedBlock {
  readonly block: Block;
  readonly names: BlockNames;
}

export const noNames: BlockNames = new Map();

/** The block that stands for others; a schema that allows it names this. */
export const dynamicBlock = { type: 'dynamic', labels: ['type'] } as const;

const schema = {
  attributes: [{ name: 'for_each', required: true }, { name: 'iterator' }, { name: 'labels' }],
  blocks: [{ type: 'content' }],
} as const;

/**
 * The blocks with each `dynamic` replaced by what it makes
 * (https://developer.hashicorp.com/packer/docs/templates/hcl_templates/expressions#dynamic-blocks). `context` is what
 * `for_each` may refer to.
 */
export function expandBlocks(
  blocks: readonly Block[],
  names: BlockNames,
  context: EvalContext,
  problems: Problems,
): readonly ScopedBlock[] {
  return blocks.flatMap((block) =>
    block.type === dynamicBlock.type && block.labels.length === 1
      ? expand(block, names, context, problems)
      : [{ block, names }],
  );
}

function expand(
  dynamic: Block,
  names: BlockNames,
  context: EvalContext,
  problems: Problems,
): readonly ScopedBlock[] {
  const type = dynamic.labels[0]!;
  const { value: parts, diagnostics } = dynamic.body.content(schema);
  report(problems, diagnostics);
  const forEach = parts.attributes.get('for_each')?.expression;
  const [content, second] = parts.blocks;
  if (!content) problems.error(placeOf(dynamic.headerRange), `the dynamic block has no "content"`);
  if (second) problems.error(placeOf(second.headerRange), 'a dynamic block has only one "content"');
  if (!forEach || !content) return [];
  const scope = within(context, names);
  const collection = evaluate(forEach, scope, problems);
  if (!collection || collection.kind === 'unknown') return [];
  const elements = elementsOf(collection);
  if (!elements || containsMark(collection, sensitiveMark)) {
    const fault = elements ? 'must not be sensitive' : 'must be a list, a set or an object';
    problems.error(placeOf(forEach.range), `"for_each" ${fault}`);
    return [];
  }
  const iterator = parts.attributes.get('iterator')?.expression;
  const named = iterator?.asKeyword();
  if (iterator && named === undefined)
    problems.error(placeOf(iterator.range), '"iterator" must be a lone name');
  const labels = parts.attributes.get('labels')?.expression;
  return elements.map(({ key, value }) => {
    const own = new Map(names).set(
      named ?? type,
      objectValue([
        ['key', key],
        ['value', value],
      ]),
    );
    const texts =
      labels && evaluateAs(labels, listType(stringType), within(context, own), problems, '"labels"');
    const made = plainTexts(texts);
    const block: Block = {
      type,
      labels: made,
      body: content.body,
      headerRange: dynamic.headerRange,
      typeRange: dynamic.labelRanges[0]!,
      labelRanges: made.map(() => labels!.range),
    };
    return { block, names: own };
  });
}
