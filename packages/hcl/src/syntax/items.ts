import { rangeText } from '../diagnostics/range.ts';
import type { Cursor } from './cursor.ts';
import type { AttributeNode, BlockNode, BodyNode } from './nodes.ts';

/** From so many arguments on, looking for the name of each among the others would take too long. */
const fewAttributes = 12;

/** The arguments and blocks of a body while it is parsed. */
export class Items {
  readonly #cursor: Cursor;
  readonly #attributes: AttributeNode[] = [];
  readonly #blocks: BlockNode[] = [];
  #byName: Map<string, AttributeNode> | undefined;
  /** Whether it was told that too much stands on the line of the block's opening brace. */
  isCrowded = false;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  attribute(node: AttributeNode): void {
    const first = this.#find(node.name);
    if (!first) {
      this.#attributes.push(node);
      this.#byName?.set(node.name, node);
      return;
    }
    const place = rangeText(this.#cursor.range(first.start, first.nameEnd));
    this.#cursor.error(
      'Attribute redefined',
      `The argument "${node.name}" is set already, at ${place}. An argument can be set only once.`,
      node.start,
      node.nameEnd,
    );
  }

  block(node: BlockNode): void {
    this.#blocks.push(node);
  }

  body(start: number, end: number): BodyNode {
    return { kind: 'body', start, end, attributes: this.#attributes, blocks: this.#blocks };
  }

  #find(name: string): AttributeNode | undefined {
    if (this.#attributes.length < fewAttributes) return this.#attributes.find((node) => node.name === name);
    this.#byName ??= new Map(this.#attributes.map((node) => [node.name, node]));
    return this.#byName.get(name);
  }
}
