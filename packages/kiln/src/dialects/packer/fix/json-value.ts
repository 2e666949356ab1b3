import type { ValueNode } from '../value-node.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** A value without the places of its parts. */
export function plainValue(node: ValueNode): JsonValue {
  switch (node.kind) {
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainValue(value)]));
    case 'list':
      return node.items.map(plainValue);
    case 'null':
    case 'unknown':
      return null;
    default:
      return node.value;
  }
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function without(object: JsonObject, ...keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/**
 * JSON as Go's encoder writes it from maps: keys in the order of their UTF-8 bytes, two spaces a level. `<`, `>` and `&`
 * stay readable.
 */
export function goJson(value: JsonValue, indent = ''): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return bracketed(
      '[]',
      indent,
      value.map((item) => `${inner}${goJson(item, inner)}`),
    );
  }
  if (isObject(value)) {
    const keys = Object.keys(value).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return bracketed(
      '{}',
      indent,
      keys.map((key) => `${inner}${goText(key)}: ${goJson(value[key]!, inner)}`),
    );
  }
  return typeof value === 'string' ? goText(value) : JSON.stringify(value);
}

function bracketed(brackets: string, indent: string, lines: readonly string[]): string {
  if (lines.length === 0) return brackets;
  return `${brackets[0]}\n${lines.join(',\n')}\n${indent}${brackets[1]}`;
}

/** Go escapes the line ends of Unicode too. */
function goText(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
