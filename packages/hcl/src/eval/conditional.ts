import { append } from '../append.ts';
import type { ConditionalNode, ExpressionNode, TemplateIfNode } from '../syntax/nodes.ts';
import { ConversionError, convert, unification } from '../values/convert.ts';
import { boolType, dynamicType, type Type } from '../values/type.ts';
import { nullValue, unknownValue, unmarked, type Value, withMarks } from '../values/value.ts';
import { type Evaluation, unusable } from './evaluation.ts';
import { describeDifference } from './type-difference.ts';

type Conversion = (value: Value) => Value;

/**
 * Both results are evaluated, to find the type of the whole; mistakes count only in the one that is chosen.
 * https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#conditional-operator
 */
export function evaluateConditional(node: ConditionalNode | TemplateIfNode, run: Evaluation): Value {
  const [whenTrue, whenFalse] = [run.aside(), run.aside()];
  const trueValue = whenTrue.value(node.consequence);
  const falseValue = whenFalse.value(node.alternative);
  const common = commonType(trueValue, falseValue);
  if (!common) {
    run.error(
      'Inconsistent conditional result types',
      `Both results of a condition must be of one type. ${describeDifference(trueValue.type, falseValue.type)}`,
      { start: node.consequence.start, end: node.alternative.end },
      { context: node, about: node },
    );
    return unusable;
  }
  const condition = run.value(node.condition);
  const marks = [condition.marks, trueValue.marks, falseValue.marks];
  if (condition.kind === 'unknown') {
    const isNull = trueValue.kind === 'null' && falseValue.kind === 'null';
    return withMarks(isNull ? nullValue(common.type) : unknownValue(common.type), ...marks);
  }
  const decision = decide(node, condition, run);
  if (decision === undefined) return withMarks(unknownValue(common.type), ...marks);
  const chosen = decision
    ? { value: trueValue, run: whenTrue, node: node.consequence, conversion: common.conversions[0] }
    : { value: falseValue, run: whenFalse, node: node.alternative, conversion: common.conversions[1] };
  append(run.diagnostics, chosen.run.diagnostics);
  return withMarks(converted(node, chosen, common.type, run), ...marks);
}

interface Common {
  readonly type: Type;
  readonly conversions: readonly [Conversion, Conversion];
}

const asItIs: Conversion = (value) => value;

/** The type of the whole, and how the results become values of it; undefined when there is none. */
function commonType(trueValue: Value, falseValue: Value): Common | undefined {
  // A plain `null` becomes whatever the other one is.
  if (isPlainNull(trueValue)) return toTypeOf(falseValue);
  if (isPlainNull(falseValue)) return toTypeOf(trueValue);
  if (trueValue.type.kind === 'dynamic' || falseValue.type.kind === 'dynamic') {
    return { type: dynamicType, conversions: [asItIs, asItIs] };
  }
  if (trueValue.type === falseValue.type) return { type: trueValue.type, conversions: [asItIs, asItIs] };
  const found = unification([trueValue.type, falseValue.type], { unsafe: true });
  return found && { type: found.type, conversions: [found.conversions[0]!, found.conversions[1]!] };
}

function isPlainNull(value: Value): boolean {
  return value.kind === 'null' && value.type.kind === 'dynamic' && value.marks.size === 0;
}

function toTypeOf({ type }: Value): Common {
  const conversion: Conversion = (value) => convert(value, type);
  return { type, conversions: [conversion, conversion] };
}

/** True, false, or undefined after a mistake. */
function decide(
  node: ConditionalNode | TemplateIfNode,
  condition: Value,
  run: Evaluation,
): boolean | undefined {
  if (condition.kind === 'null') {
    run.error('Null condition', 'The condition is null. It must be true or false.', node.condition, {
      context: node,
      about: node.condition,
    });
    return undefined;
  }
  try {
    const bool = convert(unmarked(condition), boolType);
    return bool.kind === 'bool' ? bool.value : undefined;
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    run.error(
      'Incorrect condition type',
      `A condition must be true or false: ${error.message}.`,
      node.condition,
      {
        context: node,
        about: node.condition,
      },
    );
    return undefined;
  }
}

function converted(
  node: ConditionalNode | TemplateIfNode,
  chosen: { readonly value: Value; readonly node: ExpressionNode; readonly conversion: Conversion },
  type: Type,
  run: Evaluation,
): Value {
  try {
    return chosen.conversion(chosen.value);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    run.error(
      'Inconsistent conditional result types',
      `This result cannot become what both results have in common: ${error.message}.`,
      chosen.node,
      { context: node, about: chosen.node },
    );
    return unknownValue(type);
  }
}
