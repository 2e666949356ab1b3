import { append } from '../append.ts';
import type { Read } from '../body.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import { suggestName } from '../diagnostics/suggestion.ts';
import type { CallNode, ExpressionNode } from '../syntax/nodes.ts';
import { ConversionError, convert } from '../values/convert.ts';
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
} from '../values/type.ts';
import type { Value } from '../values/value.ts';
import type { Defaults } from './type-defaults.ts';

/** Evaluates the default of an optional attribute. */
type EvaluateDefault = (node: ExpressionNode) => Read<Value>;

interface ReadType {
  readonly type: Type;
  readonly defaults: Defaults | undefined;
}

/**
 * Reads an expression as a type: https://github.com/hashicorp/hcl/blob/main/ext/typeexpr/README.md Where it is none,
 * the type is dynamic. Without `evaluateDefault`, optional attributes can have no defaults.
 */
export function readType(
  source: Source,
  node: ExpressionNode,
  diagnostics: Diagnostic[],
  evaluateDefault?: EvaluateDefault,
): ReadType {
  return new TypeReader(source, diagnostics, evaluateDefault).read(node);
}

const primitives = new Map<string, Type>([
  ['string', stringType],
  ['number', numberType],
  ['bool', boolType],
  ['any', dynamicType],
]);
const collections = new Map<string, (element: Type) => Type>([
  ['list', listType],
  ['set', setType],
  ['map', mapType],
]);
const typeNames = [...primitives.keys(), ...collections.keys(), 'object', 'tuple'];
const examples: Readonly<Record<string, string>> = {
  list: 'the type of its elements, as in list(string)',
  set: 'the type of its elements, as in set(string)',
  map: 'the type of its elements, as in map(string)',
  object: 'its attributes with their types, as in object({ name = string })',
  tuple: 'the types of its elements, as in tuple([string, number])',
};
const noType: ReadType = { type: dynamicType, defaults: undefined };

class TypeReader {
  readonly #source: Source;
  readonly #diagnostics: Diagnostic[];
  readonly #evaluateDefault: EvaluateDefault | undefined;

  constructor(source: Source, diagnostics: Diagnostic[], evaluateDefault: EvaluateDefault | undefined) {
    this.#source = source;
    this.#diagnostics = diagnostics;
    this.#evaluateDefault = evaluateDefault;
  }

  read(node: ExpressionNode): ReadType {
    if (node.kind === 'variable') return this.#word(node, node.name);
    if (node.kind === 'call') return this.#call(node);
    return this.#fail(
      node,
      'A type is one of string, number, bool and any, or made from others, as in list(string).',
    );
  }

  #fail(
    at: { start: number; end: number },
    detail: string,
    summary = 'Invalid type specification',
  ): ReadType {
    const subject = this.#source.range(at.start, at.end);
    this.#diagnostics.push({ severity: 'error', summary, detail, subject });
    return noType;
  }

  #word(node: ExpressionNode, name: string): ReadType {
    const primitive = primitives.get(name);
    if (primitive) return { type: primitive, defaults: undefined };
    if (Object.hasOwn(examples, name)) return this.#fail(node, `The type ${name} needs ${examples[name]}.`);
    return this.#unknownName(node, name);
  }

  #unknownName(at: { start: number; end: number }, name: string): ReadType {
    const suggestion = suggestName(name, typeNames);
    return this.#fail(at, `There is no type "${name}".${suggestion ? ` Did you mean "${suggestion}"?` : ''}`);
  }

  #call(node: CallNode): ReadType {
    const { name } = node;
    if (primitives.has(name)) {
      return this.#fail(
        { start: node.openParenthesis, end: node.end },
        `The type ${name} takes no arguments.`,
      );
    }
    if (name === 'optional') {
      return this.#fail(
        node,
        'Only the attributes of an object type can be optional, as in object({ name = optional(string) }).',
      );
    }
    if (!Object.hasOwn(examples, name))
      return this.#unknownName({ start: node.start, end: node.nameEnd }, name);
    const [argument] = node.arguments;
    if (!argument || node.arguments.length > 1 || node.expands) {
      const at = node.arguments[1] ?? { start: node.openParenthesis, end: node.end };
      return this.#fail(at, `The type ${name} takes one argument: ${examples[name]}.`);
    }
    if (name === 'object') return this.#object(argument);
    if (name === 'tuple') return this.#tuple(argument);
    const { type: element, defaults } = this.read(argument);
    const type = collections.get(name)!(element);
    return { type, defaults: defaults && { type, values: new Map(), children: new Map([['', defaults]]) } };
  }

  #tuple(node: ExpressionNode): ReadType {
    if (node.kind !== 'tuple') return this.#fail(node, `The type tuple needs ${examples.tuple}.`);
    const elements = node.elements.map((element) => this.read(element));
    const type = tupleType(elements.map((element) => element.type));
    const children = new Map<string, Defaults>();
    for (const [index, { defaults }] of elements.entries())
      if (defaults) children.set(String(index), defaults);
    return { type, defaults: children.size > 0 ? { type, values: new Map(), children } : undefined };
  }

  #object(node: ExpressionNode): ReadType {
    if (node.kind !== 'object') return this.#fail(node, `The type object needs ${examples.object}.`);
    const types = new Map<string, Type>();
    const optional = new Set<string>();
    const values = new Map<string, Value>();
    const children = new Map<string, Defaults>();
    for (const { key, value } of node.items) {
      const name = key.kind === 'key' ? key.name : undefined;
      if (name === undefined) {
        this.#fail(key, 'The attributes of an object type are plain names.');
        continue;
      }
      if (types.has(name)) {
        this.#fail(key, `The attribute "${name}" has a type already.`);
        continue;
      }
      const attribute = this.#attribute(value);
      types.set(name, attribute.type);
      if (attribute.optional) optional.add(name);
      if (attribute.fallback) values.set(name, attribute.fallback);
      if (attribute.defaults) children.set(name, attribute.defaults);
    }
    const type = objectType(types, optional);
    return { type, defaults: values.size + children.size > 0 ? { type, values, children } : undefined };
  }

  #attribute(
    node: ExpressionNode,
  ): ReadType & { readonly optional: boolean; readonly fallback?: Value | undefined } {
    if (node.kind !== 'call' || node.name !== 'optional') return { ...this.read(node), optional: false };
    const [typeNode, defaultNode, ...more] = node.arguments;
    if (!typeNode) {
      this.#fail(node, 'An optional attribute needs a type, as in optional(string).');
      return { ...noType, optional: true };
    }
    const read = this.read(typeNode);
    if (!defaultNode) return { ...read, optional: true };
    if (more.length > 0 || !this.#evaluateDefault) {
      this.#fail(
        more[0] ?? defaultNode,
        this.#evaluateDefault
          ? 'An optional attribute has a type and at most one default.'
          : 'An optional attribute can have no default here.',
      );
      return { ...read, optional: true };
    }
    return {
      ...read,
      optional: true,
      fallback: this.#fallback(defaultNode, read.type, this.#evaluateDefault),
    };
  }

  #fallback(node: ExpressionNode, type: Type, evaluateDefault: EvaluateDefault): Value | undefined {
    const { value, diagnostics } = evaluateDefault(node);
    append(this.#diagnostics, diagnostics);
    if (hasErrors(diagnostics)) return undefined;
    try {
      return convert(value, type);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      this.#fail(
        node,
        `This default does not have the type of its attribute: ${error.message}.`,
        'Invalid default value for optional attribute',
      );
      return undefined;
    }
  }
}
