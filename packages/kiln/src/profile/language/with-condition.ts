import type { Condition, Resource } from '../../plan/profile.ts';
import { isAlways, isNever } from '../conditions.ts';

/** A resource with its condition; none when it always holds, and no resource when it never does. */
export function withCondition<R extends Resource>(
  condition: Condition | undefined,
  resource: R,
): readonly R[] {
  if (condition === undefined || isAlways(condition)) return [resource];
  return isNever(condition) ? [] : [{ ...resource, when: condition }];
}
