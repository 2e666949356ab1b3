import {
  type Attribute,
  type Block,
  type Body,
  boolType,
  ConversionError,
  convert,
  dynamicType,
  type Expression,
  isWhollyKnown,
  sensitiveMark,
  type Traversal,
  type Type,
  unknownValue,
  type Value,
  withMarks,
} from '@kiln/hcl';
import { KilnError, type SourceLocation } from '../../../base/errors.ts';
import { type DataSettings, dataSource, unknownDataSource } from './data/data-source.ts';
import { placeOf, placeText, report } from './diagnostics.ts';
import { evaluateAs, plainBoolean } from './evaluate.ts';
import { type GraphNode, inOrder } from './graph.ts';
import { checkName } from './names.ts';
import { type Reading, read } from './reading.ts';
import type { RootBlocks } from './root-blocks.ts';
import type { Scope } from './scope.ts';

/** A local value of a template. */
export interface Local {
  readonly name: string;
  readonly sensitive: boolean;
  /** Unknown after a mistake that was reported. */
  readonly value: Value;
}

export interface PrerequisiteOptions {
  /** Whether data is fetched; otherwise what it gives stays unknown. */
  readonly fetchData: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Prerequisite extends GraphNode {
  readonly at: SourceLocation;
  readonly work: () => void | Promise<void>;
  /** Puts something unknown in its place. */
  readonly giveUp: () => void;
}

/**
 * Works out the locals and the data of a template, each after what it refers to, and puts them into the scope
 * (https://developer.hashicorp.com/packer/docs/templates/hcl_templates/blocks/locals,
 * https://developer.hashicorp.com/packer/docs/templates/hcl_templates/blocks/data). Gives the locals by name.
 */
export async function workOutPrerequisites(
  blocks: RootBlocks,
  scope: Scope,
  reading: Reading,
  options: PrerequisiteOptions,
): Promise<readonly Local[]> {
  const locals = new Map<string, Local>();
  const all = [
    ...readLocals(blocks, reading).map((one) => localNode(one, locals, scope, reading)),
    ...readData(blocks, reading).map((block) => dataNode(block, scope, reading, options)),
  ];
  const names = all.map(({ name }) => name);
  const nodes = all.map((node) => ({
    ...node,
    needs: node.needs.flatMap((path) => meant(path, node.name, names)),
  }));
  const ordered = inOrder(nodes, (way) => {
    const steps = way.map(({ name }) => name);
    const message =
      steps.length === 2
        ? `${steps[0]} refers to itself`
        : `${steps.slice(0, -1).join(', ')} refer to each other in a circle: ${steps.join(' → ')}`;
    reading.problems.error(way[0]!.at, message);
  });
  for (const node of nodes) if (!ordered.includes(node)) node.giveUp();
  for (const node of ordered) await node.work();
  return [...locals.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface LocalBlock {
  readonly name: string;
  readonly expression: Expression;
  readonly sensitive: boolean;
  readonly at: SourceLocation;
}

const localSchema = { attributes: [{ name: 'expression', required: true }, { name: 'sensitive' }] } as const;

function readLocals(blocks: RootBlocks, reading: Reading): readonly LocalBlock[] {
  const { problems } = reading;
  const places = new Map<string, string>();
  const found: LocalBlock[] = [];
  const add = (local: LocalBlock, place: string): void => {
    const first = places.get(local.name);
    if (first !== undefined) {
      problems.error(local.at, `there is a local "${local.name}" already, at ${first}`);
      return;
    }
    places.set(local.name, place);
    found.push(local);
  };
  for (const { labels, labelRanges, headerRange, body } of blocks.get('local')!) {
    const name = labels[0]!;
    checkName(name, 'a local', labelRanges[0]!, problems);
    const { value: content, diagnostics } = body.content(localSchema);
    report(problems, diagnostics);
    const expression = content.attributes.get('expression')?.expression;
    const sensitive = content.attributes.get('sensitive')?.expression;
    const isSensitive = sensitive && evaluateAs(sensitive, boolType, undefined, problems, '"sensitive"');
    if (!expression) continue;
    const at = placeOf(headerRange);
    add({ name, expression, sensitive: plainBoolean(isSensitive) ?? false, at }, placeText(headerRange));
  }
  for (const { body } of blocks.get('locals')!) {
    const { value: attributes, diagnostics } = body.justAttributes();
    report(problems, diagnostics);
    for (const { name, nameRange, expression } of attributes.values()) {
      add({ name, expression, sensitive: false, at: placeOf(nameRange) }, placeText(nameRange));
    }
  }
  return found;
}

function localNode(
  { name, expression, sensitive, at }: LocalBlock,
  locals: Map<string, Local>,
  scope: Scope,
  reading: Reading,
): Prerequisite {
  const settle = (value: Value): void => {
    const marked = sensitive ? withMarks(value, new Set([sensitiveMark])) : value;
    if (sensitive) reading.secrets.addAll(value);
    scope.locals.set(name, marked);
    locals.set(name, { name, sensitive, value: marked });
  };
  return {
    name: `local.${name}`,
    needs: references(expression.variables()),
    at,
    work: () => settle(read(expression, scope.context(), reading) ?? unknownValue(dynamicType)),
    giveUp: () => settle(unknownValue(dynamicType)),
  };
}

function readData(blocks: RootBlocks, { problems }: Reading): readonly Block[] {
  const places = new Map<string, string>();
  return blocks.get('data')!.filter(({ labels, labelRanges, headerRange }) => {
    const [type, name] = labels as [string, string];
    checkName(name, 'data', labelRanges[1]!, problems);
    const key = `${type}.${name}`;
    const first = places.get(key);
    if (first === undefined) places.set(key, placeText(headerRange));
    else problems.error(placeOf(headerRange), `there is data "${type}" "${name}" already, at ${first}`);
    return first === undefined;
  });
}

function dataNode(block: Block, scope: Scope, reading: Reading, options: PrerequisiteOptions): Prerequisite {
  const [type, name] = block.labels as [string, string];
  const at = placeOf(block.headerRange);
  const source = dataSource(type);
  const giveUp = (): void => scope.addData(type, name, unknownValue(source?.resultType ?? dynamicType));
  return {
    name: `data.${type}.${name}`,
    needs: references(referencesOf(block.body)),
    at,
    giveUp,
    work: async () => {
      if (!source) {
        const { message, hint } = unknownDataSource(type);
        reading.problems.error(placeOf(block.labelRanges[0]!), message, hint);
        return giveUp();
      }
      const { value: content, diagnostics } = block.body.content(source.schema);
      report(reading.problems, diagnostics);
      const settings = settingsOf(content.attributes, at, scope, reading, options.env);
      if (settings === undefined) return giveUp();
      const fetch = source.prepare(settings);
      if (!fetch || !options.fetchData || reading.problems.hasErrors) return giveUp();
      try {
        scope.addData(type, name, await fetch());
      } catch (error) {
        if (!(error instanceof KilnError)) throw error;
        reading.problems.thrown(at, error);
        giveUp();
      }
    },
  };
}

/** Undefined when a setting is not known, or wrong, which was reported. */
function settingsOf(
  attributes: ReadonlyMap<string, Attribute>,
  at: SourceLocation,
  scope: Scope,
  reading: Reading,
  env: DataSettings['env'],
): DataSettings | undefined {
  const values = new Map<string, Value>();
  const context = scope.context();
  for (const [name, { expression }] of attributes) {
    const value = read(expression, context, reading);
    if (!value || !isWhollyKnown(value)) return undefined;
    values.set(name, value);
  }
  const placeOfSetting = (name: string | undefined): SourceLocation => {
    const attribute = name === undefined ? undefined : attributes.get(name);
    return attribute ? placeOf(attribute.expression.range) : at;
  };
  return {
    env,
    error: (name, message, hint) => reading.problems.error(placeOfSetting(name), message, hint),
    value: (name, type) => {
      const value = values.get(name);
      if (!value || value.kind === 'null') return undefined;
      return converted(value, type, (fault) =>
        reading.problems.error(placeOfSetting(name), `"${name}" is not right: ${fault}`),
      );
    },
  };
}

function converted(value: Value, type: Type, onFault: (fault: string) => void): Value | undefined {
  try {
    return convert(value, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    onFault(error.message);
    return undefined;
  }
}

/** Paths such as `local.name`, `data.type.name` or, of all data of a type, `data.type`. */
function references(traversals: readonly Traversal[]): readonly string[] {
  return traversals.flatMap(({ root, steps }) => {
    const depth = { local: 1, data: 2 }[root];
    if (depth === undefined) return [];
    const names: string[] = [root];
    for (const step of steps.slice(0, depth)) {
      if (step.kind !== 'attribute') break;
      names.push(step.name);
    }
    return [names.join('.')];
  });
}

/** The names that a path means: its own, or all that begin with it. */
function meant(path: string, own: string, names: readonly string[]): readonly string[] {
  if (names.includes(path)) return [path];
  return names.filter((name) => name !== own && name.startsWith(`${path}.`));
}

function referencesOf(body: Body): readonly Traversal[] {
  const { attributes, blocks } = body.everything();
  return [
    ...[...attributes.values()].flatMap(({ expression }) => expression.variables()),
    ...blocks.flatMap((block) => referencesOf(block.body)),
  ];
}
