import type { Output } from '../../../plan/output.ts';
import { compileOutput, cutChain } from '../compile-output.ts';
import type { ComponentContext } from '../component-context.ts';
import { type AppliesTo, readOnlyExcept } from '../only-except.ts';
import type { Problems } from '../problems.ts';
import { describeNode, entryOf, type MapNode, type ValueNode } from '../value-node.ts';
import { buildNames, type JsonBuilder, readText } from './builders.ts';

export interface JsonPostProcessor {
  readonly map: MapNode;
  readonly type: string;
  readonly name: string;
  readonly appliesTo: AppliesTo;
}

/** One entry of "post-processors": a name, an object, or a list of these, which is a chain. */
export function readChain(
  node: ValueNode,
  builders: readonly JsonBuilder[],
  problems: Problems,
): readonly JsonPostProcessor[] {
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => {
    if (item.kind === 'list') {
      problems.error(item.at, 'a chain of post-processors cannot stand inside of another');
      return [];
    }
    const map = item.kind === 'string' ? shortForm(item) : item;
    if (map.kind !== 'map') {
      problems.error(item.at, `a post-processor must be a name or an object, not ${describeNode(item)}`);
      return [];
    }
    const appliesTo = readOnlyExcept(map, buildNames(builders), problems);
    const type = readText(map, 'type', problems);
    if (type === undefined) {
      if (!entryOf(map, 'type'))
        problems.error(map.at, 'the post-processor has no "type"', 'such as "manifest"');
      return [];
    }
    return [{ map, type, name: readText(map, 'name', problems) || type, appliesTo }];
  });
}

function shortForm(node: ValueNode & { kind: 'string' }): MapNode {
  return { kind: 'map', at: node.at, entries: [{ key: 'type', keyAt: node.at, value: node }] };
}

/** The part of a chain that is for this build: up to the first one that the command line leaves out. */
export function compileChain(
  chain: readonly JsonPostProcessor[],
  builder: JsonBuilder,
  except: readonly string[],
  context: ComponentContext,
): readonly Output[] {
  const mine = chain.filter(({ appliesTo }) => appliesTo(builder.rawName));
  return cutChain(mine, (name) => except.includes(name)).flatMap(
    ({ map, type, name }) =>
      compileOutput({ type, typeAt: entryOf(map, 'type')!.value.at, name, map, at: map.at }, context) ?? [],
  );
}
