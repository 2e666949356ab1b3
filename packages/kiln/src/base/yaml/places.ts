import type { SourceLocation } from '../errors.ts';

/** Where the values that were read stand in the file. */
export class Places {
  readonly #places = new Map<object, ValuePlaces>();

  /** Remembers where a mapping or list stands, and its members by key or index. */
  remember(
    value: object,
    whole: SourceLocation,
    members: ReadonlyMap<string | number, SourceLocation>,
  ): void {
    this.#places.set(value, { whole, members });
  }

  /** Place of a mapping or list, or of one of its members. */
  of(value: object, member?: string | number): SourceLocation {
    const found = this.#places.get(value);
    if (!found) throw new TypeError('this value was not read from the file');
    return (member === undefined ? undefined : found.members.get(member)) ?? found.whole;
  }

  /** Whether a field of a mapping stands in the file, be it right or wrong. */
  has(value: object, field: string): boolean {
    return this.#places.get(value)?.members.has(field) ?? false;
  }
}

interface ValuePlaces {
  readonly whole: SourceLocation;
  readonly members: ReadonlyMap<string | number, SourceLocation>;
}
