import { format } from '../format/format.ts';
import { isIdentifier } from '../syntax/characters.ts';
import { quoteHcl, toHclText } from '../values/hcl-text.ts';
import { fromPlain } from '../values/plain.ts';
import type { Value } from '../values/value.ts';
import { Code } from './code.ts';
import { heredoc } from './heredoc.ts';
import { type Writable, WriteError, type WriteOptions } from './writable.ts';

/**
 * The expression that evaluates to what is given, in the canonical style. Lists, sets and tuples are written alike, as
 * are maps and objects, so a reader may have to convert to the type. Marks are not written: look before whether it is
 * right to show a secret.
 * @throws WriteError for what the language has no words for: unknown values, infinity, values of the host program
 */
export function hclText(value: Writable, options: WriteOptions = {}): string {
  return format(writtenText(value, 0, options));
}

/** Like `hclText`, but only lines of heredocs are indented; `depth` counts the blocks and brackets around. */
export function writtenText(value: Writable, depth: number, options: WriteOptions): string {
  if (value instanceof Code) return value.text;
  if (isArray(value)) return list(value, depth, options);
  if (typeof value === 'string') return quoteHcl(value);
  if (typeof value === 'number' && Number.isNaN(value))
    throw new WriteError('Not a number cannot be written.');
  if (value === null || typeof value !== 'object') return valueText(fromPlain(value), depth, options);
  if (isValue(value)) return valueText(value, depth, options);
  return object(Object.entries(value), depth, options);
}

function valueText(value: Value, depth: number, options: WriteOptions): string {
  switch (value.kind) {
    case 'list':
    case 'set':
    case 'tuple':
      return list(value.items, depth, options);
    case 'map':
    case 'object':
      return object([...value.entries], depth, options);
    case 'unknown':
      throw new WriteError('A value that is not known yet cannot be written.');
    case 'capsule':
      throw new WriteError(`A value of the type ${value.type.name} cannot be written.`);
    case 'number':
      if (value.value.isInfinite) throw new WriteError('An infinite number cannot be written.');
  }
  return toHclText(value, { secrets: true });
}

function list(items: readonly Writable[], depth: number, options: WriteOptions): string {
  const texts = items.map((item) => writtenText(item, depth + 1, options));
  const line = `[${texts.join(', ')}]`;
  const limit = options.lineLength ?? 80;
  if (limit === Infinity || (!line.includes('\n') && 2 * depth + line.length <= limit)) return line;
  return `[\n${texts.map((text) => `${text},\n`).join('')}]`;
}

function object(
  entries: readonly (readonly [string, Writable | undefined])[],
  depth: number,
  options: WriteOptions,
) {
  const lines = entries.flatMap(([key, item]) => {
    return item === undefined ? [] : [`${keyText(key)} = ${assignedText(item, depth + 1, options)}\n`];
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join('')}}`;
}

/** What stands after a `=` on its own line, where it may be a heredoc. */
export function assignedText(value: Writable, depth: number, options: WriteOptions): string {
  const text = typeof value === 'string' ? value : isString(value) ? value.value : undefined;
  const asHeredoc = options.heredocs && text !== undefined && heredoc(text, '  '.repeat(depth));
  return asHeredoc || writtenText(value, depth, options);
}

/** A name where it cannot be taken for something else, otherwise a text. */
function keyText(key: string): string {
  const isWord = key === 'for' || key === 'null' || key === 'true' || key === 'false';
  return isIdentifier(key) && !isWord ? key : quoteHcl(key);
}

function isArray(value: Writable): value is readonly Writable[] {
  return Array.isArray(value);
}

function isString(value: Writable): value is Value & { kind: 'string' } {
  return typeof value === 'object' && value !== null && isValue(value) && value.kind === 'string';
}

/** No object of plain data holds a set. */
function isValue(value: object): value is Value {
  return 'marks' in value && value.marks instanceof Set && 'kind' in value;
}
