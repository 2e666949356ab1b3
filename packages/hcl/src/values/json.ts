import { formatDecimal, parseBigFloat } from './big-float-text.ts';
import { commonType } from './conversion/common-type.ts';
import { ConversionError } from './conversion/conversion-error.ts';
import { JsonError, type JsonNode, parseJson, quoteJson } from './json-text.ts';
import { describePath, type PathStep } from './path.ts';
import { setOf } from './set.ts';
import { type CollectionType, dynamicType, type Type } from './type.ts';
import { encodeType, typeOfNode } from './type-json.ts';
import { aType } from './type-words.ts';
import {
  boolValue,
  listValue,
  mapValue,
  nullValue,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
  type Value,
} from './value.ts';
import { stepsOf } from './walk.ts';

export { JsonError } from './json-text.ts';

/**
 * The value as JSON, in go-cty's form: members sorted by name, numbers with all their digits, `<`, `>` and `&` escaped.
 * Where the type given is dynamic, the value comes with its own type, as `{"value":…,"type":…}`, so that it can be read
 * again as it was; otherwise the difference of list and set is lost, for one.
 * @throws JsonError for what JSON cannot say: unknown values, infinity, values of the host program; and for values with
 * marks, because the text would not have them
 */
export function encodeJson(value: Value, type: Type = value.type): string {
  const parts: string[] = [];
  write(value, type, parts);
  return parts.join('');
}

function write(value: Value, type: Type, parts: string[]): void {
  if (value.marks.size > 0) throw new JsonError('a value with marks, such as a secret, cannot become JSON');
  if (type.kind === 'dynamic' && value.type.kind !== 'dynamic') {
    parts.push('{"value":');
    write(value, value.type, parts);
    parts.push(',"type":', encodeType(value.type), '}');
    return;
  }
  switch (value.kind) {
    case 'null':
      parts.push('null');
      return;
    case 'unknown':
      throw new JsonError('the value is not known yet');
    case 'string':
      parts.push(quoteJson(value.value));
      return;
    case 'bool':
      parts.push(value.value ? 'true' : 'false');
      return;
    case 'number':
      if (value.value.isInfinite) throw new JsonError('JSON has no infinity');
      parts.push(formatDecimal(value.value));
      return;
    case 'list':
    case 'set':
    case 'tuple': {
      let opening = '[';
      for (const [step, item] of stepsOf(value)) {
        parts.push(opening);
        opening = ',';
        inside(step, () => write(item, partType(type, step), parts));
      }
      parts.push(opening === '[' ? '[]' : ']');
      return;
    }
    case 'map':
    case 'object': {
      let opening = '{';
      for (const [step, item] of stepsOf(value)) {
        const name = step.kind === 'key' ? step.key : step.kind === 'attribute' ? step.name : '';
        parts.push(opening, quoteJson(name), ':');
        opening = ',';
        inside(step, () => write(item, partType(type, step), parts));
      }
      parts.push(opening === '{' ? '{}' : '}');
      return;
    }
    case 'capsule':
      throw new JsonError(`values of the type ${value.type.name} exist only inside of this program`);
  }
}

/** The type that the value is written for, one step further in. */
function partType(type: Type, step: PathStep): Type {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'map':
      return type.element;
    case 'tuple':
      return (step.kind === 'index' && type.elements[step.index]) || dynamicType;
    case 'object':
      return (step.kind === 'attribute' && type.attributes.get(step.name)) || dynamicType;
    default:
      return dynamicType;
  }
}

/**
 * The value that a JSON text says. Without a type, arrays become tuples and objects objects. With one, it must fit:
 * this is no conversion, except that strings, numbers and bools may be written as each other; and where the type is
 * dynamic the text must say the type, as `encodeJson` does.
 * @throws JsonError
 */
export function decodeJson(text: string, type?: Type): Value {
  const node = parseJson(text);
  return type ? read(node, type) : implied(node);
}

function implied(node: JsonNode): Value {
  switch (node.kind) {
    case 'null':
      return nullValue(dynamicType);
    case 'string':
      return stringValue(node.value);
    case 'bool':
      return boolValue(node.value);
    case 'number':
      return numberOf(node.text);
    case 'array':
      return tupleValue(node.items.map(implied));
    case 'object':
      return objectValue([...node.members].map(([name, member]) => [name, implied(member)] as const));
  }
}

function numberOf(text: string): Value {
  const number = parseBigFloat(text);
  if (typeof number === 'object') return numberValue(number);
  throw new JsonError(number === 'range' ? 'this number is out of range' : 'a number is required');
}

function read(node: JsonNode, type: Type): Value {
  if (node.kind === 'null') return nullValue(type);
  switch (type.kind) {
    case 'dynamic':
      return readWithType(node);
    case 'string':
      if (node.kind === 'string') return stringValue(node.value);
      if (node.kind === 'number') return stringValue(node.text);
      if (node.kind === 'bool') return stringValue(String(node.value));
      break;
    case 'number':
      if (node.kind === 'number') return numberOf(node.text);
      if (node.kind === 'string') return numberOf(node.value);
      break;
    case 'bool':
      if (node.kind === 'bool') return boolValue(node.value);
      if (node.kind === 'string' && /^(?:true|false|0|1)$/.test(node.value)) {
        return boolValue(node.value === 'true' || node.value === '1');
      }
      break;
    case 'list':
    case 'set':
      if (node.kind === 'array') {
        const items = node.items.map((item, index) =>
          inside({ kind: 'index', index }, () => read(item, type.element)),
        );
        const element = elementType(items, type);
        return type.kind === 'list' ? listValue(element, items) : setOf(element, items);
      }
      break;
    case 'tuple':
      if (node.kind === 'array') return readTuple(node.items, type.elements);
      break;
    case 'map':
      if (node.kind === 'object') {
        const entries = [...node.members].map(
          ([key, member]) => [key, inside({ kind: 'key', key }, () => read(member, type.element))] as const,
        );
        const items = entries.map(([, item]) => item);
        return mapValue(elementType(items, type), entries);
      }
      break;
    case 'object':
      if (node.kind === 'object') return readObject(node.members, type.attributes);
      break;
  }
  throw new JsonError(`${aType(type)} is required`);
}

/** Where the type is left open, the elements say it. */
function elementType(items: readonly Value[], collection: CollectionType): Type {
  try {
    return commonType(items, collection.element, collection.kind);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new JsonError(error.message);
  }
}

function readTuple(items: readonly JsonNode[], types: readonly Type[]): Value {
  if (items.length !== types.length) {
    throw new JsonError(`a tuple of ${types.length} elements is required, not of ${items.length}`);
  }
  return tupleValue(
    items.map((item, index) => inside({ kind: 'index', index }, () => read(item, types[index]!))),
  );
}

function readObject(members: ReadonlyMap<string, JsonNode>, types: ReadonlyMap<string, Type>): Value {
  for (const name of members.keys()) {
    if (!types.has(name)) throw new JsonError(`there must be no attribute ${quoteJson(name)}`);
  }
  const entries = [...types].map(([name, type]) => {
    const member = members.get(name) ?? { kind: 'null' };
    return [name, inside({ kind: 'attribute', name }, () => read(member, type))] as const;
  });
  return objectValue(entries);
}

function readWithType(node: JsonNode): Value {
  const members = node.kind === 'object' ? node.members : undefined;
  const [value, type] = [members?.get('value'), members?.get('type')];
  if (!value || !type || members?.size !== 2) {
    throw new JsonError(
      'an object with the members "value" and "type" is required, because the type is left open',
    );
  }
  return read(value, typeOfNode(type));
}

function inside<T>(step: PathStep, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new JsonError(`${describePath([step])}: ${error.message}`);
  }
}
