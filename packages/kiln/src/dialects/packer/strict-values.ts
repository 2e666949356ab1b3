import { parseDuration } from '../../base/durations.ts';
import type { ScalarNode } from './value-node.ts';
import { weakInteger } from './weak-values.ts';

/**
 * Reading of values as HCL2 converts them (https://github.com/hashicorp/hcl/blob/main/spec.md#conversion-rules): texts,
 * numbers and booleans become texts, texts that look like a number or boolean become one, and nothing else.
 * Undefined when it cannot be.
 */

const truths: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

export function strictBoolean(node: ScalarNode): boolean | undefined {
  if (node.kind === 'boolean') return node.value;
  if (node.kind !== 'string') return undefined;
  return Object.hasOwn(truths, node.value) ? truths[node.value] : undefined;
}

export function strictInteger(node: ScalarNode): number | undefined {
  if (node.kind === 'boolean' || node.kind === 'null') return undefined;
  if (node.kind === 'string' && !/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(node.value)) return undefined;
  if (node.kind === 'string') {
    const value = Number(node.value);
    return Number.isInteger(value) ? value : undefined;
  }
  return weakInteger(node);
}

export function strictString(node: ScalarNode): string | undefined {
  switch (node.kind) {
    case 'string':
      return node.value;
    case 'number':
      return node.text;
    case 'boolean':
      return String(node.value);
    default:
      return undefined;
  }
}

/** Milliseconds. Durations are texts in HCL2, so that a bare number lacks its unit. */
export function strictDuration(node: ScalarNode): number | undefined {
  const text = strictString(node);
  return text === undefined || text === '' ? undefined : parseDuration(text);
}
