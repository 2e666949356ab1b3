import type { GoNumber } from './values.ts';

/** A template's syntax tree. Every node says at which offset of the source it stands. */
export type Statement =
  | { readonly kind: 'text'; readonly offset: number; readonly text: string }
  | { readonly kind: 'action'; readonly offset: number; readonly pipeline: Pipeline }
  | BranchStatement
  | {
      readonly kind: 'template';
      readonly offset: number;
      readonly name: string;
      readonly pipeline?: Pipeline;
    }
  | { readonly kind: 'break' | 'continue'; readonly offset: number };

export interface BranchStatement {
  readonly kind: 'if' | 'with' | 'range';
  readonly offset: number;
  readonly pipeline: Pipeline;
  readonly body: readonly Statement[];
  readonly otherwise?: readonly Statement[];
}

export interface Pipeline {
  readonly offset: number;
  /** Variables (with their dollar) that receive the value: at most two, and two only in a range. */
  readonly variables: readonly string[];
  /** The variables are set, not declared. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

/** An operand and its arguments. */
export interface Command {
  readonly offset: number;
  readonly operands: readonly Operand[];
}

export type Operand =
  | { readonly kind: 'function'; readonly offset: number; readonly name: string }
  | { readonly kind: 'dot' | 'nil'; readonly offset: number }
  | { readonly kind: 'field'; readonly offset: number; readonly path: readonly string[] }
  | {
      readonly kind: 'variable';
      readonly offset: number;
      readonly name: string;
      readonly path: readonly string[];
    }
  | {
      readonly kind: 'chain';
      readonly offset: number;
      readonly of: Operand;
      readonly path: readonly string[];
    }
  | { readonly kind: 'pipeline'; readonly offset: number; readonly pipeline: Pipeline }
  | { readonly kind: 'bool'; readonly offset: number; readonly value: boolean }
  | { readonly kind: 'number'; readonly offset: number; readonly value: GoNumber; readonly text: string }
  | { readonly kind: 'string'; readonly offset: number; readonly value: string };

/** A parsed template, ready to be executed any number of times. */
export interface Template {
  readonly source: string;
  readonly body: readonly Statement[];
  /** Bodies of `define` and `block`, by name. */
  readonly definitions: ReadonlyMap<string, readonly Statement[]>;
}
