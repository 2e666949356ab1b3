import { append } from '../append.ts';
import type { HclFunction } from '../functions/function.ts';
import type { Value } from '../values/value.ts';
import type { EvalContext } from './context.ts';

/** The value of a variable, from the innermost context that has it. */
export function lookUpVariable(context: EvalContext | undefined, name: string): Value | undefined {
  for (let at = context; at; at = at.parent) {
    const value = at.variables.get(name);
    if (value) return value;
  }
  return undefined;
}

/** The function of a name, from the innermost context that has it. */
export function lookUpFunction(context: EvalContext | undefined, name: string): HclFunction | undefined {
  for (let at = context; at; at = at.parent) {
    const found = at.functions?.get(name);
    if (found) return found;
  }
  return undefined;
}

export function variableNames(context: EvalContext | undefined): string[] {
  const names: string[] = [];
  for (let at = context; at; at = at.parent) append(names, at.variables.keys());
  return names;
}

/** Undefined when no context has functions at all. */
export function functionNames(context: EvalContext | undefined): string[] | undefined {
  let names: string[] | undefined;
  for (let at = context; at; at = at.parent) {
    if (at.functions) names = [...(names ?? []), ...at.functions.keys()];
  }
  return names;
}
