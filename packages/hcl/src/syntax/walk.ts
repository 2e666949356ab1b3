import type { SyntaxNode } from './nodes.ts';

/** The nodes directly below a node, in the order in which they are written. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  switch (node.kind) {
    case 'body':
      return [...node.attributes, ...node.blocks].sort((a, b) => a.start - b.start);
    case 'attribute':
    case 'unwrapped':
    case 'parentheses':
    case 'key':
      return [node.expression];
    case 'block':
      return [node.body];
    case 'literal':
    case 'variable':
      return [];
    case 'template':
      return node.parts;
    case 'template-if':
    case 'conditional':
      return [node.condition, node.consequence, node.alternative];
    case 'template-for':
      return [node.collection, node.content];
    case 'access':
      return [node.base, ...node.steps.flatMap((step) => (step.kind === 'computed-index' ? [step.key] : []))];
    case 'call':
      return node.arguments;
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'tuple':
      return node.elements;
    case 'object':
      return node.items.flatMap(({ key, value }) => [key, value]);
    case 'for':
      return [node.collection, node.key, node.value, node.condition].filter((child) => child !== undefined);
    case 'invalid':
      return node.expression ? [node.expression] : [];
  }
}

/** Calls `visit` for a node and everything below it, parents first. When it answers false, what is below is left out. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode) => boolean | undefined): void {
  const pending: SyntaxNode[] = [node];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (visit(next) === false) continue;
    const children = childrenOf(next);
    for (let index = children.length - 1; index >= 0; index--) pending.push(children[index]!);
  }
}
