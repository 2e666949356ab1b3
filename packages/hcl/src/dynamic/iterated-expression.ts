import type { Expression, Read, Traversal, TypeWithDefaults } from '../body.ts';
import type { Range } from '../diagnostics/range.ts';
import type { EvalContext } from '../eval/context.ts';
import { type Mark, type Value, withMarks } from '../values/value.ts';
import type { Iteration } from './iteration.ts';

const noVariables: ReadonlyMap<string, Value> = new Map();

/** An expression inside of a dynamic block's content. */
export class IteratedExpression implements Expression {
  readonly #inner: Expression;
  readonly #iteration: Iteration | undefined;
  /** What is made from a marked collection is marked too. */
  readonly #marks: ReadonlySet<Mark>;

  constructor(inner: Expression, iteration: Iteration | undefined, marks: ReadonlySet<Mark>) {
    this.#inner = inner;
    this.#iteration = iteration;
    this.#marks = marks;
  }

  get range(): Range {
    return this.#inner.range;
  }

  get own(): ReadonlyMap<string, Value> {
    return this.#iteration?.variables ?? noVariables;
  }

  evaluate(context?: EvalContext): Read<Value> {
    const { value, diagnostics } = this.#inner.evaluate(
      this.#iteration ? this.#iteration.within(context) : context,
    );
    return { value: withMarks(value, this.#marks), diagnostics };
  }

  variables(): readonly Traversal[] {
    return this.#inner.variables().filter(({ root }) => !this.#iteration?.has(root));
  }

  asTraversal(): Traversal | undefined {
    return this.#inner.asTraversal();
  }

  asList(): readonly Expression[] | undefined {
    return this.#inner.asList()?.map((element) => this.#part(element));
  }

  asMap(): readonly { readonly key: Expression; readonly value: Expression }[] | undefined {
    return this.#inner.asMap()?.map(({ key, value }) => ({ key: this.#part(key), value: this.#part(value) }));
  }

  asTemplate(): readonly Expression[] | undefined {
    return this.#inner.asTemplate()?.map((part) => this.#part(part));
  }

  asCall():
    | { readonly name: string; readonly nameRange: Range; readonly arguments: readonly Expression[] }
    | undefined {
    const call = this.#inner.asCall();
    return call && { ...call, arguments: call.arguments.map((argument) => this.#part(argument)) };
  }

  asType(): Read<TypeWithDefaults> {
    return this.#inner.asType();
  }

  asKeyword(): string | undefined {
    return this.#inner.asKeyword();
  }

  #part(expression: Expression): Expression {
    return new IteratedExpression(expression, this.#iteration, this.#marks);
  }
}
