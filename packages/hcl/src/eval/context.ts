import type { HclFunction } from '../functions/function.ts';
import type { Value } from '../values/value.ts';

/** What an expression can refer to. A name that is not found is looked for in the parent. */
export interface EvalContext {
  readonly variables: ReadonlyMap<string, Value>;
  readonly functions?: ReadonlyMap<string, HclFunction>;
  readonly parent?: EvalContext;
}
