import {
  type Body,
  type Diagnostic,
  type EvalContext,
  type Expression,
  formatDecimal,
  isCollection,
  type Range,
  sensitiveMark,
  stringType,
  type Value,
} from '@kiln/hcl';
import type { SourceLocation } from '../../../base/errors.ts';
import type { MapEntry, MapNode, ValueNode } from '../value-node.ts';
import { placeOf, report } from './diagnostics.ts';
import { evaluateAs, plainText } from './evaluate.ts';
import { type LatePath, lateText, waitsFor } from './late-text.ts';
import { type Reading, read } from './reading.ts';
import { isJsonFile } from './source-files.ts';

/**
 * The content of a block as the readers of components take it, each value with its place. Mistakes are reported, and
 * what they leave without a value is unknown.
 */
export function bodyNode(body: Body, range: Range, context: EvalContext, reading: Reading): MapNode {
  // JSON does not tell blocks from attributes.
  const isJson = isJsonFile(range.file);
  const diagnostics: Diagnostic[] = [];
  const { attributes, blocks } = body.everything(diagnostics);
  report(reading.problems, diagnostics);
  const entries: MapEntry[] = [...attributes.values()].map(({ name, nameRange, expression }) => ({
    key: name,
    keyAt: placeOf(nameRange),
    value: expressionNode(expression, context, reading),
    ...(!isJson && { form: 'attribute' as const }),
  }));
  const nested = new Map<string, { keyAt: SourceLocation; items: MapNode[] }>();
  for (const { type, labels, labelRanges, headerRange, body: inner } of blocks) {
    if (labels.length > 0) {
      reading.problems.error(placeOf(labelRanges[0]!), `the block "${type}" has no labels here`);
    }
    const group = nested.get(type) ?? { keyAt: placeOf(headerRange), items: [] };
    nested.set(type, group);
    group.items.push(bodyNode(inner, headerRange, context, reading));
  }
  for (const [key, { keyAt, items }] of nested) {
    entries.push({ key, keyAt, value: { kind: 'list', at: keyAt, items }, form: 'block' });
  }
  return { kind: 'map', at: placeOf(range), entries };
}

/** The value of an expression. Elements of lists and objects that are written out have places of their own. */
export function expressionNode(expression: Expression, context: EvalContext, reading: Reading): ValueNode {
  const at = placeOf(expression.range);
  const list = expression.asList();
  if (list) return { kind: 'list', at, items: list.map((item) => expressionNode(item, context, reading)) };
  const map = expression.asMap();
  if (map) {
    let isWhole = true;
    const entries = map.flatMap(({ key, value }) => {
      const found = evaluateAs(key, stringType, context, reading.problems, 'a key');
      const name = plainText(found);
      const node = expressionNode(value, context, reading);
      if (name !== undefined) return [{ key: name, keyAt: placeOf(key.range), value: node }];
      isWhole = false;
      const late = waitsFor(key);
      if (found && late.length > 0) mustBeKnown(key, late, reading);
      return [];
    });
    return isWhole ? { kind: 'map', at, entries } : { kind: 'unknown', at };
  }
  const value = read(expression, context, reading);
  if (!value) return { kind: 'unknown', at };
  return new ValueReader(expression, context, reading).node(value, [], false);
}

function mustBeKnown(expression: Expression, late: readonly string[], { problems }: Reading): void {
  problems.error(
    placeOf(expression.range),
    `what elements this has depends on ${late.join(' and ')}, known only when the build runs`,
    'only texts inside of lists and objects can wait for that',
  );
}

/** Turns the value of one expression into nodes, all at the expression's place. */
class ValueReader {
  readonly #expression: Expression;
  readonly #context: EvalContext;
  readonly #reading: Reading;
  readonly #at: SourceLocation;

  constructor(expression: Expression, context: EvalContext, reading: Reading) {
    this.#expression = expression;
    this.#context = context;
    this.#reading = reading;
    this.#at = placeOf(expression.range);
  }

  node(value: Value, path: LatePath, isInside: boolean): ValueNode {
    const at = this.#at;
    const isSecret = isInside || value.marks.has(sensitiveMark);
    switch (value.kind) {
      case 'string':
        return { kind: 'string', at, value: value.value, ...(isSecret && { isSecret }) };
      case 'number': {
        const text = formatDecimal(value.value);
        return { kind: 'number', at, value: Number(text), text, ...(isSecret && { isSecret }) };
      }
      case 'bool':
        return { kind: 'boolean', at, value: value.value };
      case 'list':
      case 'set':
      case 'tuple':
        return {
          kind: 'list',
          at,
          items: value.items.map((item, index) => this.node(item, [...path, index], isSecret)),
        };
      case 'map':
      case 'object': {
        const entries = [...value.entries].map(([key, inner]) => ({
          key,
          keyAt: at,
          value: this.node(inner, [...path, key], isSecret),
        }));
        return { kind: 'map', at, entries };
      }
      case 'unknown':
        return this.#unknown(value, path);
      default:
        return { kind: 'null', at };
    }
  }

  #unknown({ type }: Value, path: LatePath): ValueNode {
    const at = this.#at;
    const late = waitsFor(this.#expression);
    if (late.length === 0) {
      const { problems, fetchData } = this.#reading;
      if (fetchData && !problems.hasErrors) problems.error(at, 'nothing says what this value is');
      return { kind: 'unknown', at };
    }
    if (isCollection(type) || type.kind === 'tuple' || type.kind === 'object') {
      mustBeKnown(this.#expression, late, this.#reading);
      return { kind: 'unknown', at };
    }
    return lateText(this.#expression, path, this.#context, this.#reading) ?? { kind: 'unknown', at };
  }
}
