import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as hcl from './index.ts';
import { publicNames } from './testing/public-names.ts';

/** Everything that others may import. Whoever changes this list changes what they can rely on. */
const names = `
  AccessError AccessNode AccessStep Attribute AttributeNode BigFloat BinaryNode BinaryOperator Block
  BlockNode BlockText Body BodyContent BodyNode BodyOptions BodySchema BodyText BodyVariables BoolValue
  CallNode CapsuleType CapsuleValue Code CollectionType ConditionalNode ConversionError Diagnostic
  DynamicType EditableAttribute EditableBlock EditableBody EditableConfig Element EvalContext Example
  Expression ExpressionNode FileHost ForNode FunctionError FunctionHost HclFunction InvalidNode JsonError
  KeyNode LabelNode ListType ListValue LiteralNode MapType MapValue Mark NativeBody NativeExpression
  NullValue NumberError NumberFault NumberValue ObjectItemNode ObjectNode ObjectType ObjectValue
  OperationError Parameter ParenthesesNode Path PathMarks PathStep Placement Plain PlainError Position
  PrimitiveType Range Read RenderOptions SecretHost SetType SetValue ShowOptions Source SourceText
  StringValue SyntaxNode TemplateForNode TemplateIfNode TemplateNode Token TokenKind Traversal TraversalStep
  TupleNode TupleType TupleValue Type TypeWithDefaults UnaryNode UnaryOperator Unification UnifyOptions
  UnknownValue UnwrappedNode Value VariableNode VariableNote VariablesOf Writable WriteError WriteOptions
  aType attribute binaryOperation blockText bodyText bodyVariables boolType boolValue callFunction
  canConvert canIterate capsuleType capsuleValue childNodesOf childrenOf compareKeys conforms containsMark
  containsMarks convert decodeJson decodeType describePath dynamicType editConfig elementsOf emptyObjectType
  emptyTupleType encodeJson encodeType envFunction equals expandDynamic falseValue format formatDecimal
  formatG formatPath fromPlain hasDynamic hasErrors hasKnownType hclCode hclTemplate hclText index
  intersection isCollection isIdentifier isInSet isPrimitive isWhollyKnown lengthOf listType listValue
  mapChildren mapType mapValue marksDeep nestingLimit noMarks nullValue numberType numberValue objectType
  objectValue packerFunctions parseBigFloat parseConfig parseExpression parseJsonConfig parseJsonExpression
  parseTemplate parseTraversal quoteHcl rangeBetween rangeText renderDiagnostics sameNumber sameType
  sameValue sensitiveMark setOf setType showValue standardFunctions stepsOf stringType stringValue
  subtraction suggestName symmetricDifference systemHost templatefileFunction toHclText toPlain tokenKinds
  tokens trueValue tupleType tupleValue typeExpression typeWords unaryOperation unification unify union
  unknownValue unmarked unmarkedDeep unmarkedWithPaths walk withMarks withPathMarks withoutOptional
`;

const index = new URL('./index.ts', import.meta.url);

test('the package offers what the list says, and nothing else', () => {
  assert.deepEqual(publicNames(index), names.trim().split(/\s+/));
});

test('the list holds every value of the package', () => {
  const values = Object.keys(hcl);
  assert.ok(values.length > 50);
  const missing = values.filter((name) => !publicNames(index).includes(name));
  assert.deepEqual(missing, []);
});

test('outside it is the index, and only that', () => {
  assert.equal(import.meta.resolve('@kiln/hcl'), index.href);
  assert.throws(() => import.meta.resolve('@kiln/hcl/src/format/format.ts'), {
    code: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
  });
});
