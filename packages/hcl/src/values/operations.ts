import { type BigFloat, NumberError } from './big-float.ts';
import { sameNumber } from './big-float-text.ts';
import { ConversionError, convert } from './convert.ts';
import { equals } from './equal.ts';
import { boolType, dynamicType, numberType, type Type } from './type.ts';
import {
  boolValue,
  falseValue,
  numberValue,
  trueValue,
  unknownValue,
  type Value,
  withMarks,
} from './value.ts';

/** https://github.com/hashicorp/hcl/blob/main/spec.md#operations */
export type BinaryOperator =
  | '||'
  | '&&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';
export type UnaryOperator = '-' | '!';

/** An operation refuses its operands, or has no result for them. */
export class OperationError extends Error {
  /** The operand at fault; undefined when it is both. */
  readonly operand: 'left' | 'right' | undefined;

  constructor(message: string, operand?: 'left' | 'right') {
    super(message);
    this.name = 'OperationError';
    this.operand = operand;
  }
}

/** What operands are converted to. */
export function operandType(operator: BinaryOperator | UnaryOperator): Type {
  if (operator === '==' || operator === '!=') return dynamicType;
  return operator === '||' || operator === '&&' || operator === '!' ? boolType : numberType;
}

/** The type of the result. */
export function resultType(operator: BinaryOperator | UnaryOperator): Type {
  return operator in arithmetic ? numberType : boolType;
}

const arithmetic: Readonly<Record<string, (a: BigFloat, b: BigFloat) => BigFloat>> = {
  '+': (a, b) => a.add(b),
  '-': (a, b) => a.subtract(b),
  '*': (a, b) => a.multiply(b),
  '/': (a, b) => a.divide(b),
  '%': (a, b) => a.modulo(b),
};

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/**
 * The result of an operator. Operands are converted to what it takes. It is unknown when an operand is, except where
 * the other one decides; and has the marks of both.
 * @throws OperationError
 */
export function binaryOperation(operator: BinaryOperator, left: Value, right: Value): Value {
  if (operator === '==') return equals(left, right);
  if (operator === '!=') return not(equals(left, right));
  const type = operandType(operator);
  const a = operand(left, type, 'left');
  const b = operand(right, type, 'right');
  const result = type === boolType ? logical(operator === '||', a, b) : numeric(operator, a, b);
  return a.marks.size + b.marks.size === 0 ? result : withMarks(result, a.marks, b.marks);
}

/** @throws OperationError */
export function unaryOperation(operator: UnaryOperator, value: Value): Value {
  const given = operand(value, operandType(operator), undefined);
  if (operator === '!') return not(given);
  if (given.kind !== 'number') return withMarks(unknownValue(numberType), given.marks);
  return withMarks(numberValue(given.value.negate()), given.marks);
}

function operand(value: Value, type: Type, side: 'left' | 'right' | undefined): Value {
  let converted: Value;
  try {
    converted = convert(value, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new OperationError(error.message, side);
  }
  if (converted.kind === 'null') throw new OperationError('null has no place in an operation', side);
  return converted;
}

/** True or false on one side can be all there is to know. */
function logical(deciding: boolean, a: Value, b: Value): Value {
  const [left, right] = [boolOf(a), boolOf(b)];
  if (left === deciding || right === deciding) return boolValue(deciding);
  return left === undefined || right === undefined ? unknownValue(boolType) : boolValue(!deciding);
}

function boolOf(value: Value): boolean | undefined {
  return value.kind === 'bool' ? value.value : undefined;
}

function not(value: Value): Value {
  const result = value.kind === 'bool' ? (value.value ? falseValue : trueValue) : unknownValue(boolType);
  return withMarks(result, value.marks);
}

function numeric(operator: BinaryOperator, a: Value, b: Value): Value {
  const compare = comparisons[operator];
  if (a.kind !== 'number' || b.kind !== 'number') return unknownValue(compare ? boolType : numberType);
  if (compare) return boolValue(compare(sameNumber(a.value, b.value) ? 0 : a.value.compare(b.value)));
  if ((operator === '/' || operator === '%') && b.value.isZero) {
    throw new OperationError('a number cannot be divided by zero', 'right');
  }
  try {
    return numberValue(arithmetic[operator]!(a.value, b.value));
  } catch (error) {
    if (!(error instanceof NumberError)) throw error;
    throw new OperationError(error.message);
  }
}
