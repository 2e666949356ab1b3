import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { ExpressionNode } from '../syntax/nodes.ts';
import { dynamicType } from '../values/type.ts';
import { unknownValue, type Value } from '../values/value.ts';
import type { EvalContext } from './context.ts';
import { variableNotes } from './variable-notes.ts';

/** What an expression has as its value after a mistake. */
export const unusable: Value = unknownValue(dynamicType);

/**
 * Loops inside of loops take longer than anybody waits for, with a few nested ones already. So many steps are some
 * seconds.
 */
const mostSteps = 2_000_000;

interface Allowance {
  steps: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Particulars {
  /** A larger part that shows the place in its surroundings. */
  readonly context?: Span;
  /** The expression whose variables are of interest. */
  readonly about?: ExpressionNode;
  readonly suggestion?: string | undefined;
}

/** One run through a syntax tree: what names mean, and what was found to be wrong so far. */
export class Evaluation {
  readonly source: Source;
  readonly context: EvalContext | undefined;
  readonly diagnostics: Diagnostic[];
  readonly #evaluate: (node: ExpressionNode, run: Evaluation) => Value;
  readonly #allowance: Allowance;

  constructor(
    source: Source,
    context: EvalContext | undefined,
    evaluate: (node: ExpressionNode, run: Evaluation) => Value,
    diagnostics: Diagnostic[] = [],
    allowance: Allowance = { steps: mostSteps },
  ) {
    this.source = source;
    this.context = context;
    this.diagnostics = diagnostics;
    this.#evaluate = evaluate;
    this.#allowance = allowance;
  }

  value(node: ExpressionNode): Value {
    return this.#evaluate(node, this);
  }

  /** The same with further variables. */
  with(variables: ReadonlyMap<string, Value>): Evaluation {
    const context: EvalContext = this.context ? { variables, parent: this.context } : { variables };
    return new Evaluation(this.source, context, this.#evaluate, this.diagnostics, this.#allowance);
  }

  /** The same with a list of diagnostics of its own, for what may turn out to be of no importance. */
  aside(): Evaluation {
    return new Evaluation(this.source, this.context, this.#evaluate, [], this.#allowance);
  }

  /** Counts a step of a loop. After too many, says so and answers false. */
  step(node: ExpressionNode): boolean {
    this.#allowance.steps--;
    if (this.#allowance.steps > 0) return true;
    this.error(
      'Too many iterations',
      `"for" can take at most ${mostSteps} steps, in all levels together.`,
      node,
    );
    return false;
  }

  error(summary: string, detail: string, subject: Span, particulars: Particulars = {}): void {
    const { context, about, suggestion } = particulars;
    const values = about && this.context ? variableNotes(this.source, about, this.context) : [];
    this.diagnostics.push({
      severity: 'error',
      summary,
      detail: suggestion === undefined ? detail : `${detail} Did you mean "${suggestion}"?`,
      subject: this.source.range(subject.start, subject.end),
      ...(context && { context: this.source.range(context.start, context.end) }),
      ...(suggestion !== undefined && { suggestion }),
      ...(values.length > 0 && { values }),
    });
  }
}
