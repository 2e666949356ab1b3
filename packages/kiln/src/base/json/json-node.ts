import type { SourceLocation } from '../errors.ts';

/** A value of JSON together with the place where it stands. */
export type JsonNode = JsonScalar | JsonList | JsonMap;

export type JsonScalar =
  | { readonly kind: 'string'; readonly at: SourceLocation; readonly value: string }
  | { readonly kind: 'number'; readonly at: SourceLocation; readonly value: number; readonly text: string }
  | { readonly kind: 'boolean'; readonly at: SourceLocation; readonly value: boolean }
  | { readonly kind: 'null'; readonly at: SourceLocation };

export interface JsonList {
  readonly kind: 'list';
  readonly at: SourceLocation;
  readonly items: readonly JsonNode[];
}

export interface JsonMap {
  readonly kind: 'map';
  readonly at: SourceLocation;
  readonly entries: readonly JsonEntry[];
}

export interface JsonEntry {
  readonly key: string;
  readonly keyAt: SourceLocation;
  readonly value: JsonNode;
}
