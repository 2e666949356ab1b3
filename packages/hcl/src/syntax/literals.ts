import type { Source } from '../diagnostics/source.ts';
import { parseBigFloat } from '../values/big-float-text.ts';
import { numberType } from '../values/type.ts';
import { numberValue, stringValue, unknownValue, type Value } from '../values/value.ts';
import type { LiteralNode } from './nodes.ts';

/**
 * Literals are what most files consist of, and most of them are never evaluated: these find out their values when
 * somebody asks.
 */
abstract class LazyLiteral implements LiteralNode {
  readonly kind = 'literal';
  readonly start: number;
  readonly end: number;
  readonly source: Source;
  known: Value | undefined = undefined;

  constructor(source: Source, start: number, end: number) {
    this.source = source;
    this.start = start;
    this.end = end;
  }

  get value(): Value {
    this.known ??= this.find(this.source.text.slice(this.start, this.end));
    return this.known;
  }

  abstract find(text: string): Value;
}

/** A text in quotes without escapes and sequences. */
export class QuotedLiteral extends LazyLiteral {
  override find(text: string): Value {
    return stringValue(text.slice(1, -1));
  }
}

/** A number that is written as one. */
export class NumberLiteral extends LazyLiteral {
  override find(text: string): Value {
    const number = parseBigFloat(text);
    return typeof number === 'string' ? unknownValue(numberType) : numberValue(number);
  }
}
