import type { EvalContext } from '../eval/context.ts';
import { objectValue, type Value } from '../values/value.ts';

/** The element that a dynamic block is at, and those of the dynamic blocks around it. */
export class Iteration {
  readonly name: string;
  readonly #value: Value;
  readonly #around: Iteration | undefined;

  constructor(name: string, key: Value, value: Value, around: Iteration | undefined) {
    this.name = name;
    this.#value = objectValue([
      ['key', key],
      ['value', value],
    ]);
    this.#around = around;
  }

  /** Whether a variable of this name is an element's. */
  has(name: string): boolean {
    return this.name === name || (this.#around?.has(name) ?? false);
  }

  /** The elements as variables, by the names of the iterators. */
  get variables(): ReadonlyMap<string, Value> {
    const variables = new Map<string, Value>();
    this.#collect(variables);
    return variables;
  }

  /** The context with the elements as variables; these hide others of the same name. */
  within(context: EvalContext | undefined): EvalContext {
    const { variables } = this;
    return context ? { variables, parent: context } : { variables };
  }

  #collect(variables: Map<string, Value>): void {
    if (this.#around) this.#around.#collect(variables);
    variables.set(this.name, this.#value);
  }
}
