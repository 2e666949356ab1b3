import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secret, v } from '../testing/values.ts';
import { AccessError, attribute, index } from './access.ts';
import { BigFloat } from './big-float.ts';
import { sameValue } from './equal.ts';
import { setOf } from './set.ts';
import {
  dynamicType,
  listType,
  mapType,
  numberType,
  objectType,
  setType,
  stringType,
  type Type,
  tupleType,
} from './type.ts';
import {
  listValue,
  mapValue,
  nullValue,
  numberValue,
  tupleValue,
  unknownValue,
  type Value,
} from './value.ts';

const list = listValue(stringType, [v('a'), v('b')]);
const map = mapValue(numberType, [
  ['x', v(1)],
  ['0', v(2)],
]);
const object = v({ name: 'n', '5': 'five', nothing: null });
const unknownOf = (type: Type) => unknownValue(type);

describe('an element', () => {
  const table: [string, Value, Value, Value][] = [
    ['of a list', list, v(1), v('b')],
    ['of a list, by a text', list, v('0'), v('a')],
    ['of a list, by negative zero', list, numberValue(BigFloat.zero.negate()), v('a')],
    ['of a tuple', v([1, 'x']), v(1), v('x')],
    ['of a map', map, v('x'), v(1)],
    ['of a map, by a number', map, v(0), v(2)],
    ['of an object', object, v('name'), v('n')],
    ['of an object, by a number', object, v(5), v('five')],
    ['of an unknown list', unknownOf(listType(stringType)), v(7), unknownOf(stringType)],
    ['of an unknown map', unknownOf(mapType(numberType)), v('k'), unknownOf(numberType)],
    ['of an unknown tuple', unknownOf(tupleType([numberType, stringType])), v(1), unknownOf(stringType)],
    ['of an unknown object', unknownOf(objectType([['a', stringType]])), v('a'), unknownOf(stringType)],
    ['of something unknown', unknownOf(dynamicType), v('a'), unknownOf(dynamicType)],
    ['by an unknown number', list, unknownOf(numberType), unknownOf(stringType)],
    ['of a tuple, by an unknown number', v([1, 'x']), unknownOf(numberType), unknownOf(dynamicType)],
    ['of a map, by an unknown text', map, unknownOf(stringType), unknownOf(numberType)],
    ['of an object, by an unknown text', object, unknownOf(stringType), unknownOf(dynamicType)],
    ['by something unknown', list, unknownOf(dynamicType), unknownOf(dynamicType)],
  ];
  for (const [name, value, key, result] of table) {
    it(`${name} is found`, () => {
      assert.ok(sameValue(index(value, key), result));
    });
  }

  const refused: [string, Value, Value, string, string[]?][] = [
    ['of null', v(null), v(0), 'This value is null, so it has no elements.'],
    ['by null', list, v(null), 'Null is not the index of any element.'],
    ['after the end', list, v(2), 'There is no element with this index. The last element is 1.'],
    ['after the only one', v(['a']), v(1), 'There is no element with this index. There is only element 0.'],
    ['of an empty list', v([]), v(0), 'There is no element with this index. There are no elements.'],
    ['far away', list, v(10n ** 30n), 'There is no element with this index. The last element is 1.'],
    [
      'after the end of an unknown tuple',
      unknownOf(tupleType([numberType])),
      v(1),
      'There is no element with this index. There is only element 0.',
    ],
    [
      'by a negative number',
      list,
      v(-1),
      'The index must not be negative: elements are counted from 0 upwards.',
    ],
    ['by a fraction', list, v(0.5), 'The index must be a whole number.'],
    ['by infinity', list, v('inf'), 'The index must be a whole number.'],
    ['by a text', list, v('a'), 'This is not an index: a number is required.'],
    ['by a list', map, v([]), 'This is not an index: a string is required.'],
    ['that a map does not have', map, v('y'), 'This map has no element "y".', ['0', 'x']],
    [
      'that an object does not have',
      object,
      v('nam'),
      'This object has no attribute "nam".',
      ['5', 'name', 'nothing'],
    ],
    [
      'that an object does not have, by a number',
      v({ a: 1 }),
      v(0),
      'This object has no attribute "0". Attributes of objects have names, not numbers.',
      ['a'],
    ],
    [
      'of a set',
      setOf(stringType, [v('a')]),
      v(0),
      'Elements of a set have neither order nor key. Make a list of it first, or use a for expression.',
    ],
    ['of a text', v('abc'), v(0), 'A string has no elements.'],
    ['by a secret', map, secret('password'), 'This map has no element of this name.', []],
  ];
  for (const [name, value, key, message, names = []] of refused) {
    it(`${name} is refused`, () => {
      assert.throws(
        () => index(value, key),
        (error: unknown) => {
          assert.ok(error instanceof AccessError);
          assert.deepEqual([error.message, error.names], [message, names]);
          return true;
        },
      );
    });
  }

  it('has the marks of its collection, of the key, and its own', () => {
    const value = secret(tupleValue([secret('a', 'own')]), 'outer');
    assert.deepEqual([...index(value, secret(0, 'key')).marks].sort(), ['key', 'outer', 'own']);
    assert.deepEqual([...index(secret(unknownOf(dynamicType)), v(0)).marks], ['sensitive']);
    assert.deepEqual([...index(secret(unknownOf(listType(stringType))), v(0)).marks], ['sensitive']);
  });
});

describe('an attribute', () => {
  it('is found in objects and maps', () => {
    assert.ok(sameValue(attribute(object, 'name'), v('n')));
    assert.ok(sameValue(attribute(object, 'nothing'), nullValue(dynamicType)));
    assert.ok(sameValue(attribute(map, 'x'), v(1)));
    assert.ok(sameValue(attribute(unknownOf(objectType([['a', numberType]])), 'a'), unknownOf(numberType)));
    assert.ok(sameValue(attribute(unknownOf(mapType(numberType)), 'a'), unknownOf(numberType)));
    assert.ok(sameValue(attribute(unknownOf(dynamicType), 'a'), unknownOf(dynamicType)));
    assert.deepEqual([...attribute(secret(object), 'name').marks], ['sensitive']);
    assert.deepEqual([...attribute(secret(unknownOf(dynamicType)), 'name').marks], ['sensitive']);
  });

  const refused: [string, Value, string, string[]?][] = [
    ['null', v(null), 'This value is null, so it has no attribute "a".'],
    ['an object without it', v({ b: 1 }), 'This object has no attribute "a".', ['b']],
    [
      'an unknown object without it',
      unknownOf(objectType([['b', numberType]])),
      'This object has no attribute "a".',
      ['b'],
    ],
    ['a map without it', map, 'This map has no element "a".', ['0', 'x']],
    [
      'a list',
      list,
      'A list has no attributes. Say which element you mean, as in [0].a, or write [*].a for the attribute "a" of all of them.',
    ],
    [
      'a tuple',
      v([{ a: 1 }]),
      'A tuple has no attributes. Say which element you mean, as in [0].a, or write [*].a for the attribute "a" of all of them.',
    ],
    [
      'a set',
      unknownOf(setType(stringType)),
      'A set has no attributes. For the attribute "a" of every element use a for expression.',
    ],
    ['a number', v(1), 'A number has no attributes.'],
  ];
  for (const [name, value, message, names = []] of refused) {
    it(`of ${name} is refused`, () => {
      assert.throws(
        () => attribute(value, 'a'),
        (error: unknown) => {
          assert.ok(error instanceof AccessError);
          assert.deepEqual([error.message, error.names], [message, names]);
          return true;
        },
      );
    });
  }
});
