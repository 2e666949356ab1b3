import { formatDecimal } from '../../values/big-float-text.ts';
import type { Value } from '../../values/value.ts';
import { entriesOf } from '../support/entries.ts';
import { itemsOf } from '../support/sequences.ts';
import { YamlWriter } from './yaml-writer.ts';

/** A value has no form in YAML. */
export class YamlEncodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'YamlEncodeError';
  }
}

/** Longer keys, and those of several lines, are written after a question mark. */
const maxSimpleKey = 128;
const indentStep = 2;
const maxDepth = 1000;

/** Where a node stands. */
interface Place {
  /** Of the collection around it; -1 outside of all. */
  readonly indent: number;
  readonly depth: number;
  readonly isMappingValue?: boolean;
  readonly isSimpleKey?: boolean;
}

/**
 * A wholly known value as YAML, in the layout that libyaml gives it: block style, strings always quoted or, with line
 * breaks, literal, so that no reader takes them for something else.
 * @throws YamlEncodeError
 */
export function emitYaml(value: Value): string {
  const writer = new YamlWriter();
  emitNode(writer, value, { indent: -1, depth: 0 });
  writer.startLine(0);
  // A lone plain scalar would go on, were the document not ended.
  const isPlain = value.kind === 'null' || value.kind === 'number' || value.kind === 'bool';
  return writer.text + (isPlain ? '...\n' : '');
}

function emitNode(writer: YamlWriter, value: Value, place: Place): void {
  if (place.depth > maxDepth) throw new YamlEncodeError(`The value is nested more than ${maxDepth} deep.`);
  switch (value.kind) {
    case 'null':
      writer.plain('null');
      return;
    case 'bool':
      writer.plain(String(value.value));
      return;
    case 'number':
      writer.plain(formatDecimal(value.value));
      return;
    case 'string':
      emitString(writer, value.value, place);
      return;
    case 'list':
    case 'set':
    case 'tuple':
      emitSequence(writer, itemsOf(value), place);
      return;
    case 'map':
    case 'object':
      emitMapping(writer, entriesOf(value), place);
      return;
    default:
      throw new YamlEncodeError('The value has no form in YAML.');
  }
}

function emitString(writer: YamlWriter, text: string, { indent, isSimpleKey }: Place): void {
  const inner = Math.max(indent, 0) + indentStep;
  if (text.includes('\n') && !isSimpleKey && canBeLiteral(text)) writer.literal(text, inner);
  else writer.doubleQuoted(text, inner, !isSimpleKey);
}

/** Characters that would have to be escaped, and spaces before a line break or at the end, need quotes. */
function canBeLiteral(text: string): boolean {
  return (
    !/ [\n\r\x85\u2028\u2029]| $/.test(text) &&
    !/[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(text)
  );
}

function emitSequence(writer: YamlWriter, items: readonly Value[], place: Place): void {
  if (items.length === 0) {
    writer.indicator('[', { spaceBefore: true, isSpace: true });
    writer.indicator(']');
    return;
  }
  // In a mapping the items stand below the key, unless its value begins a line of its own.
  const indent = increased(place.indent, place.isMappingValue === true && !writer.isIndention);
  for (const item of items) {
    writer.startLine(indent);
    writer.indicator('-', { spaceBefore: true, isIndention: true });
    emitNode(writer, item, { indent, depth: place.depth + 1 });
  }
}

function emitMapping(writer: YamlWriter, entries: ReadonlyMap<string, Value>, place: Place): void {
  if (entries.size === 0) {
    writer.indicator('{', { spaceBefore: true, isSpace: true });
    writer.indicator('}');
    return;
  }
  const indent = increased(place.indent, false);
  const depth = place.depth + 1;
  for (const [key, value] of entries) {
    writer.startLine(indent);
    const isSimple = !/[\n\r\x85\u2028\u2029]/.test(key) && Buffer.byteLength(key) <= maxSimpleKey;
    if (isSimple) {
      emitString(writer, key, { indent, depth, isSimpleKey: true });
      writer.indicator(':');
    } else {
      writer.indicator('?', { spaceBefore: true, isIndention: true });
      emitString(writer, key, { indent, depth });
      writer.startLine(indent);
      writer.indicator(':', { spaceBefore: true, isIndention: true });
    }
    emitNode(writer, value, { indent, depth, isMappingValue: true });
  }
}

function increased(indent: number, isIndentless: boolean): number {
  if (indent < 0) return 0;
  return isIndentless ? indent : indent + indentStep;
}
