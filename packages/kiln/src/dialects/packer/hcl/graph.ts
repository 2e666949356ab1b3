/** Something that must be worked out before what needs it. */
export interface GraphNode {
  /** Such as `local.name`. */
  readonly name: string;
  /** Names of what it needs; names that no node has do not count. */
  readonly needs: readonly string[];
}

/**
 * The nodes, each after what it needs, otherwise in their own order. Those of a circle are left out; `onCircle` is told
 * each circle once, as the way from a node back to itself.
 */
export function inOrder<T extends GraphNode>(
  nodes: readonly T[],
  onCircle: (way: readonly T[]) => void,
): readonly T[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const ordered: T[] = [];
  const done = new Set<T>();
  const inCircle = new Set<T>();
  const way: T[] = [];
  const visit = (node: T): void => {
    if (done.has(node)) return;
    const start = way.indexOf(node);
    if (start >= 0) {
      const circle = way.slice(start);
      if (!circle.some((one) => inCircle.has(one))) onCircle([...circle, node]);
      for (const one of circle) inCircle.add(one);
      return;
    }
    way.push(node);
    for (const name of node.needs) {
      const needed = byName.get(name);
      if (needed) visit(needed);
    }
    way.pop();
    done.add(node);
    if (!inCircle.has(node)) ordered.push(node);
  };
  for (const node of nodes) visit(node);
  return ordered;
}
