import type { SourceLocation } from '../../../base/errors.ts';
import type { JsonEntry, JsonMap, JsonNode } from '../../../base/json/json-node.ts';
import { didYouMean } from '../../../base/suggest.ts';
import { type Evaluation, evaluateNode, Places, type Scope } from './evaluate.ts';
import { ExpressionError } from './expression.ts';
import type { Deployment } from './functions.ts';

export interface ParameterInput {
  /** Texts of the command line, and values of files of parameters. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly now: Date;
  readonly error: Evaluation['error'];
}

export interface DeclaredScope extends Scope {
  readonly parameters: readonly DeclaredParameter[];
  /** Values of secure parameters. */
  readonly secrets: readonly string[];
}

export interface DeclaredParameter {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly isSecure: boolean;
  /** Undefined when nothing gives one. */
  readonly value: unknown;
}

/** Values that say where a deployment would be, whether or not the template has parameters of these names. */
export const placeNames = ['subscriptionId', 'resourceGroup', 'location', 'tenantId'] as const;

/** Longer chains of references are a mistake or an attack. */
const deepest = 100;

const nowhere = '00000000-0000-0000-0000-000000000000';

/** What expressions of a deployment template refer to. Mistakes in parameters are said once, values are made when needed. */
export function readScope(template: JsonMap, input: ParameterInput): DeclaredScope {
  const declared = mapOf(template, 'parameters')?.entries ?? [];
  const variables = mapOf(template, 'variables')?.entries ?? [];
  const text = (name: (typeof placeNames)[number], fallback: string) => {
    const value = input.values[name];
    return typeof value === 'string' && value !== '' ? value : fallback;
  };
  const deployment: Deployment = {
    subscriptionId: text('subscriptionId', nowhere),
    resourceGroup: text('resourceGroup', 'local'),
    location: text('location', 'local'),
    tenantId: text('tenantId', nowhere),
    now: input.now,
  };
  checkGiven(declared, template.at, input);
  const evaluation: Evaluation = {
    get scope() {
      return scope;
    },
    places: new Places(),
    error: input.error,
  };
  const known = new Map<string, unknown>();
  const running = new Set<string>();
  /** Each once, whatever asks for it; a circle ends with an error. */
  const once = (key: string, what: string, make: () => unknown): unknown => {
    if (known.has(key)) return known.get(key);
    if (running.has(key)) throw new ExpressionError(`${what} refers to itself`);
    if (running.size >= deepest) throw new ExpressionError(`${what} stands for too long a chain of others`);
    running.add(key);
    try {
      const value = make();
      known.set(key, value);
      return value;
    } finally {
      running.delete(key);
    }
  };
  const find = (entries: readonly JsonEntry[], name: string, what: string): JsonEntry => {
    const found = entries.find(({ key }) => key.toLowerCase() === name.toLowerCase());
    if (found) return found;
    throw new ExpressionError(
      `there is no ${what} "${name}"`,
      didYouMean(
        name,
        entries.map(({ key }) => key),
      ),
    );
  };
  const scope: Scope = {
    deployment,
    parameter: (name) => {
      const entry = find(declared, name, 'parameter');
      return once(`parameter ${entry.key}`, `the parameter "${entry.key}"`, () =>
        valueOfParameter(entry, input, evaluation),
      );
    },
    variable: (name) => {
      const entry = find(variables, name, 'variable');
      return once(`variable ${entry.key}`, `the variable "${entry.key}"`, () =>
        evaluateNode(entry.value, evaluation),
      );
    },
  };
  const parameters = declared.map((entry): DeclaredParameter => {
    const type = textOf(entry.value, 'type') ?? 'string';
    const metadata = entry.value.kind === 'map' ? mapOf(entry.value, 'metadata') : undefined;
    return {
      name: entry.key,
      type,
      description: (metadata && textOf(metadata, 'description')) ?? '',
      isSecure: /^secure/i.test(type),
      value: tried(() => scope.parameter(entry.key)),
    };
  });
  const secrets = parameters.flatMap(({ isSecure, value }) =>
    isSecure && typeof value === 'string' && value !== '' ? [value] : [],
  );
  return { ...scope, parameters, secrets };
}

/** Where it matters that a value cannot be had, that is said there. */
function tried(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

function checkGiven(declared: readonly JsonEntry[], at: SourceLocation, input: ParameterInput): void {
  const names = declared.map(({ key }) => key);
  const isKnown = (name: string) =>
    [...names, ...placeNames].some((one) => one.toLowerCase() === name.toLowerCase());
  for (const name of Object.keys(input.values)) {
    if (isKnown(name)) continue;
    input.error(
      at,
      `a value is given for "${name}", but the template has no such parameter`,
      didYouMean(name, names) ?? (names.length > 0 ? `there are ${names.join(', ')}` : undefined),
    );
  }
}

function valueOfParameter(
  { key, keyAt, value: node }: JsonEntry,
  input: ParameterInput,
  evaluation: Evaluation,
): unknown {
  if (node.kind !== 'map') throw new ExpressionError(`the parameter "${key}" is no object with a "type"`);
  const type = (textOf(node, 'type') ?? 'string').toLowerCase().replace(/^secure/, '');
  const given = Object.entries(input.values).find(([name]) => name.toLowerCase() === key.toLowerCase());
  const fallback = entryOf(node, 'defaultValue');
  if (!given && !fallback) {
    throw new ExpressionError(`the parameter "${key}" has no value`, `give it with --var ${key}=…`);
  }
  const value = given ? typed(key, type, given[1]) : evaluateNode(fallback!.value, evaluation);
  const allowed = entryOf(node, 'allowedValues')?.value;
  if (allowed?.kind === 'list') {
    const values = allowed.items.map((one) => evaluateNode(one, evaluation));
    if (!values.some((one) => JSON.stringify(one) === JSON.stringify(value))) {
      throw new ExpressionError(
        `the parameter "${key}" may not be ${JSON.stringify(value)}`,
        `${keyAt.file}:${keyAt.line} allows ${values.map((one) => JSON.stringify(one)).join(', ')}`,
      );
    }
  }
  return value;
}

/** A value of the command line is a text; the parameter says what it is meant to be. */
function typed(name: string, type: string, value: unknown): unknown {
  if (typeof value !== 'string' || type === 'string') return value;
  if (type === 'int' && /^-?\d+$/.test(value)) return Number(value);
  if (type === 'bool' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  if (type === 'array' || type === 'object') {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      throw new ExpressionError(
        `the parameter "${name}" is ${type === 'array' ? 'a list' : 'an object'}, and its value is no JSON`,
      );
    }
  }
  throw new ExpressionError(`the parameter "${name}" is of the type ${type}, and "${value}" is none`);
}

/** A member by its name in any case. */
export function entryOf(map: JsonMap, name: string): JsonEntry | undefined {
  return map.entries.find(({ key }) => key.toLowerCase() === name.toLowerCase());
}

function mapOf(map: JsonMap, name: string): JsonMap | undefined {
  const value = entryOf(map, name)?.value;
  return value?.kind === 'map' ? value : undefined;
}

export function textOf(node: JsonNode, name: string): string | undefined {
  const value = node.kind === 'map' ? entryOf(node, name)?.value : undefined;
  return value?.kind === 'string' ? value.value : undefined;
}
