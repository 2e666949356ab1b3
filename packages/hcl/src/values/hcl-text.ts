import { isBareKey } from './bare-key.ts';
import type { BigFloat } from './big-float.ts';
import { formatDecimal } from './big-float-text.ts';
import type { ShowOptions } from './show.ts';
import { sensitiveMark, type Value } from './value.ts';

/**
 * The value as an expression of the language that evaluates to it, over several lines: lists, sets and tuples all as
 * `[…]`, maps and objects as `{…}`, so what is read again may have to be converted to the type.
 *
 * What the language has no words for is named in angle brackets, for people to read: `<unknown>`, `<sensitive>` for
 * secrets unless they are asked for, `<infinity>`, values of the host program.
 */
export function toHclText(value: Value, options: ShowOptions = {}): string {
  return written(value, '', options);
}

function written(value: Value, indent: string, options: ShowOptions): string {
  if (options.secrets !== true && value.marks.has(sensitiveMark)) return '<sensitive>';
  const inner = `${indent}  `;
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'unknown':
      return '<unknown>';
    case 'string':
      return quoteHcl(value.value);
    case 'bool':
      return value.value ? 'true' : 'false';
    case 'number':
      return numberText(value.value);
    case 'capsule':
      return `<${value.type.name}>`;
    case 'list':
    case 'set':
    case 'tuple': {
      const texts = value.items.map((item) => written(item, inner, options));
      const line = `[${texts.join(', ')}]`;
      if (!line.includes('\n') && indent.length + line.length <= 80) return line;
      return `[\n${texts.map((text) => `${inner}${text},\n`).join('')}${indent}]`;
    }
    case 'map':
    case 'object': {
      const keys = [...value.entries.keys()].map(keyText);
      const texts = [...value.entries.values()].map((item) => written(item, inner, options));
      if (keys.length === 0) return '{}';
      const lines = alignedEquals(keys, texts).map((line) => `${inner}${line}\n`);
      return `{\n${lines.join('')}${indent}}`;
    }
  }
}

/** The signs of neighbouring lines stand below each other, as the formatter wants it; values of several lines alone. */
function alignedEquals(keys: readonly string[], texts: readonly string[]): string[] {
  const lines: string[] = [];
  let start = 0;
  while (start < keys.length) {
    let end = start;
    while (end < keys.length && !texts[end]!.includes('\n')) end += 1;
    if (end === start) end += 1;
    const width = Math.max(...keys.slice(start, end).map((key) => [...key].length));
    for (let index = start; index < end; index++) {
      const padding = ' '.repeat(width - [...keys[index]!].length);
      lines.push(`${keys[index]!}${padding} = ${texts[index]!}`);
    }
    start = end;
  }
  return lines;
}

function keyText(key: string): string {
  return isBareKey(key) ? key : quoteHcl(key);
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * A string in quotes, with what would start an interpolation escaped:
 * https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions
 */
export function quoteHcl(text: string): string {
  const quoted = text
    .toWellFormed()
    .replace(/["\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]/g, (character) => {
      return escapes.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    })
    .replace(/[$%]\{/g, (start) => start[0] + start);
  return `"${quoted}"`;
}

/** Digits, and an exponent where there would be very many zeros. */
function numberText(number: BigFloat): string {
  if (number.isInfinite) return number.sign < 0 ? '<negative infinity>' : '<infinity>';
  const text = formatDecimal(number);
  if (text.length <= 60) return text;
  const integer = /^(-?\d+?)(0+)$/.exec(text);
  if (integer) return shorter(text, `${integer[1]}e${integer[2]!.length}`);
  const fraction = /^(-?)0\.(0+)(\d+)$/.exec(text);
  if (!fraction) return text;
  const [, sign, zeros, digits] = fraction as unknown as [string, string, string, string];
  return shorter(text, `${sign}${digits}e-${zeros.length + digits.length}`);
}

function shorter(a: string, b: string): string {
  return b.length < a.length ? b : a;
}
