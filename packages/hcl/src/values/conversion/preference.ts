import type { Type } from '../type.ts';

/**
 * Which of two types is the more general one, so the better one to convert both to: below zero for the first, above
 * zero for the second, zero when that cannot be told. Whether there is a conversion is not asked here.
 */
export function comparePreference(a: Type, b: Type): number {
  // Whatever is not known yet hopefully turns out to be like the others.
  if (a.kind === 'dynamic' || b.kind === 'dynamic') {
    return a.kind === b.kind ? 0 : a.kind === 'dynamic' ? 1 : -1;
  }
  if (a.kind === 'list' || a.kind === 'set' || a.kind === 'map') {
    if (a.kind === b.kind) return comparePreference(a.element, b.element);
  }
  if (a.kind === 'object' && b.kind === 'object') {
    if (a.attributes.size !== b.attributes.size) return 0;
    const pairs: [Type, Type][] = [];
    for (const [name, type] of a.attributes) {
      const other = b.attributes.get(name);
      if (!other) return 0;
      pairs.push([type, other]);
    }
    return compareParts(pairs);
  }
  if (a.kind === 'tuple' && b.kind === 'tuple') {
    if (a.elements.length !== b.elements.length) return 0;
    return compareParts(a.elements.map((element, index) => [element, b.elements[index]!]));
  }
  return generality(b, a) - generality(a, b);
}

/** One when the first type can hold what the second is for. */
function generality(a: Type, b: Type): number {
  switch (a.kind) {
    case 'string':
      return b.kind === 'number' || b.kind === 'bool' ? 1 : 0;
    case 'set':
      return 0;
    case 'list':
      return b.kind === 'tuple' || b.kind === 'set' ? 1 : 0;
    case 'tuple':
      return b.kind === 'set' ? 1 : 0;
    case 'map':
      return b.kind === 'object' ? 1 : 0;
    default:
      return 0;
  }
}

/** A type is more general when some parts are and none are less. */
function compareParts(pairs: readonly (readonly [Type, Type])[]): number {
  let [first, second] = [false, false];
  for (const [a, b] of pairs) {
    const order = comparePreference(a, b);
    if (order < 0) first = true;
    if (order > 0) second = true;
  }
  return first === second ? 0 : first ? -1 : 1;
}

/** The types, the most general ones first; otherwise in the order given. */
export function byPreference(types: readonly Type[]): readonly Type[] {
  const lower: number[][] = types.map(() => []);
  const above = types.map(() => 0);
  for (let i = 0; i < types.length; i++) {
    for (let j = i + 1; j < types.length; j++) {
      const order = comparePreference(types[i]!, types[j]!);
      if (order === 0) continue;
      const [high, low] = order < 0 ? [i, j] : [j, i];
      lower[high]!.push(low);
      above[low]! += 1;
    }
  }
  const order = above.flatMap((count, index) => (count === 0 ? [index] : []));
  for (const index of order) {
    for (const low of lower[index]!) {
      above[low]! -= 1;
      if (above[low] === 0) order.push(low);
    }
  }
  return order.map((index) => types[index]!);
}
