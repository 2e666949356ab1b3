import { isObject, type JsonObject, type JsonValue } from './json-value.ts';

/** Brings one thing in an old template up to date. */
export interface Fixer {
  readonly name: string;
  readonly summary: string;
  /** Gives the template with its change, or as it is where there is nothing to change. */
  readonly fix: (template: JsonObject) => JsonObject;
}

type Change = (component: JsonObject) => JsonObject;

/** Changes the builders whose type is one of these; every builder with no types. */
export function changeBuilders(types: readonly string[], change: Change): Fixer['fix'] {
  return changeIn('builders', (value) => (isMeant(value, types) ? change(value) : value));
}

export function changeProvisioners(types: readonly string[], change: Change): Fixer['fix'] {
  return changeIn('provisioners', (value) => (isMeant(value, types) ? change(value) : value));
}

/** Post-processors may stand in chains. */
export function changePostProcessors(types: readonly string[], change: Change): Fixer['fix'] {
  const changeOne = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(changeOne);
    return isMeant(value, types) ? change(value) : value;
  };
  return changeIn('post-processors', changeOne);
}

/** Gives an option of the builders a new name. A value under the new name is replaced unless `keep` says otherwise. */
export function renameOption(
  types: readonly string[],
  from: string,
  to: string,
  options: RenameOptions = {},
): Fixer['fix'] {
  return changeBuilders(types, renamed(from, to, options));
}

export interface RenameOptions {
  /** Only values of this type are understood by the old option's reader. */
  readonly type?: 'string' | 'boolean';
  /** What stands under the new name already wins. */
  readonly keep?: true;
  readonly convert?: (value: JsonValue) => JsonValue;
}

export function renamed(from: string, to: string, { type, keep, convert }: RenameOptions = {}): Change {
  return (component) => {
    const { [from]: value, ...rest } = component;
    if (value === undefined || (type !== undefined && typeof value !== type)) return component;
    if (keep && rest[to] !== undefined) return rest;
    return { ...rest, [to]: convert ? convert(value) : value };
  };
}

/** Builders of one type become another's; overrides for them, which go by name, follow when `overrides` says so. */
export function renameType(from: string, to: string, overrides = false): Fixer['fix'] {
  const builders = changeBuilders([from], (builder) => ({ ...builder, type: to }));
  if (!overrides) return builders;
  const provisioners = changeProvisioners([], (provisioner) => {
    if (!isObject(provisioner['override'])) return provisioner;
    return { ...provisioner, override: renamed(from, to)(provisioner['override']) };
  });
  return (template) => provisioners(builders(template));
}

export function inTurn(...fixes: readonly Fixer['fix'][]): Fixer['fix'] {
  return (template) => fixes.reduce((done, fix) => fix(done), template);
}

function changeIn(key: string, change: (value: JsonValue) => JsonValue): Fixer['fix'] {
  return (template) => {
    const value = template[key];
    return Array.isArray(value) ? { ...template, [key]: value.map(change) } : template;
  };
}

function isMeant(value: JsonValue, types: readonly string[]): value is JsonObject {
  if (!isObject(value)) return false;
  return types.length === 0 || (typeof value['type'] === 'string' && types.includes(value['type']));
}
