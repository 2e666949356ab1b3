import { didYouMean } from '../../base/suggest.ts';
import type { Problems } from './problems.ts';
import { describeNode, entryOf, type MapNode, type ValueNode } from './value-node.ts';

/** Says for which builds a provisioner or post-processor is, by the names that `only` and `except` have for them. */
export type AppliesTo = (build: string) => boolean;

/** The names that a template's `only` and `except` may have. */
export interface BuildNames {
  readonly names: readonly string[];
  /** What they are names of, such as "builder". */
  readonly noun: string;
  /** Packer minds another name in JSON and overlooks it in HCL2. */
  readonly unknownIs: 'error' | 'warning';
  /** One name may stand without its list. */
  readonly takesLoneName: boolean;
}

/** The options `only` and `except`, which every provisioner and post-processor has. */
export function readOnlyExcept(map: MapNode, builds: BuildNames, problems: Problems): AppliesTo {
  const only = readNames(map, 'only', builds, problems);
  const except = readNames(map, 'except', builds, problems);
  if (only.length > 0 && except.length > 0) {
    problems.error(entryOf(map, 'except')!.keyAt, 'only one of "only" and "except" is possible');
  }
  if (only.length > 0) return (build) => only.includes(build);
  return (build) => !except.includes(build);
}

function readNames(
  map: MapNode,
  option: 'only' | 'except',
  { names, noun, unknownIs, takesLoneName }: BuildNames,
  problems: Problems,
): readonly string[] {
  const texts = textsOf(entryOf(map, option)?.value, option, `${noun}s' names`, takesLoneName, problems);
  return texts.map(({ value, at }) => {
    if (!names.includes(value)) {
      const hint = didYouMean(value, names) ?? `the ${noun}s are ${names.join(', ')}`;
      const message = `"${option}" names the ${noun} "${value}", which does not exist`;
      if (unknownIs === 'error') problems.error(at, message, hint);
      else problems.warn(at, message, hint);
    }
    return value;
  });
}

function textsOf(
  node: ValueNode | undefined,
  option: string,
  wanted: string,
  takesLoneName: boolean,
  problems: Problems,
): readonly (ValueNode & { kind: 'string' })[] {
  if (!node || node.kind === 'null' || node.kind === 'unknown') return [];
  const wrong = (one: ValueNode): [] => {
    if (one.kind !== 'unknown')
      problems.error(one.at, `"${option}" must be a list of ${wanted}, not ${describeNode(one)}`);
    return [];
  };
  if (node.kind !== 'list' && !takesLoneName) return wrong(node);
  return (node.kind === 'list' ? node.items : [node]).flatMap((item) =>
    item.kind === 'string' ? [item] : wrong(item),
  );
}
