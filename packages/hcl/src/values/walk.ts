import type { PathStep } from './path.ts';
import { hasDynamic, objectType, tupleType } from './type.ts';
import type { Value } from './value.ts';

/** The values directly inside, in order; none for values without elements. */
export function childrenOf(value: Value): Iterable<Value> {
  switch (value.kind) {
    case 'list':
    case 'set':
    case 'tuple':
      return value.items;
    case 'map':
    case 'object':
      return value.entries.values();
    default:
      return [];
  }
}

/** The values directly inside, with the step that leads to each. */
export function* stepsOf(value: Value): Generator<readonly [PathStep, Value]> {
  switch (value.kind) {
    case 'list':
    case 'tuple':
      for (const [index, item] of value.items.entries()) yield [{ kind: 'index', index }, item];
      return;
    case 'set':
      for (const item of value.items) yield [{ kind: 'element' }, item];
      return;
    case 'map':
      for (const [key, item] of value.entries) yield [{ kind: 'key', key }, item];
      return;
    case 'object':
      for (const [name, item] of value.entries) yield [{ kind: 'attribute', name }, item];
      return;
  }
}

/**
 * The value with each value directly inside replaced; the value itself when nothing is. Lists, maps and sets keep their
 * type, so replacements must be of the element type; in sets they must also be distinct and in order.
 */
export function mapChildren(value: Value, replace: (child: Value, step: PathStep) => Value): Value {
  switch (value.kind) {
    case 'list':
    case 'set':
    case 'tuple': {
      let changed = false;
      const items = value.items.map((item, index) => {
        const step: PathStep = value.kind === 'set' ? { kind: 'element' } : { kind: 'index', index };
        const replaced = replace(item, step);
        if (replaced !== item) changed = true;
        return replaced;
      });
      if (!changed) return value;
      if (value.kind !== 'tuple') return { ...value, items };
      return { ...value, type: tupleType(items.map(({ type }) => type)), items };
    }
    case 'map':
    case 'object': {
      let changed = false;
      const entries = new Map<string, Value>();
      for (const [key, item] of value.entries) {
        const step: PathStep = value.kind === 'map' ? { kind: 'key', key } : { kind: 'attribute', name: key };
        const replaced = replace(item, step);
        if (replaced !== item) changed = true;
        entries.set(key, replaced);
      }
      if (!changed) return value;
      if (value.kind === 'map') return { ...value, entries };
      const types = [...entries].map(([name, { type }]) => [name, type] as const);
      return { ...value, type: objectType(types), entries };
    }
    default:
      return value;
  }
}

/** Whether neither the value nor anything inside is unknown. */
export function isWhollyKnown(value: Value): boolean {
  if (value.kind === 'unknown') return false;
  for (const child of childrenOf(value)) if (!isWhollyKnown(child)) return false;
  return true;
}

/** Whether nothing unknown inside may turn out to be of some other type. */
export function hasKnownType(value: Value): boolean {
  if (value.kind === 'unknown') return !hasDynamic(value.type);
  for (const child of childrenOf(value)) if (!hasKnownType(child)) return false;
  return true;
}
