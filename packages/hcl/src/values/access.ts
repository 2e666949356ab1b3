import { ConversionError, convert } from './convert.ts';
import { dynamicType, numberType, stringType, type Type } from './type.ts';
import { typeWords } from './type-words.ts';
import { unknownValue, type Value, withMarks } from './value.ts';

/** A value has no such element or attribute. */
export class AccessError extends Error {
  /** The names that there are, for a hint; empty when names are not the problem. */
  readonly names: readonly string[];
  /** A few words on the kind of mistake. */
  readonly summary: string;

  constructor(summary: string, message: string, names: readonly string[] = []) {
    super(message);
    this.name = 'AccessError';
    this.summary = summary;
    this.names = names;
  }
}

/**
 * `value[key]`: https://github.com/hashicorp/hcl/blob/main/spec.md#index-operator. Has the marks of both. Messages
 * never contain the key's content, which may be a secret, unless the key has no marks.
 * @throws AccessError
 */
export function index(value: Value, key: Value): Value {
  if (value.kind === 'null')
    throw new AccessError('Index of null', 'This value is null, so it has no elements.');
  if (key.kind === 'null') throw new AccessError('Invalid index', 'Null is not the index of any element.');
  if (value.type.kind === 'dynamic' || key.type.kind === 'dynamic') return unknownOf(dynamicType, value, key);
  switch (value.type.kind) {
    case 'list':
    case 'tuple':
      return withMarks(elementAt(value, keyAs(key, numberType)), value.marks, key.marks);
    case 'map':
    case 'object':
      return withMarks(entryAt(value, keyAs(key, stringType), key), value.marks, key.marks);
    case 'set':
      throw new AccessError(
        'Invalid index',
        'Elements of a set have neither order nor key. Make a list of it first, or use a for expression.',
      );
    default:
      throw new AccessError('Invalid index', `A ${typeWords(value.type)} has no elements.`);
  }
}

function keyAs(key: Value, type: Type): Value {
  try {
    return convert(key, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new AccessError('Invalid index', `This is not an index: ${error.message}.`);
  }
}

function elementAt(value: Value, key: Value): Value {
  const { type } = value;
  if (type.kind !== 'list' && type.kind !== 'tuple') return unknownValue(dynamicType);
  if (key.kind !== 'number') return unknownValue(type.kind === 'list' ? type.element : dynamicType);
  const length = type.kind === 'tuple' ? type.elements.length : lengthOfList(value);
  const wanted = key.value;
  if (!wanted.isInteger) throw new AccessError('Invalid index', 'The index must be a whole number.');
  if (wanted.sign < 0) {
    throw new AccessError(
      'Invalid index',
      'The index must not be negative: elements are counted from 0 upwards.',
    );
  }
  const place = wanted.toSafeInteger() ?? Number.POSITIVE_INFINITY;
  if (length !== undefined && place >= length) {
    const has =
      length === 0
        ? 'There are no elements.'
        : length === 1
          ? 'There is only element 0.'
          : `The last element is ${length - 1}.`;
    throw new AccessError('Invalid index', `There is no element with this index. ${has}`);
  }
  if (value.kind === 'list' || value.kind === 'tuple') return value.items[place]!;
  return unknownValue(type.kind === 'list' ? type.element : type.elements[place]!);
}

function lengthOfList(value: Value): number | undefined {
  return value.kind === 'list' ? value.items.length : undefined;
}

function entryAt(value: Value, key: Value, given: Value): Value {
  const { type } = value;
  if (type.kind !== 'map' && type.kind !== 'object') return unknownValue(dynamicType);
  if (key.kind !== 'string') return unknownValue(type.kind === 'map' ? type.element : dynamicType);
  const found = lookUp(value, key.value);
  if (found) return found;
  const shown = given.marks.size === 0 ? ` ${JSON.stringify(key.value)}` : ' of this name';
  const what =
    type.kind === 'map' ? `This map has no element${shown}.` : `This object has no attribute${shown}.`;
  const hint =
    given.type.kind === 'number' && type.kind === 'object'
      ? ' Attributes of objects have names, not numbers.'
      : '';
  throw new AccessError('Invalid index', what + hint, given.marks.size === 0 ? namesOf(value) : []);
}

/**
 * `value.name`: https://github.com/hashicorp/hcl/blob/main/spec.md#attribute-access-operator
 * @throws AccessError
 */
export function attribute(value: Value, name: string): Value {
  if (value.kind === 'null') {
    throw new AccessError(
      'Attribute of null',
      `This value is null, so it has no attribute ${JSON.stringify(name)}.`,
    );
  }
  const { type } = value;
  switch (type.kind) {
    case 'dynamic':
      return unknownOf(dynamicType, value);
    case 'map':
    case 'object': {
      const found = lookUp(value, name);
      if (found) return withMarks(found, value.marks);
      throw type.kind === 'map'
        ? new AccessError(
            'Missing element',
            `This map has no element ${JSON.stringify(name)}.`,
            namesOf(value),
          )
        : new AccessError(
            'Unsupported attribute',
            `This object has no attribute ${JSON.stringify(name)}.`,
            namesOf(value),
          );
    }
    case 'list':
    case 'set':
    case 'tuple':
      throw new AccessError('Unsupported attribute', sequenceMessage(type, name));
    default:
      throw new AccessError('Unsupported attribute', `A ${typeWords(type)} has no attributes.`);
  }
}

function sequenceMessage(type: Type, name: string): string {
  const quoted = JSON.stringify(name);
  if (type.kind === 'set') {
    return `A set has no attributes. For the attribute ${quoted} of every element use a for expression.`;
  }
  return (
    `A ${type.kind} has no attributes. Say which element you mean, as in [0].${name}, ` +
    `or write [*].${name} for the attribute ${quoted} of all of them.`
  );
}

/** The entry, unknown when the value is, or undefined when there is none. */
function lookUp(value: Value, name: string): Value | undefined {
  if (value.kind === 'map' || value.kind === 'object') return value.entries.get(name);
  const { type } = value;
  if (type.kind === 'map') return unknownValue(type.element);
  const attribute = type.kind === 'object' ? type.attributes.get(name) : undefined;
  return attribute && unknownValue(attribute);
}

function namesOf(value: Value): readonly string[] {
  if (value.kind === 'map') return [...value.entries.keys()];
  return value.type.kind === 'object' ? [...value.type.attributes.keys()] : [];
}

function unknownOf(type: Type, ...from: readonly Value[]): Value {
  return withMarks(unknownValue(type), ...from.map(({ marks }) => marks));
}
