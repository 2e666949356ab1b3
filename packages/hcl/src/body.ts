import type { Diagnostic } from './diagnostics/diagnostic.ts';
import type { Range } from './diagnostics/range.ts';
import type { EvalContext } from './eval/context.ts';
import type { Type } from './values/type.ts';
import type { Value } from './values/value.ts';

/**
 * The content of a file or block, whichever syntax it is written in. What it means depends on the schema that it is
 * asked with: https://github.com/hashicorp/hcl/blob/main/spec.md#schema-driven-processing
 */
export interface Body {
  readonly range: Range;
  /** Where something that should be there is said to be missing. */
  readonly missingItemRange: Range;
  /**
   * Set for the body of a block that a dynamic block makes when it is not known yet how many it will make. All its
   * values are unknown.
   */
  readonly unknown?: true;
  /** What the schema names. Anything else is an error. */
  content(schema: BodySchema): Read<BodyContent>;
  /** What the schema names, and a body of what is left. */
  partialContent(schema: BodySchema): Read<BodyContent> & { readonly rest: Body };
  /** Everything as attributes; blocks are errors. */
  justAttributes(): Read<ReadonlyMap<string, Attribute>>;
  /**
   * Everything, without a schema: for consumers that know names only later. JSON cannot tell blocks from attributes;
   * there everything is an attribute. What is wrong with dynamic blocks is added to the diagnostics.
   */
  everything(diagnostics?: Diagnostic[]): BodyContent;
}

/** A result with what there is to say about it. After errors the result is as complete as it can be. */
export interface Read<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

export interface BodySchema {
  readonly attributes?: readonly { readonly name: string; readonly required?: boolean }[];
  readonly blocks?: readonly { readonly type: string; readonly labels?: readonly string[] }[];
}

export interface BodyContent {
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** In order of appearance. */
  readonly blocks: readonly Block[];
}

export interface Attribute {
  readonly name: string;
  readonly expression: Expression;
  readonly nameRange: Range;
  /** The whole attribute. */
  readonly range: Range;
}

export interface Block {
  readonly type: string;
  readonly labels: readonly string[];
  readonly body: Body;
  /** The type, the labels. */
  readonly headerRange: Range;
  readonly typeRange: Range;
  readonly labelRanges: readonly Range[];
}

export interface Expression {
  readonly range: Range;
  /** Variables that it brings along and that hide those of a context: the iterators of dynamic blocks around it. */
  readonly own?: ReadonlyMap<string, Value>;
  /** Never throws for what the expression says. After an error the value is unknown. */
  evaluate(context?: EvalContext): Read<Value>;
  /** What the expression refers to outside of itself, for graphs of dependencies. */
  variables(): readonly Traversal[];
  /** The expression as a fixed path such as `source.qemu.base`, or undefined. */
  asTraversal(): Traversal | undefined;
  /** The elements of a list written out, or undefined. */
  asList(): readonly Expression[] | undefined;
  /** The items of an object written out, or undefined. */
  asMap(): readonly { readonly key: Expression; readonly value: Expression }[] | undefined;
  /** The parts of a text with sequences in it, literal texts among them, or undefined. */
  asTemplate(): readonly Expression[] | undefined;
  /** A call written out, or undefined. */
  asCall():
    | { readonly name: string; readonly nameRange: Range; readonly arguments: readonly Expression[] }
    | undefined;
  /** The expression read as a type, such as `list(string)`; with defaults for `optional(type, default)`. */
  asType(): Read<TypeWithDefaults>;
  /** The keyword, when the expression is a lone name. */
  asKeyword(): string | undefined;
}

export interface TypeWithDefaults {
  readonly type: Type;
  /** Fills in the defaults of optional attributes, before conversion to the type. */
  applyDefaults(value: Value): Value;
}

/** A path into a value: a root name, then attributes and indices. */
export interface Traversal {
  readonly root: string;
  readonly steps: readonly TraversalStep[];
  readonly range: Range;
}

export type TraversalStep =
  | { readonly kind: 'attribute'; readonly name: string; readonly range: Range }
  | { readonly kind: 'index'; readonly key: Value; readonly range: Range }
  | { readonly kind: 'splat'; readonly range: Range };
