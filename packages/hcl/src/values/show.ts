import type { BigFloat } from './big-float.ts';
import { formatG } from './big-float-text.ts';
import { goQuoted } from './element-key.ts';
import { sensitiveMark, type Value } from './value.ts';
import { isWhollyKnown } from './walk.ts';

export interface ShowOptions {
  /** Show secrets, too. Otherwise `<sensitive>` stands for them. */
  readonly secrets?: boolean;
}

/**
 * The value as `packer console` prints it: a string as it is, anything else in a notation like the language's, over
 * several lines. Numbers that are not whole are shortened to the precision of doubles; attributes that are null are
 * left out.
 */
export function showValue(value: Value, options: ShowOptions = {}): string {
  if (isHidden(value, options)) return '<sensitive>';
  if (!isWhollyKnown(value)) return '<unknown>';
  return value.kind === 'string' ? value.value : shown(value, '', options);
}

function isHidden(value: Value, options: ShowOptions): boolean {
  return options.secrets !== true && value.marks.has(sensitiveMark);
}

function shown(value: Value, indent: string, options: ShowOptions): string {
  if (isHidden(value, options)) return '<sensitive>';
  const inner = `${indent}  `;
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'unknown':
      return '<unknown>';
    case 'string':
      return goQuoted(value.value);
    case 'bool':
      return value.value ? 'true' : 'false';
    case 'number':
      return shownNumber(value.value);
    case 'capsule':
      return `<${value.type.name}>`;
    case 'list':
    case 'set':
    case 'tuple': {
      const lines = value.items.map((item) => `${inner}${shown(item, inner, options)},\n`);
      return lines.length === 0 ? '[]' : `[\n${lines.join('')}${indent}]`;
    }
    case 'map':
    case 'object': {
      const lines = [...value.entries].flatMap(([key, item]) => {
        if (item.kind === 'null' && !isHidden(item, options)) return [];
        return `${inner}${goQuoted(key)} = ${shown(item, inner, options)}\n`;
      });
      return lines.length === 0 ? '{}' : `{\n${lines.join('')}${indent}}`;
    }
  }
}

const [leastInteger, greatestInteger] = [-(2n ** 63n), 2n ** 63n - 1n];

/** Whole numbers of 64 bits in full, all others as doubles. */
function shownNumber(number: BigFloat): string {
  if (!number.isInteger) return formatG(number);
  const whole = number.toBigInt();
  return whole >= leastInteger && whole <= greatestInteger ? whole.toString() : formatG(number);
}
