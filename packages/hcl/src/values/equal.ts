import { sameNumber } from './big-float-text.ts';
import { unmarkedDeep } from './deep-marks.ts';
import { elementKey } from './element-key.ts';
import { boolType, hasDynamic, sameType, type Type } from './type.ts';
import { boolValue, type SetValue, unknownValue, type Value, withMarks } from './value.ts';
import { hasKnownType } from './walk.ts';

/**
 * Whether two values are equal, as the operator `==` sees it: of the same type, and with the same content. Nulls of all
 * types are equal. Unknown where unknown values decide. Has all marks of both, at any depth.
 */
export function equals(a: Value, b: Value): Value {
  const [left, right] = [unmarkedDeep(a), unmarkedDeep(b)];
  const verdict = verdictOn(left.value, right.value);
  const result = verdict === undefined ? unknownValue(boolType) : boolValue(verdict);
  return withMarks(result, left.marks, right.marks);
}

/** True, false, or undefined when it cannot be known yet. */
function verdictOn(a: Value, b: Value): boolean | undefined {
  const early = verdictByKind(a, b);
  if (early !== 'compare') return early;
  if (!hasKnownType(a) || !hasKnownType(b)) {
    return conforms(a.type, b.type) || conforms(b.type, a.type) ? undefined : false;
  }
  return sameType(a.type, b.type) && compareContent(a, b);
}

/** What null and unknown decide. */
function verdictByKind(a: Value, b: Value): boolean | undefined | 'compare' {
  if (a.kind === 'unknown' || b.kind === 'unknown') {
    if (a.kind === b.kind) return undefined;
    const [known, unknown] = a.kind === 'unknown' ? [b, a] : [a, b];
    // Whatever the type, it may turn out to be null.
    if (known.kind === 'null' || hasDynamic(unknown.type)) return undefined;
    return sameType(known.type, unknown.type) ? undefined : false;
  }
  if (a.kind === 'null' || b.kind === 'null') return a.kind === b.kind;
  return 'compare';
}

/** The content of two values of the same type. */
function compareContent(a: Value, b: Value): boolean | undefined {
  const early = verdictByKind(a, b);
  if (early !== 'compare') return early;
  switch (a.kind) {
    case 'string':
    case 'bool':
    case 'capsule':
      return a.kind === b.kind && a.value === b.value;
    case 'number':
      return b.kind === 'number' && sameNumber(a.value, b.value);
    case 'set':
      return b.kind === 'set' && compareSets(a, b);
    case 'list':
    case 'tuple': {
      if (a.kind !== b.kind || a.items.length !== b.items.length) return false;
      return all(a.items, (item, index) => compareContent(item, b.items[index]!));
    }
    case 'map':
    case 'object': {
      if (a.kind !== b.kind || a.entries.size !== b.entries.size) return false;
      return all([...a.entries], ([key, item]) => {
        const other = b.entries.get(key);
        return other ? compareContent(item, other) : false;
      });
    }
    default:
      return false;
  }
}

function compareSets(a: SetValue, b: SetValue): boolean | undefined {
  if ([...a.items, ...b.items].some(({ kind }) => kind === 'unknown')) return undefined;
  if (a.items.length !== b.items.length) return false;
  const keys = new Set(b.items.map(elementKey));
  // A part that is unknown has no key, and is not the same as any other.
  return a.items.every((item) => {
    const key = elementKey(item);
    return key !== undefined && keys.has(key);
  });
}

/** False if one is false, even if others are not known. */
function all<T>(
  items: readonly T[],
  test: (item: T, index: number) => boolean | undefined,
): boolean | undefined {
  let result: boolean | undefined = true;
  for (const [index, item] of items.entries()) {
    const verdict = test(item, index);
    if (verdict === false) return false;
    if (verdict === undefined) result = undefined;
  }
  return result;
}

/** Whether a type is the wanted one, where the wanted one may leave parts open. */
export function conforms(given: Type, wanted: Type): boolean {
  if (wanted.kind === 'dynamic') return true;
  switch (given.kind) {
    case 'list':
    case 'set':
    case 'map':
      return given.kind === wanted.kind && conforms(given.element, (wanted as typeof given).element);
    case 'tuple':
      return (
        wanted.kind === 'tuple' &&
        given.elements.length === wanted.elements.length &&
        given.elements.every((element, index) => conforms(element, wanted.elements[index]!))
      );
    case 'object': {
      if (wanted.kind !== 'object' || given.attributes.size !== wanted.attributes.size) return false;
      return [...given.attributes].every(([name, type]) => {
        const other = wanted.attributes.get(name);
        return other !== undefined && conforms(type, other);
      });
    }
    default:
      return sameType(given, wanted);
  }
}

/**
 * Whether two values are the same: type, null or unknown, and content. Marks do not count. For tests and caches; what
 * the language calls equal is `equals`.
 */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  return sameType(a.type, b.type) && sameContent(a, b);
}

function sameContent(a: Value, b: Value): boolean {
  switch (a.kind) {
    case 'null':
    case 'unknown':
      return a.kind === b.kind && sameType(a.type, b.type);
    case 'string':
    case 'bool':
    case 'capsule':
      return a.kind === b.kind && a.value === b.value;
    case 'number':
      return b.kind === 'number' && sameNumber(a.value, b.value);
    case 'list':
    case 'tuple':
    case 'set':
      return (
        a.kind === b.kind &&
        a.items.length === b.items.length &&
        a.items.every((item, index) => sameContent(item, b.items[index]!))
      );
    case 'map':
    case 'object': {
      if (a.kind !== b.kind || a.entries.size !== b.entries.size) return false;
      for (const [key, item] of a.entries) {
        const other = b.entries.get(key);
        if (!other || !sameContent(item, other)) return false;
      }
      return true;
    }
  }
}
