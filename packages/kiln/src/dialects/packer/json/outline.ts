import type { Diagnostic } from '../../../base/diagnostics.ts';
import { parseDuration } from '../../../base/durations.ts';
import { readJson } from '../../../base/json/read-json.ts';
import { Problems } from '../problems.ts';
import { describeNode, entryOf, type MapNode, type ValueNode } from '../value-node.ts';
import { readText } from './builders.ts';
import { TemplateRoot } from './root.ts';

/** What a template consists of, as it is written: nothing is rendered, no component is looked at closely. */
export interface JsonOutline {
  readonly description: string | undefined;
  readonly variables: readonly OutlineVariable[];
  readonly builders: readonly { readonly name: string; readonly type: string }[];
  /** Types, in their order. */
  readonly provisioners: readonly string[];
  /** Types in each chain. */
  readonly postProcessors: readonly (readonly string[])[];
}

export interface OutlineVariable {
  readonly name: string;
  /** As written; undefined when a value must be given. */
  readonly default: string | undefined;
  readonly isSensitive: boolean;
}

export interface JsonOutlineResult {
  /** Undefined when there are errors. */
  readonly outline: JsonOutline | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a Packer template in JSON no deeper than its syntax: what `packer inspect` and `packer validate -syntax-only`
 * look at. Variables need no values, and components need not exist.
 */
export function outlinePackerJson(input: {
  readonly file: string;
  readonly text: string;
}): JsonOutlineResult {
  const problems = new Problems();
  const outline = read(input, problems);
  return { outline: problems.hasErrors ? undefined : outline, diagnostics: problems.list() };
}

function read(
  input: { readonly file: string; readonly text: string },
  problems: Problems,
): JsonOutline | undefined {
  const node = readJson(input.file, input.text, problems);
  if (!node) return undefined;
  if (node.kind !== 'map') {
    problems.error(node.at, `a template is an object in braces, not ${describeNode(node)}`);
    return undefined;
  }
  const root = new TemplateRoot(node, problems, true);
  const description = root.value('description');
  return {
    description: description?.kind === 'string' ? description.value : undefined,
    variables: readVariables(root, problems),
    builders: readBuilders(root, problems),
    provisioners: root.maps('provisioners').flatMap((map) => readProvisioner(map, problems) ?? []),
    postProcessors: root.list('post-processors').map((chain) => readChain(chain, problems)),
  };
}

function readVariables(root: TemplateRoot, problems: Problems): OutlineVariable[] {
  const node = root.value('variables');
  if (!node || node.kind === 'null') return [];
  if (node.kind !== 'map') {
    problems.error(node.at, `"variables" must be an object of names and values, not ${describeNode(node)}`);
    return [];
  }
  const sensitive = namesIn(root.value('sensitive-variables'));
  return node.entries.map(({ key, value }) => {
    if (value.kind !== 'string' && value.kind !== 'null') {
      problems.error(value.at, `the variable "${key}" must be a text, not ${describeNode(value)}`);
    }
    return {
      name: key,
      default: value.kind === 'string' ? value.value : undefined,
      isSensitive: sensitive.includes(key),
    };
  });
}

function namesIn(node: ValueNode | undefined): string[] {
  const items = node?.kind === 'list' ? node.items : node ? [node] : [];
  return items.flatMap((item) => (item.kind === 'string' ? [item.value] : []));
}

function readBuilders(root: TemplateRoot, problems: Problems): { name: string; type: string }[] {
  const names = new Set<string>();
  return root.maps('builders').flatMap((map) => {
    const type = readType(map, 'builder', problems);
    if (type === undefined) return [];
    const name = readText(map, 'name', problems) || type;
    if (names.has(name)) {
      const at = entryOf(map, 'name')?.value.at ?? map.at;
      problems.error(at, `there is a builder "${name}" already`, 'give each builder a "name" of its own');
    }
    names.add(name);
    return [{ name, type }];
  });
}

function readProvisioner(map: MapNode, problems: Problems): string | undefined {
  for (const option of ['pause_before', 'timeout']) {
    const value = entryOf(map, option)?.value;
    if (value?.kind !== 'string' || parseDuration(value.value) !== undefined) continue;
    problems.error(value.at, `"${option}" must be a duration such as "5s", not ${describeNode(value)}`);
  }
  return readType(map, 'provisioner', problems);
}

function readChain(node: ValueNode, problems: Problems): string[] {
  return (node.kind === 'list' ? node.items : [node]).flatMap((item) => {
    if (item.kind === 'string') return [item.value];
    if (item.kind === 'map') return readType(item, 'post-processor', problems) ?? [];
    if (item.kind === 'list') {
      problems.error(item.at, 'a chain of post-processors cannot stand inside of another');
    } else {
      problems.error(item.at, `a post-processor must be a name or an object, not ${describeNode(item)}`);
    }
    return [];
  });
}

function readType(map: MapNode, what: string, problems: Problems): string | undefined {
  const type = readText(map, 'type', problems);
  if (type === undefined && !entryOf(map, 'type')) problems.error(map.at, `the ${what} has no "type"`);
  return type;
}
