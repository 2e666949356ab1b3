import type { Condition, Facts, FactValue, Profile, Resource } from '../plan/profile.ts';
import { compareVersions } from './compare-versions.ts';
import { factDefinitions } from './facts.ts';

/** Nothing else holds of it: `and` of nothing is true, `or` of nothing is false. */
export const always: Condition = { kind: 'and', of: [] };
export const never: Condition = { kind: 'or', of: [] };

/** Whether a condition holds. Undefined when that depends on facts that are not known. */
export function evaluateCondition(condition: Condition, facts: Facts): boolean | undefined {
  switch (condition.kind) {
    case 'not': {
      const inner = evaluateCondition(condition.of, facts);
      return inner === undefined ? undefined : !inner;
    }
    case 'and':
    case 'or': {
      const decides = condition.kind === 'or';
      const results = condition.of.map((one) => evaluateCondition(one, facts));
      if (results.includes(decides)) return decides;
      return results.includes(undefined) ? undefined : !decides;
    }
    case 'fact': {
      const actual = Object.hasOwn(facts, condition.name) ? facts[condition.name] : undefined;
      return actual === undefined ? undefined : compareFact(condition, actual);
    }
  }
}

function compareFact(
  { name, operator, value }: Extract<Condition, { kind: 'fact' }>,
  actual: string | number | boolean,
): boolean {
  switch (operator) {
    case 'in':
      return (Array.isArray(value) ? value : [value]).some((one) => orderOf(name, actual, one) === 0);
    case 'matches':
      return patternOf(String(value)).test(String(actual));
    case '==':
      return orderOf(name, actual, value) === 0;
    case '!=':
      return orderOf(name, actual, value) !== 0;
    case '<':
      return orderOf(name, actual, value) < 0;
    case '<=':
      return orderOf(name, actual, value) <= 0;
    case '>':
      return orderOf(name, actual, value) > 0;
    case '>=':
      return orderOf(name, actual, value) >= 0;
  }
}

function orderOf(name: string, actual: string | number | boolean, value: FactValue): number {
  switch (factDefinitions[name]?.type) {
    case 'number':
      return Number(actual) - Number(value);
    case 'version':
      return compareVersions(String(actual), String(value));
    default: {
      const [a, b] = [String(actual), String(value)];
      return a < b ? -1 : a > b ? 1 : 0;
    }
  }
}

/** A pattern of the shell: `*` stands for anything, `?` for one character. */
export function patternOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

/**
 * The profile for one kind of machine: without what its conditions leave out, and without conditions that are decided.
 * What depends on facts that are not given stays, with its condition.
 */
export function profileFor(profile: Profile, facts: Facts): Profile {
  const decide = <R extends Resource>(resources: readonly R[]): readonly R[] =>
    resources.flatMap((resource) => {
      if (!resource.when) return [resource];
      const holds = evaluateCondition(resource.when, facts);
      if (holds === undefined) return [resource];
      const { when: _decided, ...rest } = resource;
      return holds ? [Object.freeze(rest) as R] : [];
    });
  return Object.freeze({
    ...profile,
    repositories: decide(profile.repositories),
    packages: decide(profile.packages),
    groups: decide(profile.groups),
    users: decide(profile.users),
    files: decide(profile.files),
    services: decide(profile.services),
    scripts: decide(profile.scripts),
  });
}

export function negate(condition: Condition): Condition {
  if (condition.kind === 'not') return condition.of;
  if (isAlways(condition)) return never;
  return isNever(condition) ? always : { kind: 'not', of: condition };
}

/** Connects conditions, leaving out what decides nothing. */
export function join(kind: 'and' | 'or', parts: readonly Condition[]): Condition {
  const [decides, idle] = kind === 'and' ? [isNever, isAlways] : [isAlways, isNever];
  if (parts.some(decides)) return kind === 'and' ? never : always;
  const rest = parts.filter((part) => !idle(part)).flatMap((part) => (part.kind === kind ? part.of : [part]));
  return rest.length === 1 ? rest[0]! : { kind, of: rest };
}

export function isAlways(condition: Condition): boolean {
  return condition.kind === 'and' && condition.of.length === 0;
}

export function isNever(condition: Condition): boolean {
  return condition.kind === 'or' && condition.of.length === 0;
}
