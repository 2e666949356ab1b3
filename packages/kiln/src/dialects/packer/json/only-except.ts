import { didYouMean } from '../../../base/suggest.ts';
import type { Problems } from '../problems.ts';
import { describeNode, entryOf, type MapNode, type ValueNode } from '../value-node.ts';

/** Says for which builders a provisioner or post-processor is, by the builders' names as they are written. */
export type AppliesTo = (builder: string) => boolean;

/** The options `only` and `except`, which every provisioner and post-processor has. */
export function readOnlyExcept(map: MapNode, builders: readonly string[], problems: Problems): AppliesTo {
  const only = readNames(map, 'only', builders, problems);
  const except = readNames(map, 'except', builders, problems);
  if (only.length > 0 && except.length > 0) {
    problems.error(entryOf(map, 'except')!.keyAt, 'only one of "only" and "except" is possible');
  }
  if (only.length > 0) return (builder) => only.includes(builder);
  return (builder) => !except.includes(builder);
}

function readNames(
  map: MapNode,
  option: 'only' | 'except',
  builders: readonly string[],
  problems: Problems,
): readonly string[] {
  return textsOf(entryOf(map, option)?.value, option, problems).map(({ value, at }) => {
    if (!builders.includes(value)) {
      const hint = didYouMean(value, builders) ?? `the builders are ${builders.join(', ')}`;
      problems.error(at, `"${option}" names the builder "${value}", which does not exist`, hint);
    }
    return value;
  });
}

/** A list of texts, or a single one. */
function textsOf(
  node: ValueNode | undefined,
  option: string,
  problems: Problems,
): readonly (ValueNode & { kind: 'string' })[] {
  if (!node || node.kind === 'null') return [];
  return (node.kind === 'list' ? node.items : [node]).flatMap((item) => {
    if (item.kind === 'string') return [item];
    problems.error(item.at, `"${option}" must be a list of builders' names, not ${describeNode(item)}`);
    return [];
  });
}
