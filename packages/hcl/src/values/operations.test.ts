import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packerConsole, packerMissing } from '../testing/packer-console.ts';
import { Random } from '../testing/random.ts';
import { secret, v } from '../testing/values.ts';
import { encodeJson } from './json.ts';
import {
  type BinaryOperator,
  binaryOperation,
  OperationError,
  operandType,
  resultType,
  type UnaryOperator,
  unaryOperation,
} from './operations.ts';
import type { Plain } from './plain.ts';
import { showValue } from './show.ts';
import { boolType, dynamicType, numberType, stringType } from './type.ts';
import { nullValue, unknownValue, type Value } from './value.ts';

const unknownNumber = unknownValue(numberType);
const unknownBool = unknownValue(boolType);
const unknownAny = unknownValue(dynamicType);

describe('an operator', () => {
  const table: [Plain, BinaryOperator, Plain, Plain][] = [
    [1, '+', 2, 3],
    ['5', '+', 3, 8],
    [1, '-', 2, -1],
    [3, '*', '4', 12],
    [7, '/', 2, 3.5],
    [-7, '%', 3, -1],
    [1, '<', 2, true],
    [2, '<', 2, false],
    [2, '<=', 2, true],
    ['10', '>', 9, true],
    [2, '>', 2, false],
    [2, '>=', 3, false],
    [true, '&&', 'true', true],
    [true, '&&', false, false],
    [false, '||', '1', true],
    [false, '||', false, false],
    [1, '==', 1, true],
    [1, '==', '1', false],
    [1, '!=', '1', true],
    [null, '==', null, true],
    [[1], '!=', [1], false],
  ];
  for (const [a, operator, b, result] of table) {
    it(`says that ${JSON.stringify(a)} ${operator} ${JSON.stringify(b)} is ${result}`, () => {
      assert.equal(encodeJson(binaryOperation(operator, v(a), v(b))), JSON.stringify(result));
    });
  }

  const partly: [Value, BinaryOperator, Value, string][] = [
    [unknownNumber, '+', v(1), 'number'],
    [v(1), '/', unknownAny, 'number'],
    [unknownNumber, '<', v(1), 'bool'],
    [unknownBool, '&&', v(true), 'bool'],
    [unknownBool, '&&', v(false), 'false'],
    [v(false), '&&', unknownAny, 'false'],
    [unknownBool, '||', v(true), 'true'],
    [v(true), '||', unknownBool, 'true'],
    [v(false), '||', unknownBool, 'bool'],
    [unknownAny, '==', v(1), 'bool'],
    [unknownAny, '!=', unknownAny, 'bool'],
    [unknownNumber, '==', v('a'), 'false'],
    [unknownNumber, '!=', v('a'), 'true'],
  ];
  for (const [a, operator, b, result] of partly) {
    it(`gives ${result} for ${showValue(a)} ${operator} ${showValue(b)}`, () => {
      const value = binaryOperation(operator, a, b);
      assert.equal(value.kind === 'unknown' ? value.type.kind : showValue(value), result);
      assert.deepEqual(value.type, resultType(operator));
    });
  }

  const unary: [UnaryOperator, Value, string][] = [
    ['-', v(5), '-5'],
    ['-', v('1.5'), '-1.5'],
    ['!', v(true), 'false'],
    ['!', v('0'), 'true'],
    ['-', unknownAny, '<unknown>'],
    ['!', unknownBool, '<unknown>'],
  ];
  for (const [operator, value, result] of unary) {
    it(`gives ${result} for ${operator}${showValue(value)}`, () => {
      assert.equal(showValue(unaryOperation(operator, value)), result);
      assert.deepEqual(unaryOperation(operator, value).type, resultType(operator));
    });
  }

  const refused: [string, () => Value, string, 'left' | 'right' | undefined][] = [
    ['text as a number', () => binaryOperation('+', v('a'), v(1)), 'a number is required', 'left'],
    ['a list as a bool', () => binaryOperation('&&', v(true), v([])), 'a bool is required', 'right'],
    [
      'null',
      () => binaryOperation('*', v(1), nullValue(numberType)),
      'null has no place in an operation',
      'right',
    ],
    [
      'null beside unknown',
      () => binaryOperation('>', v(null), unknownAny),
      'null has no place in an operation',
      'left',
    ],
    [
      'a division by zero',
      () => binaryOperation('/', v(1), v(0)),
      'a number cannot be divided by zero',
      'right',
    ],
    [
      'a remainder by zero',
      () => binaryOperation('%', v(0), v('-0')),
      'a number cannot be divided by zero',
      'right',
    ],
    [
      'opposite infinities',
      () => binaryOperation('+', v('inf'), v('-inf')),
      'the sum of infinities of opposite signs is not defined',
      undefined,
    ],
    ['the negative of a text', () => unaryOperation('-', v('x')), 'a number is required', undefined],
    [
      'the opposite of null',
      () => unaryOperation('!', v(null)),
      'null has no place in an operation',
      undefined,
    ],
  ];
  for (const [name, work, message, operand] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(work, (error: unknown) => {
        assert.ok(error instanceof OperationError);
        assert.deepEqual([error.message, error.operand], [message, operand]);
        return true;
      });
    });
  }

  it('hands on the marks of both operands', () => {
    for (const operator of ['+', '<', '=='] as const) {
      assert.deepEqual([...binaryOperation(operator, secret(1), secret(2, 'x')).marks].sort(), [
        'sensitive',
        'x',
      ]);
      assert.deepEqual([...binaryOperation(operator, secret(unknownNumber), v(2)).marks], ['sensitive']);
    }
    assert.deepEqual([...binaryOperation('&&', v(false), secret(true)).marks], ['sensitive']);
    assert.deepEqual([...unaryOperation('-', secret(1)).marks], ['sensitive']);
    assert.deepEqual([...unaryOperation('!', secret(unknownBool)).marks], ['sensitive']);
  });

  it('tells what it takes', () => {
    assert.equal(operandType('=='), dynamicType);
    assert.equal(operandType('||'), boolType);
    assert.equal(operandType('!'), boolType);
    assert.equal(operandType('<'), numberType);
    assert.equal(operandType('%'), numberType);
    assert.notEqual(operandType('+'), stringType);
  });
});

describe('operators beside those of Packer', () => {
  it('give the same results, and refuse the same', { skip: packerMissing }, () => {
    const values: Plain[] = [
      0,
      1,
      -2,
      2.5,
      '3',
      'a',
      '',
      true,
      false,
      'true',
      '0',
      null,
      [],
      [1],
      {},
      { a: 1 },
    ];
    const operators: BinaryOperator[] = [
      '+',
      '-',
      '*',
      '<',
      '<=',
      '>',
      '>=',
      '==',
      '!=',
      '&&',
      '||',
      '/',
      '%',
    ];
    const cases = operators.flatMap((operator) => {
      // Packer lets a number be divided by zero, and gets infinity.
      const divides = operator === '/' || operator === '%';
      return values.flatMap((a) =>
        values.filter((b) => !divides || (b !== 0 && b !== '0')).map((b) => ({ operator, a: v(a), b: v(b) })),
      );
    });
    for (let start = 0; start < cases.length; start += 500) {
      const some = cases.slice(start, start + 500);
      const expressions = some.map(({ operator, a, b }) => {
        return `try(jsonencode(${encodeJson(a)} ${operator} ${encodeJson(b)}), "refused")`;
      });
      const theirs: unknown = JSON.parse(packerConsole(`jsonencode([${expressions.join(', ')}])`));
      const own = some.map(({ operator, a, b }) => {
        try {
          return encodeJson(binaryOperation(operator, a, b));
        } catch (error) {
          if (error instanceof OperationError) return 'refused';
          throw error;
        }
      });
      assert.deepEqual(own, theirs);
    }
  });
});

describe('arithmetic on values', () => {
  it('is that of whole numbers', () => {
    const random = new Random(31);
    for (let i = 0; i < 500; i++) {
      const [a, b] = [random.bigint(100), random.bigint(100)];
      const result = (operator: BinaryOperator) => encodeJson(binaryOperation(operator, v(a), v(b)));
      assert.equal(result('+'), String(a + b));
      assert.equal(result('-'), String(a - b));
      assert.equal(result('*'), String(a * b));
      assert.equal(result('<'), String(a < b));
      assert.equal(result('>='), String(a >= b));
    }
  });
});
