import { append } from '../append.ts';
import type { Block, Body, BodySchema, Traversal } from '../body.ts';
import { dynamicHeader } from './dynamic-block.ts';

/** Which variables to look for: only those that dynamic blocks need to be expanded, or also those of all content. */
export type VariablesOf = 'expansion' | 'everything';

/**
 * The variables that a body refers to, dynamic blocks in it or not; without the iterators of dynamic blocks. A body in
 * JSON must be walked with `BodyVariables`, since without a schema nothing in it is a block.
 */
export function bodyVariables(body: Body, which: VariablesOf = 'everything'): readonly Traversal[] {
  const found: Traversal[] = [];
  const pending = [new BodyVariables(body, which)];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { variables, children } = next.visitAll();
    append(found, variables);
    append(pending, children.map(({ variables: child }) => child).reverse());
  }
  return found;
}

interface Visited {
  readonly variables: readonly Traversal[];
  readonly children: readonly { readonly type: string; readonly variables: BodyVariables }[];
}

const dynamicSchema: BodySchema = {
  attributes: [{ name: 'for_each' }, { name: 'iterator' }, { name: 'labels' }],
  blocks: [{ type: 'content' }],
};

/** The variables of a body, level by level: whoever has a schema for a level visits it with that. */
export class BodyVariables {
  readonly #body: Body;
  readonly #which: VariablesOf;
  /** Names that dynamic blocks around give a meaning of their own. */
  readonly #iterators: ReadonlySet<string>;

  constructor(body: Body, which: VariablesOf = 'everything', iterators: ReadonlySet<string> = new Set()) {
    this.#body = body;
    this.#which = which;
    this.#iterators = iterators;
  }

  /** The variables of this level, and the levels of the blocks in it. */
  visit(schema: BodySchema): Visited {
    const blocks = [...(schema.blocks ?? []), dynamicHeader];
    const { attributes = [] } = schema;
    return this.#visited(
      this.#body.partialContent({ attributes: attributes.map(({ name }) => ({ name })), blocks }).value,
    );
  }

  /** The same with all attributes and blocks that there are. */
  visitAll(): Visited {
    return this.#visited(this.#body.everything());
  }

  #visited(content: ReturnType<Body['everything']>): Visited {
    const variables: Traversal[] = [];
    const children: { type: string; variables: BodyVariables }[] = [];
    if (this.#which === 'everything') {
      for (const { expression } of content.attributes.values()) {
        append(variables, without(this.#iterators, expression.variables()));
      }
    }
    for (const block of content.blocks) {
      if (block.type === 'dynamic' && block.labels.length > 0) {
        append(children, this.#dynamic(block, variables));
      } else {
        children.push({
          type: block.type,
          variables: new BodyVariables(block.body, this.#which, this.#iterators),
        });
      }
    }
    return { variables, children };
  }

  #dynamic(block: Block, variables: Traversal[]): { type: string; variables: BodyVariables }[] {
    const type = block.labels[0]!;
    const { attributes, blocks } = block.body.partialContent(dynamicSchema).value;
    const iteratorExpression = attributes.get('iterator')?.expression;
    const iterator = iteratorExpression ? iteratorExpression.asTraversal()?.root : type;
    const forEach = attributes.get('for_each')?.expression;
    if (forEach) append(variables, without(this.#iterators, forEach.variables()));
    if (iterator === undefined) return [];
    const inside = new Set(this.#iterators).add(iterator);
    const labels = attributes.get('labels')?.expression;
    if (labels) append(variables, without(inside, labels.variables()));
    return blocks.map(({ body }) => ({ type, variables: new BodyVariables(body, this.#which, inside) }));
  }
}

function without(names: ReadonlySet<string>, traversals: readonly Traversal[]): Traversal[] {
  return traversals.filter(({ root }) => !names.has(root));
}
