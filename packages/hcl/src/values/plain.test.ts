import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secret } from '../testing/values.ts';
import { NumberError } from './big-float.ts';
import { formatDecimal, parseBigFloat } from './big-float-text.ts';
import { convert } from './convert.ts';
import { fromPlain, type Plain, PlainError, toPlain } from './plain.ts';
import { listType, numberType, setType, stringType } from './type.ts';
import { typeExpression } from './type-words.ts';
import { capsuleValue, numberValue, tupleValue, unknownValue } from './value.ts';

describe('plain data', () => {
  const table: [Plain, string][] = [
    [null, 'any'],
    [true, 'bool'],
    [5, 'number'],
    [0.1, 'number'],
    [-0, 'number'],
    [10n ** 30n, 'number'],
    ['x', 'string'],
    [[1, 'x', null], 'tuple([number, string, any])'],
    [{ b: [], a: { c: 1 } }, 'object({a=object({c=number}), b=tuple([])})'],
  ];
  for (const [data, type] of table) {
    it(`of the type ${type} becomes a value and data again`, () => {
      const value = fromPlain(data);
      assert.equal(typeExpression(value.type), type);
      assert.deepEqual(toPlain(value), Object.is(data, -0) ? 0 : data);
    });
  }

  it('leaves out what is undefined', () => {
    assert.deepEqual(toPlain(fromPlain({ a: undefined, b: 1 })), { b: 1 });
  });

  it('keeps a member with the name of the prototype', () => {
    const data = JSON.parse('{"__proto__":{"a":1}}');
    const back = toPlain(fromPlain(data));
    assert.deepEqual(Object.keys(back as object), ['__proto__']);
    assert.equal(Object.getPrototypeOf(back), Object.prototype);
  });

  it('has exact whole numbers and the shortest text of doubles', () => {
    const text = (data: Plain) => {
      const value = fromPlain(data);
      return value.kind === 'number' ? formatDecimal(value.value) : '';
    };
    assert.equal(text(0.1), '0.1');
    assert.equal(text(1e23), `1${'0'.repeat(23)}`);
    assert.equal(text(Number.MAX_SAFE_INTEGER), '9007199254740991');
    assert.equal(text(2n ** 600n), String(2n ** 600n));
    assert.throws(() => fromPlain(Number.NaN), NumberError);
  });

  it('of collections is arrays and objects', () => {
    assert.deepEqual(toPlain(convert(fromPlain([2, 1, 2]), setType(numberType))), [1, 2]);
    assert.deepEqual(toPlain(convert(fromPlain([1]), listType(stringType))), ['1']);
  });

  it('of numbers that doubles cannot hold is the nearest, or a bigint', () => {
    const number = (text: string) => {
      const read = parseBigFloat(text);
      return typeof read === 'object' && toPlain(numberValue(read));
    };
    assert.equal(number('0.10000000000000000000001'), 0.1);
    assert.equal(number('9007199254740993'), 9007199254740993n);
    assert.equal(number('9007199254740991'), 9007199254740991);
    assert.equal(number('inf'), Number.POSITIVE_INFINITY);
  });

  it('does not exist of what is not known or not plain', () => {
    assert.throws(() => toPlain(tupleValue([unknownValue(stringType)])), PlainError);
    assert.throws(() => toPlain(capsuleValue({ kind: 'capsule', name: 'thing' }, 1)), PlainError);
  });

  it('has no marks', () => {
    assert.equal(toPlain(secret('x')), 'x');
  });
});
