import { isAlias, type Node } from 'yaml';
import type { Problems } from './problems.ts';
import type { YamlDocument } from './yaml-document.ts';

/** More aliases than anybody writes; a file that expands without end runs into it. */
const mostAliases = 1000;
/** The same for what they expand to: a thousand times a long list is as good as no end. */
const mostValues = 100_000;

/** Finds what aliases (`*name`) stand for, and notices files that expand without end. */
export class AliasFollower {
  readonly #yaml: YamlDocument;
  readonly #problems: Problems;
  #aliases = 0;
  #values = 0;

  constructor({ yaml, problems }: { readonly yaml: YamlDocument; readonly problems: Problems }) {
    this.#yaml = yaml;
    this.#problems = problems;
  }

  /** The node itself, or the one that it stands for. Undefined when there is none, which is reported. */
  follow(node: unknown): Node | undefined {
    if (!isAlias(node)) return node as Node;
    this.#aliases++;
    if (this.#aliases > mostAliases) {
      if (this.#aliases === mostAliases + 1) {
        this.#error(
          node,
          `the file uses aliases (*name) more than ${mostAliases} times`,
          'write the parts out, or use fewer levels of aliases',
        );
      }
      return undefined;
    }
    const found = node.resolve(this.#yaml.document);
    if (!found) {
      this.#error(
        node,
        `there is no anchor "&${node.source}" before this alias`,
        'an alias (*name) repeats what an anchor (&name) further up has marked',
      );
    }
    return found;
  }

  /** Counts a value, and tells whether there are too many; the first time that is reported. */
  isTooMuch(node: unknown): boolean {
    this.#values++;
    if (this.#values === mostValues + 1) {
      this.#error(
        node,
        `the file has more than ${mostValues} values, with what its aliases repeat`,
        'use fewer aliases of long lists',
      );
    }
    return this.#values > mostValues;
  }

  #error(node: unknown, message: string, hint: string): void {
    const range = (node as Node | null | undefined)?.range;
    this.#problems.error(this.#yaml.locate(range?.[0] ?? 0), message, hint);
  }
}
