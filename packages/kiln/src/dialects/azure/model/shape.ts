import type { ApiVersion } from './api-version.ts';
import type { FaultCode } from './fault.ts';

/** What a value of a template may be. Rules between several fields stand in `check-rules.ts`. */
export type Shape =
  | TextShape
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly min?: number; readonly max?: number }
  | ChoiceShape
  | { readonly kind: 'list'; readonly of: Shape }
  /** Texts by any name. */
  | { readonly kind: 'texts' }
  /** Objects by ARM id, whose content is the service's. */
  | { readonly kind: 'identities' }
  /** Anything at all: said by the service, and ignored. */
  | { readonly kind: 'anything' }
  | ObjectShape
  | TaggedShape;

export interface TextShape {
  readonly kind: 'text';
  /** The whole text must match. */
  readonly pattern?: RegExp;
  /** What is expected, for a text that does not match: `an id such as …`. */
  readonly expected?: string;
  readonly code?: FaultCode;
  readonly mayBeEmpty?: boolean;
}

export interface ChoiceShape {
  readonly kind: 'choice';
  readonly values: readonly string[];
}

export interface ObjectShape {
  readonly kind: 'object';
  readonly fields: Fields;
}

/** An object whose `type` says which fields it has. */
export interface TaggedShape {
  readonly kind: 'tagged';
  /** For messages: `a customizer`. */
  readonly what: string;
  readonly variants: Readonly<Record<string, Variant>>;
  /** For an object without type, and for one of a type that there is not. */
  readonly missing: FaultCode;
  readonly unknown: FaultCode;
  /** Hints for types that people write, and that there are not. */
  readonly hints?: Readonly<Record<string, string>>;
}

export interface Variant {
  readonly fields: Fields;
  readonly since?: ApiVersion;
}

export type Fields = Readonly<Record<string, Field>>;

export interface Field {
  readonly shape: Shape;
  /** The code of the error when it is missing. */
  readonly required?: FaultCode;
  /** Versions before do not know it. */
  readonly since?: ApiVersion;
  /** Said by the service: nobody may set it, and sending it back is no mistake. */
  readonly readOnly?: boolean;
  /** Names by which people know it that are wrong here, and would not be guessed. */
  readonly alsoCalled?: readonly string[];
}
