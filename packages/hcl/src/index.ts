/**
 * HCL2, the configuration language: https://github.com/hashicorp/hcl/blob/main/spec.md
 *
 * A text is parsed into a body, a body's expressions are evaluated to values, and values are converted to types.
 */

export type {
  Attribute,
  Block,
  Body,
  BodyContent,
  BodySchema,
  Expression,
  Read,
  Traversal,
  TraversalStep,
  TypeWithDefaults,
} from './body.ts';
export type { SourceText } from './diagnostics/decode.ts';
export { type Diagnostic, hasErrors, type VariableNote } from './diagnostics/diagnostic.ts';
export { type Position, type Range, rangeBetween, rangeText } from './diagnostics/range.ts';
export type { RenderOptions } from './diagnostics/render.ts';
export { type Placement, Source } from './diagnostics/source.ts';
export { suggestName } from './diagnostics/suggestion.ts';
export { expandDynamic } from './dynamic/expand.ts';
export { BodyVariables, bodyVariables, type VariablesOf } from './dynamic/variables.ts';
export { type EditableConfig, editConfig } from './edit/edit-config.ts';
export type { EditableAttribute } from './edit/editable-attribute.ts';
export type { EditableBlock } from './edit/editable-block.ts';
export type { EditableBody } from './edit/editable-body.ts';
export type { EvalContext } from './eval/context.ts';
export { format } from './format/format.ts';
export { callFunction } from './functions/call-function.ts';
export { envFunction } from './functions/env.ts';
export { templatefileFunction } from './functions/files/templatefile.ts';
export { type Example, FunctionError, type HclFunction, type Parameter } from './functions/function.ts';
export type { FileHost, FunctionHost, SecretHost } from './functions/host.ts';
export { packerFunctions, standardFunctions } from './functions/index.ts';
export { systemHost } from './functions/system-host.ts';
export { parseJsonConfig, parseJsonExpression } from './json/parse.ts';
export { NativeBody } from './native/body.ts';
export { NativeExpression } from './native/expression.ts';
export { parseConfig, parseExpression, parseTemplate, parseTraversal, tokens } from './native/parse.ts';
export { renderDiagnostics } from './native/render.ts';
export { isIdentifier } from './syntax/characters.ts';
export { nestingLimit } from './syntax/cursor.ts';
export type * from './syntax/nodes.ts';
export { type Token, type TokenKind, tokenKinds } from './syntax/token.ts';
export { childrenOf as childNodesOf, walk } from './syntax/walk.ts';
export { AccessError, attribute, index } from './values/access.ts';
export { BigFloat, NumberError } from './values/big-float.ts';
export {
  formatDecimal,
  formatG,
  type NumberFault,
  parseBigFloat,
  sameNumber,
} from './values/big-float-text.ts';
export type { Unification, UnifyOptions } from './values/conversion/unify.ts';
export { ConversionError, canConvert, convert, unification, unify } from './values/convert.ts';
export {
  containsMark,
  containsMarks,
  marksDeep,
  type PathMarks,
  unmarkedDeep,
  unmarkedWithPaths,
  withPathMarks,
} from './values/deep-marks.ts';
export { canIterate, type Element, elementsOf, lengthOf } from './values/elements.ts';
export { conforms, equals, sameValue } from './values/equal.ts';
export { quoteHcl, toHclText } from './values/hcl-text.ts';
export { decodeJson, encodeJson, JsonError } from './values/json.ts';
export {
  type BinaryOperator,
  binaryOperation,
  OperationError,
  type UnaryOperator,
  unaryOperation,
} from './values/operations.ts';
export { describePath, formatPath, type Path, type PathStep } from './values/path.ts';
export { fromPlain, type Plain, PlainError, toPlain } from './values/plain.ts';
export { intersection, isInSet, setOf, subtraction, symmetricDifference, union } from './values/set.ts';
export { type ShowOptions, showValue } from './values/show.ts';
export * from './values/type.ts';
export { decodeType, encodeType } from './values/type-json.ts';
export { aType, typeExpression, typeWords } from './values/type-words.ts';
export * from './values/value.ts';
export { childrenOf, hasKnownType, isWhollyKnown, mapChildren, stepsOf } from './values/walk.ts';
export {
  type BlockText,
  type BodyOptions,
  type BodyText,
  blockText,
  bodyText,
} from './write/block-text.ts';
export { type Code, hclCode, hclTemplate } from './write/code.ts';
export { hclText } from './write/hcl-text.ts';
export { type Writable, WriteError, type WriteOptions } from './write/writable.ts';
