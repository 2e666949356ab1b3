import { parseDuration } from '../../base/durations.ts';
import type { ScalarNode } from './value-node.ts';

/** Reading of values as forgiving as Packer's: `"10"` is a number, `1` is true. Undefined when it cannot be. */

const truths: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
  '': false,
};

export function weakBoolean(node: ScalarNode): boolean | undefined {
  if (node.kind === 'null') return false;
  if (node.kind === 'unknown') return undefined;
  if (node.kind === 'boolean') return node.value;
  if (node.kind === 'number') return node.value !== 0;
  return Object.hasOwn(truths, node.value) ? truths[node.value] : undefined;
}

export function weakInteger(node: ScalarNode): number | undefined {
  if (node.kind === 'null') return 0;
  if (node.kind === 'unknown') return undefined;
  if (node.kind === 'boolean') return node.value ? 1 : 0;
  if (node.kind === 'number') return Number.isInteger(node.value) ? node.value : undefined;
  if (node.value === '') return 0;
  const text = node.value.replace(/^([+-]?)0([0-7]+)$/, '$10o$2');
  const match = /^([+-]?)(\d+|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/.exec(text);
  return match ? Number(match[2]) * (match[1] === '-' ? -1 : 1) : undefined;
}

export function weakString(node: ScalarNode): string | undefined {
  if (node.kind === 'null') return '';
  if (node.kind === 'unknown') return undefined;
  if (node.kind === 'boolean') return node.value ? '1' : '0';
  if (node.kind === 'number') return Number.isSafeInteger(node.value) ? String(node.value) : node.text;
  return node.value;
}

/** Milliseconds. A bare number counts nanoseconds, as Go's durations do. */
export function weakDuration(node: ScalarNode): number | undefined {
  if (node.kind === 'null') return 0;
  if (node.kind === 'number') return node.value / 1e6;
  if (node.kind === 'boolean' || node.kind === 'unknown') return undefined;
  return node.value === '' ? undefined : parseDuration(node.value);
}
