import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packerConsole, packerMissing } from '../testing/packer-console.ts';
import { secret, v } from '../testing/values.ts';
import { BigFloat } from './big-float.ts';
import { convert } from './convert.ts';
import { conforms, equals, sameValue } from './equal.ts';
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
import {
  capsuleValue,
  falseValue,
  listValue,
  mapValue,
  nullValue,
  numberValue,
  objectValue,
  trueValue,
  tupleValue,
  unknownValue,
  type Value,
} from './value.ts';

const unknownString = unknownValue(stringType);
const unknownAny = unknownValue(dynamicType);
const numbers = listType(numberType);

/** true, false, or '?' for unknown. */
function verdict(a: Value, b: Value): boolean | '?' {
  const result = equals(a, b);
  return result.kind === 'bool' ? result.value : '?';
}

describe('two values', () => {
  const table: [string, Value, Value, boolean | '?'][] = [
    ['the same string', v('a'), v('a'), true],
    ['composed and decomposed letters', v('e\u0301'), v('é'), true],
    ['different strings', v('a'), v('b'), false],
    ['the same number', v(1), v(1), true],
    ['a number and its text', v(1), v('1'), false],
    ['zeros', v(0), numberValue(BigFloat.zero.negate()), true],
    ['bools', v(true), v(true), true],
    ['different bools', v(true), v(false), false],
    ['nulls', v(null), nullValue(stringType), true],
    ['null and something', v(null), v('a'), false],
    ['something and null', v([]), nullValue(dynamicType), false],
    ['tuples', v([1, 'a']), v([1, 'a']), true],
    ['tuples of other lengths', v([1]), v([1, 2]), false],
    ['a tuple and a list', v([1]), convert(v([1]), numbers), false],
    ['lists', convert(v([1, 2]), numbers), convert(v([1, 2]), numbers), true],
    ['lists in another order', convert(v([1, 2]), numbers), convert(v([2, 1]), numbers), false],
    ['empty lists of different types', listValue(stringType, []), listValue(numberType, []), false],
    ['objects', v({ a: 1, b: [] }), v({ b: [], a: 1 }), true],
    ['objects with other attributes', v({ a: 1 }), v({ b: 1 }), false],
    ['objects with more attributes', v({ a: 1 }), v({ a: 1, b: 1 }), false],
    ['maps', mapValue(numberType, [['a', v(1)]]), mapValue(numberType, [['a', v(1)]]), true],
    ['maps with other keys', mapValue(numberType, [['a', v(1)]]), mapValue(numberType, [['b', v(1)]]), false],
    ['a map and an object', mapValue(numberType, [['a', v(1)]]), v({ a: 1 }), false],
    ['sets', setOf(numberType, [v(2), v(1)]), setOf(numberType, [v(1), v(2), v(1)]), true],
    ['other sets', setOf(numberType, [v(1)]), setOf(numberType, [v(1), v(2)]), false],
    ['nulls inside', v({ a: null }), v({ a: null }), true],
    ['null inside on one side', objectValue([['a', nullValue(stringType)]]), v({ a: 'x' }), false],

    ['unknown and known', unknownString, v('a'), '?'],
    ['known and unknown', v('a'), unknownString, '?'],
    ['two unknown ones', unknownString, unknownString, '?'],
    ['unknown and another type', unknownString, v(1), false],
    ['unknown of any type', unknownAny, v(1), '?'],
    ['unknown and null', unknownString, v(null), '?'],
    ['null and unknown', v(null), unknownAny, '?'],
    ['unknown inside', tupleValue([unknownString, v(1)]), v(['a', 1]), '?'],
    ['unknown inside, but different', tupleValue([unknownString, v(1)]), v(['a', 2]), false],
    ['different first', tupleValue([v(1), unknownString]), v([2, 'a']), false],
    ['an object with unknown inside', objectValue([['a', unknownString]]), v({ a: 'x' }), '?'],
    ['any type inside', tupleValue([unknownAny]), v([1]), '?'],
    ['any type inside, but another shape', tupleValue([unknownAny]), v([1, 2]), false],
    ['any type inside, but another kind', tupleValue([unknownAny]), v({ a: 1 }), false],
    ['a set with unknown', setOf(stringType, [unknownString]), setOf(stringType, [v('a')]), '?'],
    [
      'a map with unknown',
      mapValue(stringType, [['a', unknownString]]),
      mapValue(stringType, [['b', v('x')]]),
      false,
    ],
  ];
  for (const [name, a, b, result] of table) {
    it(`are ${result === '?' ? 'perhaps equal' : result ? 'equal' : 'not equal'}: ${name}`, () => {
      assert.equal(verdict(a, b), result);
      assert.equal(verdict(b, a), result);
    });
  }

  it('have all their marks on the verdict', () => {
    assert.deepEqual([...equals(secret('a'), v('a')).marks], ['sensitive']);
    assert.deepEqual([...equals(v(['a']), tupleValue([secret('b', 'x')])).marks], ['x']);
    assert.deepEqual([...equals(secret(unknownString), secret('a', 'x')).marks].sort(), ['sensitive', 'x']);
    assert.equal(equals(v(1), v(1)), trueValue);
    assert.equal(equals(v(1), v(2)), falseValue);
  });

  it('of the host program are equal when they are the same', () => {
    const type = { kind: 'capsule', name: 'thing' } as const;
    const thing = {};
    assert.equal(verdict(capsuleValue(type, thing), capsuleValue(type, thing)), true);
    assert.equal(verdict(capsuleValue(type, thing), capsuleValue(type, {})), false);
  });
});

describe('the same value', () => {
  it('has the type, too, and ignores marks', () => {
    assert.ok(sameValue(secret({ a: [1] }), v({ a: [1] })));
    assert.ok(sameValue(unknownString, unknownString));
    assert.ok(sameValue(nullValue(stringType), nullValue(stringType)));
    assert.ok(!sameValue(nullValue(stringType), nullValue(numberType)));
    assert.ok(!sameValue(unknownString, unknownAny));
    assert.ok(!sameValue(unknownString, v('a')));
    assert.ok(!sameValue(v([1]), convert(v([1]), numbers)));
    assert.ok(!sameValue(v({ a: 1 }), v({ a: 2 })));
    assert.ok(!sameValue(v({ a: 1 }), v({ b: 1 })));
    assert.ok(!sameValue(mapValue(stringType, [['a', v('x')]]), mapValue(stringType, [['b', v('x')]])));
    assert.ok(!sameValue(setOf(stringType, [v('a')]), setOf(stringType, [v('b')])));
    assert.ok(!sameValue(v(true), v(false)));
  });
});

describe('a type', () => {
  it('conforms to one that leaves parts open', () => {
    const object = objectType([['a', listType(stringType)]]);
    assert.ok(conforms(object, dynamicType));
    assert.ok(conforms(object, objectType([['a', listType(dynamicType)]])));
    assert.ok(!conforms(objectType([['a', listType(dynamicType)]]), object));
    assert.ok(!conforms(object, objectType([['b', listType(dynamicType)]])));
    assert.ok(conforms(tupleType([stringType]), tupleType([dynamicType])));
    assert.ok(!conforms(tupleType([stringType]), tupleType([])));
    assert.ok(!conforms(setType(stringType), listType(dynamicType)));
    assert.ok(conforms(mapType(setType(numberType)), mapType(setType(dynamicType))));
    assert.ok(!conforms(stringType, numberType));
  });
});

describe('equality beside that of Packer', () => {
  it('is the same', { skip: packerMissing }, () => {
    // Not with null inside: 1.6.6 does not know yet whether such are equal, later ones do.
    const values: [string, Value][] = [
      ['1', v(1)],
      ['"1"', v('1')],
      ['true', v(true)],
      ['"true"', v('true')],
      ['null', v(null)],
      ['[]', v([])],
      ['{}', v({})],
      ['[1]', v([1])],
      ['["1"]', v(['1'])],
      ['{a = 1}', v({ a: 1 })],
      ['convert([1], list(number))', convert(v([1]), numbers)],
      ['convert([1], set(number))', convert(v([1]), setType(numberType))],
      ['convert({a = 1}, map(number))', convert(v({ a: 1 }), mapType(numberType))],
      ['convert([], list(string))', listValue(stringType, [])],
      ['0.1 + 0.2', numberValue(BigFloat.float(0.3))],
      ['0.3', numberValue(BigFloat.float(0.3))],
      ['1/3', numberValue(BigFloat.of(1n, 0).divide(BigFloat.of(3n, 0)))],
    ];
    const expressions = values.flatMap(([a]) => values.map(([b]) => `(${a}) == (${b})`));
    const verdicts = packerConsole(`[${expressions.join(', ')}]`).match(/true|false/g) ?? [];
    const own = values.flatMap(([, a]) => values.map(([, b]) => String(verdict(a, b))));
    assert.deepEqual(
      expressions.map((expression, index) => `${expression}: ${own[index]}`),
      expressions.map((expression, index) => `${expression}: ${verdicts[index]}`),
    );
  });
});
