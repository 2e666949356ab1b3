import { compareKeys } from './compare-keys.ts';

/** The type of a value: https://github.com/hashicorp/hcl/blob/main/spec.md#types */
export type Type =
  | PrimitiveType
  | DynamicType
  | ListType
  | SetType
  | MapType
  | ObjectType
  | TupleType
  | CapsuleType;

export interface PrimitiveType {
  readonly kind: 'string' | 'number' | 'bool';
}

/** Not known yet, or any type: what `any` means in a type expression. */
export interface DynamicType {
  readonly kind: 'dynamic';
}

export interface ListType {
  readonly kind: 'list';
  readonly element: Type;
}

export interface SetType {
  readonly kind: 'set';
  readonly element: Type;
}

export interface MapType {
  readonly kind: 'map';
  readonly element: Type;
}

export interface ObjectType {
  readonly kind: 'object';
  /** Sorted by name. */
  readonly attributes: ReadonlyMap<string, Type>;
  /** Attributes that a value may leave out; only in type constraints, never in the type of a value. */
  readonly optional: ReadonlySet<string>;
}

export interface TupleType {
  readonly kind: 'tuple';
  readonly elements: readonly Type[];
}

/** A value of the host program that passes through the language unseen, such as the type that `convert` is given. */
export interface CapsuleType {
  readonly kind: 'capsule';
  readonly name: string;
}

export type CollectionType = ListType | SetType | MapType;

export const stringType: PrimitiveType = Object.freeze({ kind: 'string' });
export const numberType: PrimitiveType = Object.freeze({ kind: 'number' });
export const boolType: PrimitiveType = Object.freeze({ kind: 'bool' });
export const dynamicType: DynamicType = Object.freeze({ kind: 'dynamic' });

export function listType(element: Type): ListType {
  return { kind: 'list', element };
}

export function setType(element: Type): SetType {
  return { kind: 'set', element };
}

export function mapType(element: Type): MapType {
  return { kind: 'map', element };
}

export function tupleType(elements: readonly Type[]): TupleType {
  return { kind: 'tuple', elements };
}

const noNames: ReadonlySet<string> = new Set();

export function objectType(
  attributes: Iterable<readonly [string, Type]>,
  optional: ReadonlySet<string> = noNames,
): ObjectType {
  const sorted = [...attributes].sort(([a], [b]) => compareKeys(a, b));
  return { kind: 'object', attributes: new Map(sorted), optional };
}

export function capsuleType(name: string): CapsuleType {
  return { kind: 'capsule', name };
}

export const emptyObjectType: ObjectType = objectType([]);
export const emptyTupleType: TupleType = tupleType([]);

export function isPrimitive(type: Type): type is PrimitiveType {
  return type.kind === 'string' || type.kind === 'number' || type.kind === 'bool';
}

export function isCollection(type: Type): type is CollectionType {
  return type.kind === 'list' || type.kind === 'set' || type.kind === 'map';
}

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case 'list':
    case 'set':
    case 'map':
      return a.kind === b.kind && sameType(a.element, (b as CollectionType).element);
    case 'object':
      return b.kind === 'object' && sameAttributes(a, b);
    case 'tuple':
      return (
        b.kind === 'tuple' &&
        a.elements.length === b.elements.length &&
        a.elements.every((element, index) => sameType(element, b.elements[index]!))
      );
    case 'capsule':
      return b.kind === 'capsule' && a.name === b.name;
    default:
      return a.kind === b.kind;
  }
}

function sameAttributes(a: ObjectType, b: ObjectType): boolean {
  if (a.attributes.size !== b.attributes.size || a.optional.size !== b.optional.size) return false;
  for (const [name, type] of a.attributes) {
    const other = b.attributes.get(name);
    if (!other || !sameType(type, other) || a.optional.has(name) !== b.optional.has(name)) return false;
  }
  return true;
}

/** Whether some part of the type is not known yet. */
export function hasDynamic(type: Type): boolean {
  switch (type.kind) {
    case 'dynamic':
      return true;
    case 'list':
    case 'set':
    case 'map':
      return hasDynamic(type.element);
    case 'object':
      return [...type.attributes.values()].some(hasDynamic);
    case 'tuple':
      return type.elements.some(hasDynamic);
    default:
      return false;
  }
}

/** The type that values have after conversion to this one: nothing is optional in it any more, at any depth. */
export function withoutOptional(type: Type): Type {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'map': {
      const element = withoutOptional(type.element);
      return element === type.element ? type : { kind: type.kind, element };
    }
    case 'tuple': {
      const elements = type.elements.map(withoutOptional);
      return elements.every((element, index) => element === type.elements[index])
        ? type
        : tupleType(elements);
    }
    case 'object': {
      let changed = type.optional.size > 0;
      const attributes = new Map<string, Type>();
      for (const [name, attribute] of type.attributes) {
        const plain = withoutOptional(attribute);
        if (plain !== attribute) changed = true;
        attributes.set(name, plain);
      }
      return changed ? { kind: 'object', attributes, optional: noNames } : type;
    }
    default:
      return type;
  }
}
