import { KilnError } from '../../../base/errors.ts';
import { didYouMean } from '../../../base/suggest.ts';
import { renderSource } from '../../../text/render-text.ts';
import type { TextScope } from '../../../text/template-functions.ts';
import type { BuildNames } from '../only-except.ts';
import type { Problems } from '../problems.ts';
import { describeNode, entryOf, type MapNode } from '../value-node.ts';
import type { TemplateRoot } from './root.ts';

export interface JsonBuilder {
  readonly map: MapNode;
  readonly type: string;
  /** As written; provisioners and post-processors call it so. */
  readonly rawName: string;
  /** With its holes filled; people and the command line call it so. */
  readonly name: string;
}

export interface Selection {
  readonly only: readonly string[];
  readonly except: readonly string[];
}

/** All builders of a template, in its order. */
export function readBuilders(
  root: TemplateRoot,
  scope: TextScope,
  problems: Problems,
): readonly JsonBuilder[] {
  const maps = root.maps('builders');
  if (maps.length === 0 && !problems.hasErrors) {
    problems.error(root.value('builders')?.at ?? root.at, 'a template needs at least one builder');
  }
  const names = new Set<string>();
  return maps.flatMap((map) => {
    const type = readText(map, 'type', problems);
    if (type === undefined) {
      if (!entryOf(map, 'type')) problems.error(map.at, 'the builder has no "type"', 'such as "qemu"');
      return [];
    }
    const rawName = readText(map, 'name', problems) || type;
    const name = renderName(rawName, map, scope, problems);
    if (names.has(name)) {
      const at = entryOf(map, 'name')?.value.at ?? map.at;
      problems.error(at, `there is a builder "${name}" already`, 'give each builder a "name" of its own');
      return [];
    }
    names.add(name);
    return [{ map, type, rawName, name }];
  });
}

/** The builders' names as provisioners and post-processors have them. */
export function buildNames(builders: readonly JsonBuilder[]): BuildNames {
  const names = builders.map(({ rawName }) => rawName);
  return { names, noun: 'builder', unknownIs: 'error', takesLoneName: true };
}

/** Those builders that the command line has chosen. */
export function selectBuilders(
  builders: readonly JsonBuilder[],
  { only, except }: Selection,
  root: TemplateRoot,
  problems: Problems,
): readonly JsonBuilder[] {
  const names = builders.map(({ name }) => name);
  for (const name of only) {
    if (names.includes(name) || builders.length === 0) continue;
    const hint = didYouMean(name, names) ?? `the builds are ${names.join(', ')}`;
    problems.error(
      root.value('builders')?.at ?? root.at,
      `-only names the build "${name}", which does not exist`,
      hint,
    );
  }
  return builders.filter(({ name }) => (only.length === 0 || only.includes(name)) && !except.includes(name));
}

function renderName(rawName: string, map: MapNode, scope: TextScope, problems: Problems): string {
  try {
    return renderSource(rawName, scope);
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    problems.thrown(entryOf(map, 'name')?.value.at ?? map.at, error);
    return rawName;
  }
}

/** A text that stands for itself; undefined when it is left out or wrong. */
export function readText(map: MapNode, key: string, problems: Problems): string | undefined {
  const node = entryOf(map, key)?.value;
  if (!node || node.kind === 'null') return undefined;
  if (node.kind === 'string') return node.value;
  problems.error(node.at, `"${key}" must be a text, not ${describeNode(node)}`);
  return undefined;
}
