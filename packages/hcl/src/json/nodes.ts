import type { BigFloat } from '../values/big-float.ts';

/** A JSON text as a tree: https://github.com/hashicorp/hcl/blob/main/json/spec.md Offsets are those of its source. */
export type JsonNode =
  | JsonString
  | JsonArray
  | JsonObject
  | (JsonSpan & { readonly kind: 'null' })
  | (JsonSpan & { readonly kind: 'bool'; readonly value: boolean })
  | (JsonSpan & { readonly kind: 'number'; readonly value: BigFloat })
  /** What could not be understood, which was told. */
  | (JsonSpan & { readonly kind: 'invalid' });

export interface JsonSpan {
  readonly start: number;
  readonly end: number;
}

export interface JsonString extends JsonSpan {
  readonly kind: 'string';
  /** Without quotes, escapes resolved. */
  readonly value: string;
}

export interface JsonArray extends JsonSpan {
  readonly kind: 'array';
  readonly elements: readonly JsonNode[];
}

export interface JsonObject extends JsonSpan {
  readonly kind: 'object';
  /** In order of appearance; names may occur more than once. */
  readonly properties: readonly JsonProperty[];
}

export interface JsonProperty {
  readonly name: JsonString;
  readonly value: JsonNode;
}
