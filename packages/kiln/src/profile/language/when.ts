import { oneOf, openList, optional, type PlacedText, placedText } from '../../base/yaml/shape.ts';
import type { Condition } from '../../plan/profile.ts';
import { join } from '../conditions.ts';
import type { LayerContext } from './layer-context.ts';
import { parseCondition } from './parse-condition.ts';

const condition = placedText('a condition such as "os.release >= 12 and not container"');

/** The field `when`, which every resource has. */
export const when = optional(
  oneOf(condition, openList(condition)),
  'Only on machines for which this holds: a condition over facts and parameters, or a list of which all must hold.',
  { examples: ['os.release >= 12 and not container', 'architecture in [amd64, arm64]'] },
);

/** Reads the field; undefined when it is not given, or wrong. */
export function readWhen(
  written: PlacedText | readonly PlacedText[] | undefined,
  context: LayerContext,
): Condition | undefined {
  if (written === undefined) return undefined;
  const parts = Array.isArray(written) ? (written as readonly PlacedText[]) : [written as PlacedText];
  const conditions = parts.map((part) => parseCondition(part, context, context.problems));
  return conditions.includes(undefined) ? undefined : join('and', conditions as Condition[]);
}
