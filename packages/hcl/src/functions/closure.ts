import type { Read } from '../body.ts';
import { capsuleType, type Type } from '../values/type.ts';
import { type CapsuleValue, capsuleValue, type Value } from '../values/value.ts';

/** An argument that the function evaluates itself, as `try` and `can` do. */
export interface ExpressionClosure {
  evaluate(): Read<Value>;
}

/** The type of a parameter that `reads: 'expression'`. */
export const closureType = capsuleType('expression');

/** The type of a parameter that `reads: 'type'`. */
export const typeConstraintType = capsuleType('type constraint');

/** What the evaluator passes for a parameter that `reads: 'expression'`. */
export function closureValue(closure: ExpressionClosure): CapsuleValue {
  // Functions ask for the type first and then for the value. Without this, calls within calls would double the work.
  let read: Read<Value> | undefined;
  const once: ExpressionClosure = {
    evaluate: () => {
      read ??= closure.evaluate();
      return read;
    },
  };
  return capsuleValue(closureType, once);
}

/** What the evaluator passes for a parameter that `reads: 'type'`. */
export function typeConstraintValue(type: Type): CapsuleValue {
  return capsuleValue(typeConstraintType, type);
}

export function asClosure(value: Value): ExpressionClosure {
  return (value as CapsuleValue).value as ExpressionClosure;
}

export function asTypeConstraint(value: Value): Type {
  return (value as CapsuleValue).value as Type;
}
