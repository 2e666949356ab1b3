import type { Traversal, TraversalStep } from '../body.ts';
import type { Source } from '../diagnostics/source.ts';
import type { Value } from '../values/value.ts';
import type { AccessNode, ExpressionNode } from './nodes.ts';

/** The word that a literal is written with, if it is one: they are names where no value is wanted. */
export function keywordOf(value: Value): string | undefined {
  if (value.kind === 'bool') return value.value ? 'true' : 'false';
  return value.kind === 'null' ? 'null' : undefined;
}

/** The node as a fixed path, or undefined: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#static-traversal */
export function traversalOf(source: Source, node: ExpressionNode): Traversal | undefined {
  switch (node.kind) {
    case 'variable':
      return { root: node.name, steps: [], range: source.range(node.start, node.end) };
    case 'literal': {
      const root = keywordOf(node.value);
      return root === undefined ? undefined : { root, steps: [], range: source.range(node.start, node.end) };
    }
    case 'key':
      return traversalOf(source, node.expression);
    case 'access': {
      const fixed = fixedSteps(node);
      if (fixed < node.steps.length) return undefined;
      const base = node.base.kind === 'variable' || node.base.kind === 'literal' ? node.base : undefined;
      return base && extended(source, node, traversalOf(source, base), fixed);
    }
    default:
      return undefined;
  }
}

/** The part of an access that is a fixed path from a variable. */
export function fixedPart(source: Source, node: AccessNode): Traversal | undefined {
  if (node.base.kind !== 'variable') return undefined;
  return extended(source, node, traversalOf(source, node.base), fixedSteps(node));
}

function fixedSteps(node: AccessNode): number {
  const dynamic = node.steps.findIndex(({ kind }) => kind !== 'attribute' && kind !== 'index');
  return dynamic === -1 ? node.steps.length : dynamic;
}

function extended(
  source: Source,
  node: AccessNode,
  base: Traversal | undefined,
  count: number,
): Traversal | undefined {
  if (!base) return undefined;
  const steps = node.steps.slice(0, count).map((step): TraversalStep => {
    const range = source.range(step.start, step.end);
    if (step.kind === 'attribute') return { kind: 'attribute', name: step.name, range };
    if (step.kind === 'index') return { kind: 'index', key: step.key, range };
    return { kind: 'splat', range };
  });
  const end = count === 0 ? node.base.end : node.steps[count - 1]!.end;
  return { root: base.root, steps, range: source.range(node.base.start, end) };
}
