import type { ExpressionNode, ForNode } from '../syntax/nodes.ts';
import { ConversionError, convert } from '../values/convert.ts';
import { canIterate, elementsOf } from '../values/elements.ts';
import { boolType, stringType, type Type } from '../values/type.ts';
import { typeWords } from '../values/type-words.ts';
import { type Mark, objectValue, tupleValue, type Value, withMarks } from '../values/value.ts';
import { type Evaluation, unusable } from './evaluation.ts';

/** After so many elements with mistakes, the others are not looked at: they most likely repeat them. */
const mostFailures = 5;

/** What a for-expression goes through. */
interface Introduction {
  readonly keyName: string | undefined;
  readonly valueName: string;
}

/** https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#for-expressions */
export function evaluateFor(node: ForNode, run: Evaluation): Value {
  const collection = run.value(node.collection);
  if (collection.kind === 'null') {
    run.error(
      'Iteration over null value',
      'This value is null. "for" needs a list, a set, a map or an object.',
      node.collection,
      {
        context: node,
        about: node.collection,
      },
    );
    return unusable;
  }
  const { type, marks } = collection;
  if (type.kind === 'dynamic') return withMarks(unusable, marks);
  if (!canIterate(type)) {
    failAtType(node, type, run);
    return unusable;
  }
  const conditionMarks = checkCondition(node, run);
  if (!conditionMarks) return unusable;
  const elements = elementsOf(collection);
  if (!elements) return withMarks(unusable, marks, conditionMarks);
  const loop = new Loop(node, run, marks);
  for (const { key, value } of elements) {
    if (!run.step(node)) return unusable;
    // Elements of a secret list are secrets, also in messages.
    if (!loop.add(withMarks(key, marks), withMarks(value, marks))) break;
  }
  return loop.result();
}

function failAtType(node: ForNode, type: Type, run: Evaluation): void {
  run.error(
    'Iteration over non-iterable value',
    `"for" needs a list, a set, a map or an object; this is ${typeWords(type)}.`,
    node.collection,
    { context: node, about: node.collection },
  );
}

function variablesOf({ keyName, valueName }: Introduction, key: Value, value: Value): Map<string, Value> {
  const variables = new Map<string, Value>();
  if (keyName !== undefined) variables.set(keyName, key);
  variables.set(valueName, value);
  return variables;
}

/**
 * Looks at the condition before there are elements: what is wrong whatever the element is told once. Answers its marks,
 * or undefined after a mistake.
 */
function checkCondition(node: ForNode, run: Evaluation): ReadonlySet<Mark> | undefined {
  if (!node.condition) return new Set();
  if (!run.step(node)) return undefined;
  const inner = run.with(variablesOf(node, unusable, unusable));
  const told = run.diagnostics.length;
  const value = inner.value(node.condition);
  if (run.diagnostics.length > told) return undefined;
  return conditionOf(node, node.condition, value, inner) === undefined ? undefined : value.marks;
}

/** Whether the element belongs to the result; undefined after a mistake. */
function conditionOf(
  node: ForNode,
  condition: ExpressionNode,
  value: Value,
  run: Evaluation,
): boolean | 'unknown' | undefined {
  const particulars = { context: node, about: condition };
  if (value.kind === 'null') {
    run.error(
      'Condition is null',
      'The condition after "if" is null. It must be true or false.',
      condition,
      particulars,
    );
    return undefined;
  }
  try {
    const bool = convert(value, boolType);
    return bool.kind === 'bool' ? bool.value : 'unknown';
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    run.error(
      `Invalid 'for' condition`,
      `The condition after "if" must be true or false: ${error.message}.`,
      condition,
      particulars,
    );
    return undefined;
  }
}

/** The result of a for-expression while it grows. */
class Loop {
  readonly #node: ForNode;
  readonly #run: Evaluation;
  readonly #marks = new Set<Mark>();
  readonly #items: Value[] = [];
  readonly #entries = new Map<string, Value>();
  readonly #groups = new Map<string, Value[]>();
  #known = true;
  #failures = 0;

  constructor(node: ForNode, run: Evaluation, marks: ReadonlySet<Mark>) {
    this.#node = node;
    this.#run = run;
    this.#mark(marks);
  }

  /** Evaluates one element. Answers false when there is no use in going on. */
  add(key: Value, value: Value): boolean {
    const told = this.#run.diagnostics.length;
    const inner = this.#run.with(variablesOf(this.#node, key, value));
    if (this.#isWanted(inner)) this.#evaluate(inner);
    if (this.#run.diagnostics.length > told) this.#failures++;
    return this.#failures < mostFailures;
  }

  result(): Value {
    if (!this.#known) return withMarks(unusable, this.#marks);
    const { key, groups } = this.#node;
    if (!key) return withMarks(tupleValue(this.#items), this.#marks);
    if (!groups) return withMarks(objectValue(this.#entries), this.#marks);
    const grouped = [...this.#groups].map(([name, values]) => [name, tupleValue(values)] as const);
    return withMarks(objectValue(grouped), this.#marks);
  }

  #isWanted(inner: Evaluation): boolean {
    const { condition } = this.#node;
    if (!condition) return true;
    const told = inner.diagnostics.length;
    const value = inner.value(condition);
    this.#mark(value.marks);
    const wanted =
      inner.diagnostics.length > told ? undefined : conditionOf(this.#node, condition, value, inner);
    if (wanted === undefined || wanted === 'unknown') this.#known = false;
    return wanted === true;
  }

  #evaluate(inner: Evaluation): void {
    const { key, value } = this.#node;
    if (!key) {
      this.#items.push(inner.value(value));
      return;
    }
    const name = this.#keyText(key, inner);
    if (name === undefined) this.#known = false;
    else this.#set(name, inner.value(value), key, inner);
  }

  #keyText(node: ExpressionNode, inner: Evaluation): string | undefined {
    const told = inner.diagnostics.length;
    const key = inner.value(node);
    this.#mark(key.marks);
    if (inner.diagnostics.length > told) return undefined;
    const particulars = { context: this.#node, about: node };
    if (key.kind === 'null') {
      inner.error('Invalid object key', 'The key is null. It must be text.', node, particulars);
      return undefined;
    }
    try {
      const text = convert(key, stringType);
      return text.kind === 'string' ? text.value : undefined;
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      inner.error('Invalid object key', `This value cannot be a key: ${error.message}.`, node, particulars);
      return undefined;
    }
  }

  #set(name: string, value: Value, node: ExpressionNode, inner: Evaluation): void {
    if (this.#node.groups) {
      const group = this.#groups.get(name);
      if (group) group.push(value);
      else this.#groups.set(name, [value]);
    } else if (this.#entries.has(name)) {
      const shown = this.#marks.size === 0 ? ` "${name}"` : '';
      inner.error(
        'Duplicate object key',
        `Two elements have the key${shown}. To collect the values of equal keys in lists, write "..." after the value.`,
        node,
        { context: this.#node, about: node },
      );
    } else {
      this.#entries.set(name, value);
    }
  }

  #mark(marks: ReadonlySet<Mark>): void {
    for (const mark of marks) this.#marks.add(mark);
  }
}
