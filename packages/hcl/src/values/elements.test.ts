import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secret, v } from '../testing/values.ts';
import { canIterate, elementsOf, lengthOf } from './elements.ts';
import { toPlain } from './plain.ts';
import { setOf } from './set.ts';
import {
  dynamicType,
  listType,
  mapType,
  numberType,
  objectType,
  setType,
  stringType,
  tupleType,
} from './type.ts';
import { listValue, mapValue, nullValue, unknownValue, type Value } from './value.ts';

describe('the elements of a value', () => {
  const pairs = (value: Value) =>
    elementsOf(value)?.map((element) => [toPlain(element.key), toPlain(element.value)]);

  it('have numbers, names, or themselves as keys', () => {
    assert.deepEqual(pairs(v(['a', 'b'])), [
      [0, 'a'],
      [1, 'b'],
    ]);
    assert.deepEqual(pairs(listValue(stringType, [v('a')])), [[0, 'a']]);
    assert.deepEqual(pairs(v({ b: 1, a: 2 })), [
      ['a', 2],
      ['b', 1],
    ]);
    assert.deepEqual(pairs(mapValue(numberType, [['k', v(1)]])), [['k', 1]]);
    assert.deepEqual(pairs(setOf(numberType, [v(2), v(1)])), [
      [1, 1],
      [2, 2],
    ]);
    assert.deepEqual(pairs(v([])), []);
  });

  it('are not there in null, unknown and simple values', () => {
    for (const value of [
      v(null),
      v('abc'),
      v(1),
      unknownValue(listType(stringType)),
      nullValue(listType(stringType)),
    ]) {
      assert.equal(elementsOf(value), undefined);
    }
  });

  it('can be asked for by types', () => {
    for (const type of [
      listType(stringType),
      setType(stringType),
      mapType(stringType),
      tupleType([]),
      objectType([]),
    ]) {
      assert.ok(canIterate(type));
    }
    for (const type of [stringType, numberType, dynamicType]) assert.ok(!canIterate(type));
  });
});

describe('the length of a value', () => {
  const length = (value: Value) => {
    const result = lengthOf(value);
    return result?.kind === 'unknown' ? '?' : result && toPlain(result);
  };

  it('is the number of its elements', () => {
    assert.equal(length(v([1, 2])), 2);
    assert.equal(length(v({ a: 1 })), 1);
    assert.equal(length(listValue(stringType, [])), 0);
    assert.equal(length(mapValue(numberType, [['k', v(1)]])), 1);
    assert.equal(length(setOf(numberType, [v(1), v(1)])), 1);
  });

  it('is known of tuples and objects that are not known', () => {
    assert.equal(length(unknownValue(tupleType([stringType]))), 1);
    assert.equal(length(unknownValue(objectType([['a', stringType]]))), 1);
    assert.equal(length(unknownValue(listType(stringType))), '?');
    assert.equal(length(unknownValue(dynamicType)), '?');
  });

  it('is not known of a set whose elements may turn out to be equal', () => {
    const unknown = unknownValue(stringType);
    assert.equal(length(setOf(stringType, [unknown])), 1);
    assert.equal(length(setOf(stringType, [unknown, v('a')])), '?');
  });

  it('does not exist of null and simple values', () => {
    for (const value of [v(null), nullValue(listType(stringType)), v('abc'), unknownValue(stringType)]) {
      assert.equal(length(value), undefined);
    }
  });

  it('has the marks of the value', () => {
    assert.deepEqual([...lengthOf(secret([1]))!.marks], ['sensitive']);
    assert.deepEqual([...lengthOf(secret(unknownValue(listType(stringType))))!.marks], ['sensitive']);
    assert.deepEqual([...lengthOf(v([1]))!.marks], []);
  });
});
