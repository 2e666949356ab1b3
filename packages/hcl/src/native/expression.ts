import type { Expression, Read, Traversal, TypeWithDefaults } from '../body.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Range } from '../diagnostics/range.ts';
import type { Source } from '../diagnostics/source.ts';
import type { EvalContext } from '../eval/context.ts';
import { evaluateNode } from '../eval/evaluate.ts';
import { applyDefaults } from '../eval/type-defaults.ts';
import { readType } from '../eval/type-reader.ts';
import type { ExpressionNode } from '../syntax/nodes.ts';
import { traversalOf } from '../syntax/traversal-of.ts';
import { variablesOf } from '../syntax/variables.ts';
import type { Value } from '../values/value.ts';

/** An expression in the native syntax. */
export class NativeExpression implements Expression {
  readonly source: Source;
  /** Its syntax tree. */
  readonly node: ExpressionNode;

  constructor(source: Source, node: ExpressionNode) {
    this.source = source;
    this.node = node;
  }

  get range(): Range {
    return this.source.range(this.node.start, this.node.end);
  }

  evaluate(context?: EvalContext): Read<Value> {
    const diagnostics: Diagnostic[] = [];
    return { value: evaluateNode(this.source, this.node, context, diagnostics), diagnostics };
  }

  variables(): readonly Traversal[] {
    return variablesOf(this.source, this.node);
  }

  asTraversal(): Traversal | undefined {
    return traversalOf(this.source, this.node);
  }

  asList(): readonly Expression[] | undefined {
    return this.node.kind === 'tuple' ? this.node.elements.map((element) => this.#part(element)) : undefined;
  }

  asMap(): readonly { readonly key: Expression; readonly value: Expression }[] | undefined {
    if (this.node.kind !== 'object') return undefined;
    return this.node.items.map(({ key, value }) => ({ key: this.#part(key), value: this.#part(value) }));
  }

  asTemplate(): readonly Expression[] | undefined {
    if (this.node.kind === 'template') return this.node.parts.map((part) => this.#part(part));
    return this.node.kind === 'unwrapped' ? [this.#part(this.node.expression)] : undefined;
  }

  asCall():
    | { readonly name: string; readonly nameRange: Range; readonly arguments: readonly Expression[] }
    | undefined {
    const { node } = this;
    if (node.kind !== 'call') return undefined;
    return {
      name: node.name,
      nameRange: this.source.range(node.start, node.nameEnd),
      arguments: node.arguments.map((argument) => this.#part(argument)),
    };
  }

  asType(): Read<TypeWithDefaults> {
    const diagnostics: Diagnostic[] = [];
    const { type, defaults } = readType(this.source, this.node, diagnostics, (node) =>
      this.#part(node).evaluate(),
    );
    return { value: { type, applyDefaults: (value) => applyDefaults(value, defaults) }, diagnostics };
  }

  asKeyword(): string | undefined {
    const traversal = traversalOf(this.source, this.node);
    return traversal?.steps.length === 0 ? traversal.root : undefined;
  }

  #part(node: ExpressionNode): NativeExpression {
    return new NativeExpression(this.source, node);
  }
}
