import { maxText } from '../functions/support/limits.ts';
import type { ExpressionNode, TemplateForNode, TemplateNode } from '../syntax/nodes.ts';
import { ConversionError, convert } from '../values/convert.ts';
import { stringType } from '../values/type.ts';
import { type Mark, stringValue, unknownValue, unmarked, type Value, withMarks } from '../values/value.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateFor } from './for.ts';

/** Joins the parts of a template: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#templates */
export function evaluateTemplate(node: TemplateNode, run: Evaluation): Value {
  const joined = new Joined();
  for (const part of node.parts) {
    const value = run.value(part);
    joined.add(textOf(unmarked(value), part, node, run), value.marks);
  }
  return joined.result(node, run);
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
  const joined = new Joined();
  joined.add('', items.marks);
  for (const item of items.items) joined.add(item.kind === 'string' ? item.value : undefined, item.marks);
  return joined.result(node, run);
}

/** The pieces of a text put together. */
class Joined {
  readonly #marks = new Set<Mark>();
  #text = '';
  #known = true;
  #tooLong = false;

  /** @param piece Undefined when it is not known. */
  add(piece: string | undefined, marks: ReadonlySet<Mark>): void {
    for (const mark of marks) this.#marks.add(mark);
    if (piece === undefined) this.#known = false;
    else if (this.#text.length + piece.length > maxText) this.#tooLong = true;
    else this.#text += piece;
  }

  result(node: ExpressionNode, run: Evaluation): Value {
    if (this.#tooLong) {
      run.error('Text too long', `A text can have at most ${maxText} characters.`, node, { about: node });
    }
    const known = this.#known && !this.#tooLong;
    return withMarks(known ? stringValue(this.#text) : unknownValue(stringType), this.#marks);
  }
}
