import { JsonError, type JsonNode, parseJson, quoteJson } from './json-text.ts';
import {
  boolType,
  dynamicType,
  listType,
  mapType,
  numberType,
  objectType,
  setType,
  stringType,
  type Type,
  tupleType,
} from './type.ts';

/**
 * The type in go-cty's JSON form, in which Packer's plugins are told types: `"string"`, `["list","string"]`,
 * `["object",{"a":"number"},["a"]]` with the names of optional attributes, `["tuple",["bool"]]`, `"dynamic"`.
 * @throws JsonError for types that have no such form
 */
export function encodeType(type: Type): string {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'map':
      return `["${type.kind}",${encodeType(type.element)}]`;
    case 'tuple':
      return `["tuple",[${type.elements.map(encodeType).join(',')}]]`;
    case 'object': {
      const attributes = [...type.attributes].map(
        ([name, attribute]) => `${quoteJson(name)}:${encodeType(attribute)}`,
      );
      const optional = [...type.attributes.keys()].filter((name) => type.optional.has(name)).map(quoteJson);
      return `["object",{${attributes.join(',')}}${optional.length > 0 ? `,[${optional.join(',')}]` : ''}]`;
    }
    case 'capsule':
      throw new JsonError(`values of the type ${type.name} exist only inside of this program`);
    default:
      return `"${type.kind}"`;
  }
}

/** @throws JsonError */
export function decodeType(text: string): Type {
  return typeOfNode(parseJson(text));
}

const simpleTypes: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['string', stringType],
  ['number', numberType],
  ['bool', boolType],
  ['dynamic', dynamicType],
]);

/** @throws JsonError */
export function typeOfNode(node: JsonNode): Type {
  if (node.kind === 'string') {
    const type = simpleTypes.get(node.value);
    if (type) return type;
    throw new JsonError(`${quoteJson(node.value)} is not the name of a type`);
  }
  if (node.kind !== 'array')
    throw new JsonError('a type is the name of a type, or an array that starts with one');
  const [kind, content, optional] = node.items;
  const name = kind?.kind === 'string' ? kind.value : '';
  const length = name === 'object' && optional ? 3 : 2;
  if (!content || node.items.length !== length) {
    throw new JsonError('the array of a type has its name and its content, and nothing else');
  }
  switch (name) {
    case 'list':
      return listType(typeOfNode(content));
    case 'set':
      return setType(typeOfNode(content));
    case 'map':
      return mapType(typeOfNode(content));
    case 'tuple':
      if (content.kind !== 'array') throw new JsonError('the elements of a tuple type must be an array');
      return tupleType(content.items.map(typeOfNode));
    case 'object':
      if (content.kind !== 'object')
        throw new JsonError('the attributes of an object type must be an object');
      return objectOf(content.members, optional);
    default:
      throw new JsonError(`${quoteJson(name)} is not a type with a content`);
  }
}

function objectOf(members: ReadonlyMap<string, JsonNode>, optional: JsonNode | undefined): Type {
  const attributes = [...members].map(([name, node]) => [name, typeOfNode(node)] as const);
  const names = optional === undefined ? [] : optional.kind === 'array' ? optional.items : [undefined];
  const set = new Set<string>();
  for (const node of names) {
    if (node?.kind !== 'string' || !members.has(node.value)) {
      throw new JsonError('the optional attributes of an object type must be an array of their names');
    }
    set.add(node.value);
  }
  return objectType(attributes, set);
}
