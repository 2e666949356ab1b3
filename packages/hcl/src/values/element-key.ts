import { formatDecimal, formatGeneral } from './big-float-text.ts';
import type { Value } from './value.ts';

/**
 * A text that is the same for two values of one type exactly when they are equal, or undefined when something inside is
 * unknown: that is not equal to anything. Marks do not count.
 */
export function elementKey(value: Value): string | undefined {
  switch (value.kind) {
    case 'string':
      return JSON.stringify(value.value);
    case 'number':
      return value.value.isZero ? '0' : formatDecimal(value.value);
    case 'bool':
      return value.value ? 'T' : 'F';
    case 'null':
      return '~';
    case 'unknown':
      return undefined;
    case 'capsule':
      return `<${identityOf(value.value)}>`;
    case 'list':
    case 'set':
    case 'tuple': {
      const keys: string[] = [];
      for (const item of value.items) {
        const key = elementKey(item);
        if (key === undefined) return undefined;
        keys.push(key);
      }
      return `[${keys.join(',')}]`;
    }
    case 'map':
    case 'object': {
      const keys: string[] = [];
      for (const [name, item] of value.entries) {
        const key = elementKey(item);
        if (key === undefined) return undefined;
        keys.push(`${JSON.stringify(name)}:${key}`);
      }
      return `{${keys.join(',')}}`;
    }
  }
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

function identityOf(content: unknown): string {
  if ((typeof content !== 'object' && typeof content !== 'function') || content === null) {
    return `${typeof content} ${String(content)}`;
  }
  let identity = identities.get(content);
  if (identity === undefined) {
    lastIdentity += 1;
    identity = lastIdentity;
    identities.set(content, identity);
  }
  return String(identity);
}

/**
 * The text by which elements of sets that are neither strings, numbers nor bools are ordered, so that sets come out in
 * the order that Packer's users know: go-cty's, where numbers count with ten digits.
 */
export function orderKey(value: Value): string {
  switch (value.kind) {
    case 'string':
      return goQuoted(value.value);
    case 'number':
      return formatGeneral(value.value, 10);
    case 'bool':
      return value.value ? 'T' : 'F';
    case 'null':
      return '~';
    case 'unknown':
      return '?';
    case 'capsule':
      return '«?»';
    case 'list':
    case 'set':
      return `[${value.items.map((item) => `${orderKey(item)};`).join('')}]`;
    case 'tuple':
      return `<${value.items.map((item) => `${orderKey(item)};`).join('')}>`;
    case 'object':
      return `<${[...value.entries.values()].map((item) => `${orderKey(item)};`).join('')}>`;
    case 'map':
      return `{${[...value.entries].map(([key, item]) => `${goQuoted(key)}:${orderKey(item)};`).join('')}}`;
  }
}

const shortEscapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

/** As Go's `%q` writes a string. */
export function goQuoted(text: string): string {
  const quoted = text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (character) => {
    const short = shortEscapes.get(character);
    if (short !== undefined) return short;
    const code = character.codePointAt(0)!;
    // Half of a surrogate pair is no text.
    if (code >= 0xd800 && code < 0xe000) return '�';
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
    if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
    return `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return `"${quoted}"`;
}
