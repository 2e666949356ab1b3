import type { ExpressionNode, TemplateForNode, TemplateNode } from '../syntax/nodes.ts';
import { ConversionError, convert } from '../values/convert.ts';
import { stringType } from '../values/type.ts';
import { type Mark, stringValue, unknownValue, unmarked, type Value, withMarks } from '../values/value.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateFor } from './for.ts';

/** Joins the parts of a template: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#templates */
export function evaluateTemplate(node: TemplateNode, run: Evaluation): Value {
  const marks: ReadonlySet<Mark>[] = [];
  let text = '';
  let known = true;
  for (const part of node.parts) {
    const value = run.value(part);
    if (value.marks.size > 0) marks.push(value.marks);
    const piece = textOf(unmarked(value), part, node, run);
    if (piece === undefined) known = false;
    else text += piece;
  }
  return withMarks(known ? stringValue(text) : unknownValue(stringType), ...marks);
}

/** The value as text; undefined when it is unknown or, which is told, has no place in text. */
function textOf(
  value: Value,
  part: ExpressionNode,
  node: ExpressionNode,
  run: Evaluation,
): string | undefined {
  if (value.kind === 'string') return value.value;
  const particulars = { context: node, about: part };
  if (value.kind === 'null') {
    run.error(
      'Invalid template interpolation value',
      'This value is null, which cannot be part of a text.',
      part,
      particulars,
    );
    return undefined;
  }
  // An unknown list cannot be part of a text either, but that is told when it is known, as its type is then.
  if (value.kind === 'unknown') return undefined;
  try {
    const converted = convert(value, stringType);
    return converted.kind === 'string' ? converted.value : undefined;
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    run.error(
      'Invalid template interpolation value',
      `This value cannot be part of a text: ${error.message}. ` +
        'For lists and maps there are functions such as join and jsonencode.',
      part,
      particulars,
    );
    return undefined;
  }
}

export function evaluateTemplateFor(node: TemplateForNode, run: Evaluation): Value {
  const { start, end, keyName, valueName, collection, content } = node;
  const items = evaluateFor(
    {
      kind: 'for',
      start,
      end,
      keyName,
      valueName,
      collection,
      key: undefined,
      value: content,
      condition: undefined,
      groups: false,
    },
    run,
  );
  if (items.kind !== 'tuple') return withMarks(unknownValue(stringType), items.marks);
  const marks: ReadonlySet<Mark>[] = [items.marks];
  let text = '';
  let known = true;
  for (const item of items.items) {
    marks.push(item.marks);
    if (item.kind === 'string') text += item.value;
    else known = false;
  }
  return withMarks(known ? stringValue(text) : unknownValue(stringType), ...marks);
}
