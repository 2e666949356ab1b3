import type { ObjectNode, TupleNode } from '../syntax/nodes.ts';
import { ConversionError, convert } from '../values/convert.ts';
import { stringType } from '../values/type.ts';
import { type Mark, objectValue, tupleValue, type Value, withMarks } from '../values/value.ts';
import { type Evaluation, unusable } from './evaluation.ts';

export function evaluateTuple(node: TupleNode, run: Evaluation): Value {
  return tupleValue(node.elements.map((element) => run.value(element)));
}

/** Without all of its keys, nothing is known of an object: not even its type. */
export function evaluateObject(node: ObjectNode, run: Evaluation): Value {
  const entries = new Map<string, Value>();
  const marks = new Set<Mark>();
  let complete = true;
  for (const item of node.items) {
    const told = run.diagnostics.length;
    const key = run.value(item.key);
    const keyFailed = run.diagnostics.length > told;
    const value = run.value(item.value);
    for (const mark of key.marks) marks.add(mark);
    const name = keyFailed ? undefined : keyText(item.key, key, run);
    if (name === undefined) complete = false;
    else entries.set(name, value);
  }
  return withMarks(complete ? objectValue(entries) : unusable, marks);
}

function keyText(node: ObjectNode['items'][number]['key'], key: Value, run: Evaluation): string | undefined {
  if (key.kind === 'string') return key.value;
  if (key.kind === 'null') {
    run.error('Null value as key', 'Null cannot be a key.', node, { about: node });
    return undefined;
  }
  try {
    const text = convert(key, stringType);
    return text.kind === 'string' ? text.value : undefined;
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    run.error('Incorrect key type', `This value cannot be a key: ${error.message}.`, node, { about: node });
    return undefined;
  }
}
