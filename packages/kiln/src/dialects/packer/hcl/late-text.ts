import {
  type EvalContext,
  type Expression,
  formatDecimal,
  objectValue,
  stringType,
  stringValue,
  type Traversal,
  unknownValue,
  type Value,
} from '@kiln/hcl';
import type { LateExpression } from '../../../plan/text.ts';
import { buildValueNames } from '../../../text/compile-text.ts';
import { partOf } from '../../../text/evaluate-expression.ts';
import { encodeValue } from '../../../text/value-notation.ts';
import type { StringNode } from '../value-node.ts';
import { placeOf } from './diagnostics.ts';
import { type Reading, read, writtenAt } from './reading.ts';
import { within } from './scope.ts';
import { isJsonFile } from './source-files.ts';

/** The way into a value: names of attributes and keys, and indices. */
export type LatePath = readonly (string | number)[];

/** The object `build` of provisioners and post-processors: its name, and what only the running build can tell. */
export function buildObject(name: string): Value {
  return objectOf(name, unknownValue(stringType));
}

/** The same as Packer has it while it checks a template. */
function placeholders(name: Value): Value {
  return objectOf(name.kind === 'string' ? name.value : '', stringValue('<unknown>'));
}

function objectOf(name: string, value: Value): Value {
  return objectValue([['name', stringValue(name)], ...buildValueNames.map((one) => [one, value] as const)]);
}

/** Names such as `build.ID` of what an expression waits for until the build runs. */
export function waitsFor(expression: Expression): readonly string[] {
  const names = expression.variables().flatMap((reference) => lateName(reference) ?? []);
  return [...new Set(names)];
}

function lateName({ root, steps }: Traversal): string | undefined {
  if (root !== 'build') return undefined;
  const first = steps[0];
  if (first?.kind !== 'attribute') return 'build';
  return first.name === 'name' ? undefined : `build.${first.name}`;
}

/**
 * A text that waits for the build to run, as a Go template: `${build.ID}` becomes `{{ build "ID" }}`, any other part
 * that waits an expression of the text.
 */
export function lateText(
  expression: Expression,
  path: LatePath,
  context: EvalContext,
  reading: Reading,
): StringNode | undefined {
  const parts = path.length > 0 ? undefined : (expression.asTemplate() ?? [expression]);
  const pieces = parts && assemble(parts, context, reading);
  if (pieces === 'unknown') return undefined;
  const { value, expressions } = pieces ?? wholeText(expression, path, context, reading);
  return {
    kind: 'string',
    at: placeOf(expression.range),
    value,
    ...(expressions.length > 0 && { expressions }),
    waitsFor: waitsFor(expression),
  };
}

type LatePieces = Pick<Required<StringNode>, 'value' | 'expressions'>;

/** Undefined when the parts depend on each other; `unknown` when one of them is not known for another reason. */
function assemble(
  parts: readonly Expression[],
  context: EvalContext,
  reading: Reading,
): LatePieces | 'unknown' | undefined {
  let value = '';
  const expressions: LateExpression[] = [];
  for (const part of parts) {
    if (waitsFor(part).length > 0) {
      // What stands inside of an action is part of the action's own language.
      if (value.lastIndexOf('{{') > value.lastIndexOf('}}')) return undefined;
      const name = plainReference(part);
      if (name !== undefined) {
        value += `{{ build \`${name}\` }}`;
        continue;
      }
      // Directives such as %{ if } cannot stand alone, and in JSON the quotes of a part are escaped.
      if (isJsonFile(part.range.file) || writtenAt(part.range, reading).startsWith('%{')) return undefined;
      value += `{{ expression ${expressions.length} }}`;
      expressions.push(lateExpression(part, [], context, reading));
      continue;
    }
    const known = read(part, context, reading);
    const text = known && textOf(known);
    if (text === undefined) return known?.kind === 'unknown' ? 'unknown' : undefined;
    value += text;
  }
  return { value, expressions };
}

function wholeText(
  expression: Expression,
  path: LatePath,
  context: EvalContext,
  reading: Reading,
): LatePieces {
  const late = lateExpression(expression, path, context, reading);
  // Environment variables must have their names before.
  const name = /^[A-Za-z_]\w*=/.exec(placeholderText(expression, path, context) ?? '')?.[0];
  return name === undefined
    ? { value: '{{ expression 0 }}', expressions: [late] }
    : { value: `${name}{{ expression 0 }}`, expressions: [{ ...late, without: name }] };
}

function placeholderText(expression: Expression, path: LatePath, context: EvalContext): string | undefined {
  const build = lookUp(context, 'build');
  const name = build?.kind === 'object' ? build.entries.get('name') : undefined;
  if (!name) return undefined;
  const { value } = expression.evaluate(within(context, [['build', placeholders(name)]]));
  const part = partOf(value, path);
  return part && textOf(part);
}

function plainReference(expression: Expression): string | undefined {
  const reference = expression.asTraversal();
  const [first, ...rest] = reference?.steps ?? [];
  if (reference?.root !== 'build' || first?.kind !== 'attribute' || rest.length > 0) return undefined;
  return buildValueNames.includes(first.name) ? first.name : undefined;
}

function lateExpression(
  expression: Expression,
  path: LatePath,
  context: EvalContext,
  reading: Reading,
): LateExpression {
  const source = writtenAt(expression.range, reading);
  return {
    source,
    ...(isJsonFile(expression.range.file) && { syntax: 'json' as const }),
    values: referredValues(expression, context, reading),
    // Only functions read files.
    ...(source.includes('(') && { folder: reading.folder }),
    ...(path.length > 0 && { path }),
  };
}

/** The values of what an expression refers to, no more of each than it needs. */
function referredValues(
  expression: Expression,
  context: EvalContext,
  reading: Reading,
): LateExpression['values'] {
  const needed = new Map<string, Value>();
  const source = writtenAt(expression.range, reading);
  for (const [name, value] of expression.own ?? []) if (source.includes(name)) needed.set(name, value);
  for (const { root, steps } of expression.variables()) {
    const whole = lookUp(context, root);
    if (!whole) continue;
    const first = steps[0];
    if (root === 'build') {
      const name = whole.kind === 'object' ? whole.entries.get('name') : undefined;
      const isAsked = first?.kind !== 'attribute' || first.name === 'name';
      if (name && isAsked) needed.set(root, objectValue([['name', name]]));
      continue;
    }
    const part = first?.kind === 'attribute' ? namedPart(whole, first.name) : undefined;
    const other = needed.get(root);
    if (!part || first?.kind !== 'attribute' || (other && other.kind !== 'object')) needed.set(root, whole);
    else if (other !== whole) {
      needed.set(root, objectValue([...(other?.kind === 'object' ? other.entries : []), [first.name, part]]));
    }
  }
  return Object.fromEntries([...needed].map(([name, value]) => [name, encodeValue(value)]));
}

function namedPart(value: Value, name: string): Value | undefined {
  return value.kind === 'object' && value.marks.size === 0 ? value.entries.get(name) : undefined;
}

function lookUp(context: EvalContext, name: string): Value | undefined {
  return context.variables.get(name) ?? (context.parent && lookUp(context.parent, name));
}

function textOf(value: Value): string | undefined {
  switch (value.kind) {
    case 'string':
      return value.value;
    case 'number':
      return formatDecimal(value.value);
    case 'bool':
      return String(value.value);
    default:
      return undefined;
  }
}
