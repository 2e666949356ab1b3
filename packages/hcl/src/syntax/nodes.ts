import type { BinaryOperator, UnaryOperator } from '../values/operations.ts';
import type { Value } from '../values/value.ts';

/**
 * The syntax tree of the native syntax. Nodes hold offsets into their source; `Source.range` makes a range of them.
 * Trees are at most `nestingLimit` deep, except that the left side of a chain such as `a + b + c` may be deeper.
 */
export type SyntaxNode = BodyNode | AttributeNode | BlockNode | ExpressionNode;

export type ExpressionNode =
  | LiteralNode
  | TemplateNode
  | TemplateIfNode
  | TemplateForNode
  | UnwrappedNode
  | VariableNode
  | AccessNode
  | CallNode
  | ConditionalNode
  | UnaryNode
  | BinaryNode
  | TupleNode
  | ObjectNode
  | ForNode
  | KeyNode
  | ParenthesesNode
  | InvalidNode;

interface Spanned {
  /** Offset of the first code unit. */
  readonly start: number;
  /** Offset after the last. */
  readonly end: number;
}

export interface BodyNode extends Spanned {
  readonly kind: 'body';
  /** In order of appearance; no name occurs twice. */
  readonly attributes: readonly AttributeNode[];
  readonly blocks: readonly BlockNode[];
}

export interface AttributeNode extends Spanned {
  readonly kind: 'attribute';
  readonly name: string;
  /** Offset after the name, which starts where the attribute starts. */
  readonly nameEnd: number;
  /** Offset of the `=`. */
  readonly equals: number;
  readonly expression: ExpressionNode;
}

export interface BlockNode extends Spanned {
  readonly kind: 'block';
  readonly type: string;
  /** Offset after the type, which starts where the block starts. */
  readonly typeEnd: number;
  readonly labels: readonly LabelNode[];
  /** Offset of the `{`. */
  readonly openBrace: number;
  /** Offset of the `}`. */
  readonly closeBrace: number;
  readonly body: BodyNode;
}

export interface LabelNode extends Spanned {
  readonly value: string;
}

/** A number, `true`, `false`, `null`, text in quotes without sequences, or a piece of text in a template. */
export interface LiteralNode extends Spanned {
  readonly kind: 'literal';
  readonly value: Value;
}

/** Text with sequences in it. */
export interface TemplateNode extends Spanned {
  readonly kind: 'template';
  readonly parts: readonly ExpressionNode[];
}

/** `%{ if condition }…%{ else }…%{ endif }` */
export interface TemplateIfNode extends Spanned {
  readonly kind: 'template-if';
  readonly condition: ExpressionNode;
  readonly consequence: TemplateNode;
  readonly alternative: TemplateNode;
}

/** `%{ for key, value in collection }…%{ endfor }` */
export interface TemplateForNode extends Spanned {
  readonly kind: 'template-for';
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: ExpressionNode;
  readonly content: TemplateNode;
}

/** A template of nothing but one `${ }`, which keeps the type of what is in it. */
export interface UnwrappedNode extends Spanned {
  readonly kind: 'unwrapped';
  readonly expression: ExpressionNode;
}

export interface VariableNode extends Spanned {
  readonly kind: 'variable';
  readonly name: string;
}

/** `base.attribute[index].*` and so on. */
export interface AccessNode extends Spanned {
  readonly kind: 'access';
  readonly base: ExpressionNode;
  readonly steps: readonly AccessStep[];
}

export type AccessStep =
  | (Spanned & { readonly kind: 'attribute'; readonly name: string })
  /** `[0]`, `["key"]` or the old `.0`: what may be part of a fixed path. */
  | (Spanned & { readonly kind: 'index'; readonly key: Value; readonly legacy: boolean })
  | (Spanned & { readonly kind: 'computed-index'; readonly key: ExpressionNode })
  /** `.*`, to which the attributes and old indices up to the next other step belong. */
  | (Spanned & { readonly kind: 'attribute-splat' })
  /** `[*]`, to which all further steps belong. */
  | (Spanned & { readonly kind: 'full-splat' });

export interface CallNode extends Spanned {
  readonly kind: 'call';
  /** With its name spaces, such as `provider::name`. */
  readonly name: string;
  readonly nameEnd: number;
  readonly arguments: readonly ExpressionNode[];
  /** Whether the last argument is followed by `...`. */
  readonly expands: boolean;
  readonly openParenthesis: number;
  readonly closeParenthesis: number;
}

export interface ConditionalNode extends Spanned {
  readonly kind: 'conditional';
  readonly condition: ExpressionNode;
  readonly consequence: ExpressionNode;
  readonly alternative: ExpressionNode;
}

export interface UnaryNode extends Spanned {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: ExpressionNode;
}

export interface BinaryNode extends Spanned {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: ExpressionNode;
  readonly right: ExpressionNode;
}

export interface TupleNode extends Spanned {
  readonly kind: 'tuple';
  readonly elements: readonly ExpressionNode[];
}

export interface ObjectNode extends Spanned {
  readonly kind: 'object';
  readonly items: readonly ObjectItemNode[];
}

export interface ObjectItemNode {
  readonly key: ExpressionNode;
  readonly value: ExpressionNode;
}

/** The key of an object's item that is written as a name, which is text here and not a variable. */
export interface KeyNode extends Spanned {
  readonly kind: 'key';
  /** Undefined for a path with dots, which is neither clearly text nor clearly a variable: a mistake if evaluated. */
  readonly name: string | undefined;
  /** How it would be read elsewhere. */
  readonly expression: ExpressionNode;
}

/** `[for value in collection: result if condition]` or `{for key, value in collection: name => result... if condition}` */
export interface ForNode extends Spanned {
  readonly kind: 'for';
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: ExpressionNode;
  /** Of an object's items; undefined when a tuple is made. */
  readonly key: ExpressionNode | undefined;
  readonly value: ExpressionNode;
  readonly condition: ExpressionNode | undefined;
  /** Whether `...` collects the values of equal keys. */
  readonly groups: boolean;
}

export interface ParenthesesNode extends Spanned {
  readonly kind: 'parentheses';
  readonly expression: ExpressionNode;
}

/** Where no expression could be made out; what was written so far in `expression`, such as `a` of `a.`. */
export interface InvalidNode extends Spanned {
  readonly kind: 'invalid';
  readonly expression: ExpressionNode | undefined;
}
