import { append } from '../append.ts';
import type { Traversal } from '../body.ts';
import type { Source } from '../diagnostics/source.ts';
import type { ExpressionNode } from './nodes.ts';
import { fixedPart, traversalOf } from './traversal-of.ts';
import { childrenOf } from './walk.ts';

/** Names that `for` gives a meaning of its own. */
interface Scope {
  readonly names: readonly (string | undefined)[];
  readonly around: Scope | undefined;
}

/** All paths that an expression needs from outside of itself, in the order in which they are written. */
export function variablesOf(source: Source, node: ExpressionNode): Traversal[] {
  const found: Traversal[] = [];
  // A list of what is still to do, not recursion: chains of operators can be long.
  const pending: { node: ExpressionNode; scope: Scope | undefined }[] = [{ node, scope: undefined }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const traversal = ownVariable(source, next.node);
    if (traversal && !isLocal(traversal.root, next.scope)) found.push(traversal);
    const children: { node: ExpressionNode; scope: Scope | undefined }[] = [];
    for (const child of evaluatedChildren(next.node)) {
      children.push({ node: child, scope: scopeOf(next.node, child, next.scope) });
    }
    append(pending, children.reverse());
  }
  return found;
}

function ownVariable(source: Source, node: ExpressionNode): Traversal | undefined {
  if (node.kind === 'variable') return traversalOf(source, node);
  return node.kind === 'access' ? fixedPart(source, node) : undefined;
}

function evaluatedChildren(node: ExpressionNode): readonly ExpressionNode[] {
  if (node.kind === 'key') return node.name === undefined ? [node.expression] : [];
  const children = childrenOf(node) as readonly ExpressionNode[];
  // The variable is found with the steps after it.
  return node.kind === 'access' && node.base.kind === 'variable' ? children.slice(1) : children;
}

function scopeOf(node: ExpressionNode, child: ExpressionNode, scope: Scope | undefined): Scope | undefined {
  if ((node.kind !== 'for' && node.kind !== 'template-for') || child === node.collection) return scope;
  return { names: [node.keyName, node.valueName], around: scope };
}

function isLocal(name: string, scope: Scope | undefined): boolean {
  for (let at = scope; at; at = at.around) if (at.names.includes(name)) return true;
  return false;
}
