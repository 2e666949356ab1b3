import { append } from '../append.ts';
import type { Block, Body, BodySchema, Expression } from '../body.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import type { EvalContext } from '../eval/context.ts';
import { ConversionError, convert } from '../values/convert.ts';
import { canIterate } from '../values/elements.ts';
import { stringType } from '../values/type.ts';
import { typeWords } from '../values/type-words.ts';
import type { Value } from '../values/value.ts';

/** What a dynamic block says: https://github.com/hashicorp/hcl/blob/main/ext/dynblock/README.md */
export interface DynamicBlock {
  readonly collection: Value;
  readonly iterator: string;
  readonly labels: readonly Expression[];
  readonly content: Body;
}

/** How dynamic blocks appear in a body. */
export const dynamicHeader = { type: 'dynamic', labels: ['type'] } as const;

const insideSchema: BodySchema = {
  attributes: [{ name: 'for_each', required: true }, { name: 'iterator' }, { name: 'labels' }],
  blocks: [{ type: 'content' }],
};

/**
 * Reads a dynamic block; undefined after a mistake. `labels` are the names of the labels that the blocks have which it
 * makes; undefined when any number is right.
 */
export function readDynamicBlock(
  block: Block,
  labels: readonly string[] | undefined,
  context: EvalContext | undefined,
  diagnostics: Diagnostic[],
): DynamicBlock | undefined {
  const schema = labels?.length === 0 ? withoutLabels : insideSchema;
  const { value: inside, diagnostics: mistakes } = block.body.content(schema);
  append(diagnostics, mistakes);
  if (hasErrors(mistakes)) return undefined;
  const iterator = iteratorOf(inside.attributes.get('iterator')?.expression, block.labels[0]!, diagnostics);
  const collection = collectionOf(inside.attributes.get('for_each')!.expression, context, diagnostics);
  const labelList = labelsOf(block, inside.attributes.get('labels')?.expression, labels, diagnostics);
  const content = contentOf(block, inside.blocks, diagnostics);
  if (iterator === undefined || !collection || !labelList || !content) return undefined;
  return { collection, iterator, labels: labelList, content };
}

const withoutLabels: BodySchema = {
  attributes: insideSchema.attributes!.filter(({ name }) => name !== 'labels'),
  blocks: insideSchema.blocks!,
};

/** The name of the variable that stands for the element; undefined after a mistake. */
function iteratorOf(
  expression: Expression | undefined,
  blockType: string,
  diagnostics: Diagnostic[],
): string | undefined {
  if (!expression) return blockType;
  const traversal = expression.asTraversal();
  if (traversal?.steps.length === 0) return traversal.root;
  diagnostics.push({
    severity: 'error',
    summary: 'Invalid dynamic iterator name',
    detail: 'The iterator is the name of a variable: a plain name without quotes.',
    subject: expression.range,
  });
  return undefined;
}

function collectionOf(
  expression: Expression,
  context: EvalContext | undefined,
  diagnostics: Diagnostic[],
): Value | undefined {
  const { value, diagnostics: mistakes } = expression.evaluate(context);
  append(diagnostics, mistakes);
  if (hasErrors(mistakes)) return undefined;
  const isList = canIterate(value.type) || value.type.kind === 'dynamic';
  if (isList && value.kind !== 'null') return value;
  diagnostics.push({
    severity: 'error',
    summary: 'Invalid dynamic for_each value',
    detail: `The value of for_each must be a list, a set, a map or an object; this is ${
      value.kind === 'null' ? 'null' : typeWords(value.type)
    }.`,
    subject: expression.range,
  });
  return undefined;
}

function labelsOf(
  block: Block,
  expression: Expression | undefined,
  wanted: readonly string[] | undefined,
  diagnostics: Diagnostic[],
): readonly Expression[] | undefined {
  const fail = (summary: string, detail: string, subject: Diagnostic['subject']) => {
    diagnostics.push({ severity: 'error', summary, detail, subject });
    return undefined;
  };
  const needs = `A block "${block.labels[0]}" has ${wanted?.length === 1 ? '1 label' : `${wanted?.length} labels`}`;
  if (!expression) {
    if (!wanted || wanted.length === 0) return [];
    return fail(
      'Insufficient dynamic block labels',
      `${needs}, so "labels" is needed here.`,
      block.headerRange,
    );
  }
  const list = expression.asList();
  if (!list)
    return fail(
      'Invalid dynamic block labels',
      'The labels are a list written out in brackets.',
      expression.range,
    );
  if (!wanted || list.length === wanted.length) return list;
  return list.length > wanted.length
    ? fail('Extraneous dynamic block label', `${needs}.`, list[wanted.length]!.range)
    : fail('Insufficient dynamic block labels', `${needs}.`, expression.range);
}

function contentOf(block: Block, contents: readonly Block[], diagnostics: Diagnostic[]): Body | undefined {
  const [content, extra] = contents;
  if (content && !extra) return content.body;
  diagnostics.push(
    extra
      ? {
          severity: 'error',
          summary: 'Extraneous dynamic content block',
          detail: 'A dynamic block has one block "content" only.',
          subject: extra.headerRange,
        }
      : {
          severity: 'error',
          summary: 'Missing dynamic content block',
          detail:
            'A dynamic block needs a block "content", which holds what each block that it makes contains.',
          subject: block.body.missingItemRange,
        },
  );
  return undefined;
}

/** The labels of the block for one element; undefined after a mistake. */
export function evaluateLabels(
  { labels }: DynamicBlock,
  context: EvalContext,
  diagnostics: Diagnostic[],
): readonly string[] | undefined {
  const texts: string[] = [];
  for (const label of labels) {
    const { value, diagnostics: mistakes } = label.evaluate(context);
    append(diagnostics, mistakes);
    if (hasErrors(mistakes)) return undefined;
    const text = labelText(value);
    if (typeof text !== 'string') {
      diagnostics.push({
        severity: 'error',
        summary: 'Invalid dynamic block label',
        detail: text.problem,
        subject: label.range,
      });
      return undefined;
    }
    texts.push(text);
  }
  return texts;
}

function labelText(value: Value): string | { readonly problem: string } {
  if (value.kind === 'null') return { problem: 'A label must not be null.' };
  if (value.marks.size > 0)
    return { problem: `A label is shown to everybody, so it cannot be ${[...value.marks].join(', ')}.` };
  try {
    const text = convert(value, stringType);
    if (text.kind === 'string') return text.value;
    return { problem: 'This value is not known yet. The labels of blocks must be known from the start.' };
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    return { problem: `A label is text: ${error.message}.` };
  }
}
