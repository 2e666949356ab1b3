import { isMap, isScalar, isSeq } from 'yaml';
import type { Shape } from './shape.ts';

/** What was expected, as it reads after "expected". */
export function expectationOf(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.expected ?? (shape.script ? 'a script' : 'text');
    case 'whole-number':
      return `a whole number from ${shape.min} to ${shape.max}`;
    case 'switch':
      return 'true or false';
    case 'choice':
      return alternatives(shape.choices);
    case 'notation':
      return shape.expected;
    case 'list':
      return `a list ("- …" lines) of ${pluralOf(shape.of)}`;
    case 'named':
      return `a mapping with ${shape.key.what} on each line`;
    case 'record':
      return `a mapping with ${fieldNames(Object.keys(shape.fields))}`;
    case 'action':
      return `a mapping with one of ${enumerate(Object.keys(shape.actions), 'or')}`;
    case 'one-of':
      return shape.of
        .filter((one) => one.kind !== 'nothing')
        .map(expectationOf)
        .join(', or ');
    case 'placed-text':
      return shape.expected;
    case 'nothing':
      return 'nothing';
    case 'resettable':
    case 'foreign':
      return expectationOf(shape.of);
  }
}

/** What stands in the file, as it reads after "found". Never shows a variable's value. */
export function describeNode(node: unknown): string {
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === null) return 'nothing';
  const written = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  return JSON.stringify(written.length > 40 ? `${written.slice(0, 40)}…` : written);
}

/** `a, b or c`. */
export function enumerate(words: readonly string[], joint: 'and' | 'or'): string {
  return words.length < 2
    ? (words[0] ?? '')
    : `${words.slice(0, -1).join(', ')} ${joint} ${words[words.length - 1]}`;
}

export function alternatives(choices: readonly string[]): string {
  return enumerate(
    choices.map((one) => `"${one}"`),
    'or',
  );
}

function pluralOf(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.script ? 'lines' : 'texts';
    case 'action':
      return `${shape.what.replace(/^an? /, '')}s`;
    case 'record':
      return 'mappings';
    case 'notation':
      return `entries, each ${shape.expected}`;
    case 'resettable':
      return pluralOf(shape.of);
    default:
      return `${expectationOf(shape)} each`;
  }
}

function fieldNames(names: readonly string[]): string {
  return names.length > 4 ? `fields such as ${enumerate(names.slice(0, 3), 'and')}` : enumerate(names, 'and');
}
