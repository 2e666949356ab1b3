import { append } from '../append.ts';
import type { BinaryNode, ExpressionNode, UnaryNode } from '../syntax/nodes.ts';
import { ConversionError, convert } from '../values/convert.ts';
import {
  binaryOperation,
  OperationError,
  operandType,
  resultType,
  unaryOperation,
} from '../values/operations.ts';
import type { Type } from '../values/type.ts';
import { boolType } from '../values/type.ts';
import { boolValue, unknownValue, type Value, withMarks } from '../values/value.ts';
import type { Evaluation } from './evaluation.ts';

/** Evaluates a chain such as `a + b + c` from its left end, without recursion on the left. */
export function evaluateBinary(node: BinaryNode, run: Evaluation): Value {
  const chain: BinaryNode[] = [node];
  for (let left = node.left; left.kind === 'binary'; left = left.left) chain.push(left);
  const told = run.diagnostics.length;
  let value = run.value(chain.at(-1)!.left);
  for (let at = chain.length - 1; at >= 0; at--) {
    const operation = chain[at]!;
    value =
      operation.operator === '||' || operation.operator === '&&'
        ? logical(operation, value, told, run)
        : plain(operation, value, told, run);
  }
  return value;
}

/** @param told How many diagnostics there were before the left side. */
function plain(node: BinaryNode, leftValue: Value, told: number, run: Evaluation): Value {
  const rightValue = run.value(node.right);
  const type = operandType(node.operator);
  const failed = run.diagnostics.length > told;
  const left = operand(node.left, leftValue, type, node, 'left', run);
  const right = operand(node.right, rightValue, type, node, 'right', run);
  if (failed || !left || !right) {
    return withMarks(unknownValue(resultType(node.operator)), leftValue.marks, rightValue.marks);
  }
  return operate(node, left, right, run);
}

function operate(node: BinaryNode, left: Value, right: Value, run: Evaluation): Value {
  try {
    return binaryOperation(node.operator, left, right);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    const at = error.operand === 'left' ? node.left : error.operand === 'right' ? node.right : node;
    run.error('Operation failed', sentence(error.message), at, { context: node, about: node });
    return withMarks(unknownValue(resultType(node.operator)), left.marks, right.marks);
  }
}

/**
 * Both sides are evaluated, but when one side decides, mistakes of the other do not count: as in
 * `length(list) > 0 && list[0] == "a"`.
 */
function logical(node: BinaryNode, leftValue: Value, told: number, run: Evaluation): Value {
  const aside = run.aside();
  const rightValue = aside.value(node.right);
  const before = run.diagnostics.length;
  const left = operand(node.left, leftValue, boolType, node, 'left', run);
  const right = operand(node.right, rightValue, boolType, node, 'right', run);
  const { marks: leftMarks } = leftValue;
  const { marks: rightMarks } = rightValue;
  if (!left || !right) {
    append(run.diagnostics, aside.diagnostics);
    return withMarks(unknownValue(boolType), leftMarks, rightMarks);
  }
  const deciding = node.operator === '||';
  const outcome = shortCircuit(deciding, truth(left), truth(right), before > told);
  if (outcome) {
    if (outcome.side === 'right') {
      run.diagnostics.length = told;
      append(run.diagnostics, aside.diagnostics);
    }
    const result = outcome.result === undefined ? unknownValue(boolType) : boolValue(outcome.result);
    return withMarks(result, leftMarks, rightMarks);
  }
  append(run.diagnostics, aside.diagnostics);
  if (run.diagnostics.length > told) return withMarks(unknownValue(boolType), leftMarks, rightMarks);
  return operate(node, left, right, run);
}

type Truth = boolean | 'unknown';

/** Null is as good as false where the other side decides; hcl has it so. */
function truth(value: Value): Truth {
  return value.kind === 'bool' ? value.value : value.kind === 'null' ? false : 'unknown';
}

/** The result when one side is enough for it, and the side whose diagnostics count. */
function shortCircuit(
  deciding: boolean,
  left: Truth,
  right: Truth,
  leftFailed: boolean,
): { readonly result: boolean | undefined; readonly side: 'left' | 'right' } | undefined {
  if (left === 'unknown' && right === 'unknown') {
    return leftFailed ? undefined : { result: undefined, side: 'left' };
  }
  if (left === deciding) return { result: deciding, side: 'left' };
  if (right === deciding) return { result: deciding, side: 'right' };
  if (left === 'unknown' && right === !deciding) return { result: undefined, side: 'left' };
  if (right === 'unknown' && left === !deciding) return { result: undefined, side: 'right' };
  return undefined;
}

export function evaluateUnary(node: UnaryNode, run: Evaluation): Value {
  const told = run.diagnostics.length;
  const given = run.value(node.operand);
  if (run.diagnostics.length > told) return withMarks(unknownValue(resultType(node.operator)), given.marks);
  const value = operand(node.operand, given, operandType(node.operator), node, undefined, run);
  if (!value) return withMarks(unknownValue(resultType(node.operator)), given.marks);
  try {
    return unaryOperation(node.operator, value);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    run.error('Operation failed', sentence(error.message), node.operand, { context: node, about: node });
    return withMarks(unknownValue(resultType(node.operator)), given.marks);
  }
}

function operand(
  node: ExpressionNode,
  value: Value,
  type: Type,
  operation: BinaryNode | UnaryNode,
  side: 'left' | 'right' | undefined,
  run: Evaluation,
): Value | undefined {
  try {
    return convert(value, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    const which = side
      ? `The ${side} side of "${operation.operator}"`
      : `What follows "${operation.operator}"`;
    run.error('Invalid operand', `${which} is not suitable: ${error.message}.`, node, {
      context: operation,
      about: node,
    });
    return undefined;
  }
}

function sentence(clause: string): string {
  return `${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}.`;
}
