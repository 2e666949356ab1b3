import { suggestName } from '../diagnostics/suggestion.ts';
import type { AccessNode, AccessStep, VariableNode } from '../syntax/nodes.ts';
import { AccessError, attribute, index } from '../values/access.ts';
import type { Value } from '../values/value.ts';
import type { Evaluation } from './evaluation.ts';
import { unusable } from './evaluation.ts';
import { lookUpVariable, variableNames } from './look-up.ts';
import { evaluateSplat } from './splat.ts';

/** The value of a variable; undefined when there is none of this name. */
export function evaluateVariable(node: VariableNode, run: Evaluation): Value | undefined {
  const value = lookUpVariable(run.context, node.name);
  if (value) return value;
  if (!run.context) {
    run.error('Variables not allowed', 'Only fixed values can be used here, no variables.', node);
    return undefined;
  }
  const suggestion = suggestName(node.name, variableNames(run.context));
  run.error('Unknown variable', `There is no variable named "${node.name}".`, node, { suggestion });
  return undefined;
}

export function evaluateAccess(node: AccessNode, run: Evaluation): Value {
  const told = run.diagnostics.length;
  const base = node.base.kind === 'variable' ? evaluateVariable(node.base, run) : run.value(node.base);
  // After a mistake in what comes before, the steps can only lead to more of them.
  if (!base || run.diagnostics.length > told) return unusable;
  return follow(node, base, 0, node.steps.length, run) ?? unusable;
}

/** Goes the steps from one number up to another; undefined after a mistake. */
function follow(
  node: AccessNode,
  start: Value,
  from: number,
  to: number,
  run: Evaluation,
): Value | undefined {
  let value = start;
  for (let at = from; at < to; at++) {
    const step = node.steps[at]!;
    if (step.kind === 'attribute-splat' || step.kind === 'full-splat') {
      const end = step.kind === 'full-splat' ? to : attributesEnd(node.steps, at + 1, to);
      const next = at + 1;
      const source = { start: node.start, end: node.steps[at - 1]?.end ?? node.base.end };
      const each = (item: Value, eachRun: Evaluation) => follow(node, item, next, end, eachRun);
      const told = run.diagnostics.length;
      const result = evaluateSplat(value, each, { source, marker: step, whole: node }, run);
      if (!result) return undefined;
      if (run.diagnostics.length > told) return end === to ? result : undefined;
      value = result;
      at = end - 1;
    } else {
      const told = run.diagnostics.length;
      const key = step.kind === 'computed-index' ? run.value(step.key) : undefined;
      if (run.diagnostics.length > told) return undefined;
      const result = take(node, value, step, key, run);
      if (!result) return undefined;
      value = result;
    }
  }
  return value;
}

/** Where the steps end that belong to `.*`. */
function attributesEnd(steps: readonly AccessStep[], from: number, to: number): number {
  let at = from;
  for (; at < to; at++) {
    const step = steps[at]!;
    if (step.kind !== 'attribute' && !(step.kind === 'index' && step.legacy)) break;
  }
  return at;
}

function take(
  node: AccessNode,
  value: Value,
  step: Extract<AccessStep, { kind: 'attribute' | 'index' | 'computed-index' }>,
  key: Value | undefined,
  run: Evaluation,
): Value | undefined {
  try {
    if (step.kind === 'attribute') return attribute(value, step.name);
    return index(value, step.kind === 'index' ? step.key : key!);
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    const wanted = step.kind === 'attribute' ? step.name : nameOf(step.kind === 'index' ? step.key : key!);
    const suggestion = wanted === undefined ? undefined : suggestName(wanted, error.names);
    run.error(error.summary, error.message, step, { context: node, about: node, suggestion });
    return undefined;
  }
}

function nameOf(key: Value): string | undefined {
  return key.kind === 'string' && key.marks.size === 0 ? key.value : undefined;
}
