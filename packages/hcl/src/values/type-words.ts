import { isBareKey } from './bare-key.ts';
import { quoteHcl } from './hcl-text.ts';
import type { Type } from './type.ts';

/** The type as messages name it: `list of string`, `object`, `any type`. */
export function typeWords(type: Type): string {
  switch (type.kind) {
    case 'dynamic':
      return 'any type';
    case 'list':
    case 'set':
    case 'map':
      return `${type.kind} of ${type.element.kind === 'dynamic' ? 'any single type' : typeWords(type.element)}`;
    case 'capsule':
      return type.name;
    default:
      return type.kind;
  }
}

/** The same with an article: `a list of string`, `an object`. */
export function aType(type: Type): string {
  const words = typeWords(type);
  if (type.kind === 'dynamic') return words;
  return `${/^[aeiou]/i.test(words) ? 'an' : 'a'} ${words}`;
}

/**
 * The type as a type expression of the language: `list(string)`, `object({a=number, b=optional(bool)})`, `any`. Two
 * types have the same text exactly when they are the same type.
 */
export function typeExpression(type: Type): string {
  switch (type.kind) {
    case 'dynamic':
      return 'any';
    case 'list':
    case 'set':
    case 'map':
      return `${type.kind}(${typeExpression(type.element)})`;
    case 'tuple':
      return `tuple([${type.elements.map(typeExpression).join(', ')}])`;
    case 'object': {
      const attributes = [...type.attributes].map(([name, attribute]) => {
        const text = typeExpression(attribute);
        return `${attributeName(name)}=${type.optional.has(name) ? `optional(${text})` : text}`;
      });
      return `object({${attributes.join(', ')}})`;
    }
    case 'capsule':
      return `capsule(${JSON.stringify(type.name)})`;
    default:
      return type.kind;
  }
}

function attributeName(name: string): string {
  return isBareKey(name) ? name : quoteHcl(name);
}
