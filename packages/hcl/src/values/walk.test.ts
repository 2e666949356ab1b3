import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secret, v } from '../testing/values.ts';
import { describePath, formatPath } from './path.ts';
import { setOf } from './set.ts';
import { dynamicType, listType, mapType, numberType, stringType } from './type.ts';
import { typeExpression } from './type-words.ts';
import { listValue, mapValue, nullValue, tupleValue, unknownValue, type Value } from './value.ts';
import { childrenOf, hasKnownType, isWhollyKnown, mapChildren, stepsOf } from './walk.ts';

const containers: [string, Value, string[]][] = [
  ['a tuple', v(['a', 1]), ['[0]', '[1]']],
  ['an object', v({ a: 1, b: 2 }), ['.a', '.b']],
  ['a list', listValue(stringType, [v('a')]), ['[0]']],
  ['a map', mapValue(stringType, [['x y', v('a')]]), ['["x y"]']],
  ['a set', setOf(stringType, [v('a'), v('b')]), ['[...]', '[...]']],
  ['a string', v('abc'), []],
  ['null', nullValue(listType(stringType)), []],
  ['unknown', unknownValue(listType(stringType)), []],
];

describe('the children of a value', () => {
  for (const [name, value, paths] of containers) {
    it(`have their steps in ${name}`, () => {
      const steps = [...stepsOf(value)];
      assert.deepEqual(
        steps.map(([step]) => formatPath([step])),
        paths,
      );
      assert.deepEqual(
        steps.map(([, child]) => child),
        [...childrenOf(value)],
      );
    });

    it(`are replaced in ${name}`, () => {
      assert.equal(
        mapChildren(value, (child) => child),
        value,
      );
      const marked = mapChildren(value, (child) => secret(child));
      assert.ok([...childrenOf(marked)].every(({ marks }) => marks.has('sensitive')));
      assert.equal(typeExpression(marked.type), typeExpression(value.type));
    });
  }

  it('of other types change the types of tuples and objects', () => {
    assert.equal(typeExpression(mapChildren(v([1, 2]), () => v('x')).type), 'tuple([string, string])');
    assert.equal(typeExpression(mapChildren(v({ a: 1 }), () => v(true)).type), 'object({a=bool})');
  });
});

describe('what is known of a value', () => {
  it('counts at any depth', () => {
    assert.ok(isWhollyKnown(v({ a: [1, null] })));
    assert.ok(!isWhollyKnown(unknownValue(stringType)));
    assert.ok(!isWhollyKnown(tupleValue([v(1), tupleValue([unknownValue(numberType)])])));
  });

  it('may be only its type', () => {
    assert.ok(hasKnownType(unknownValue(mapType(stringType))));
    assert.ok(hasKnownType(nullValue(dynamicType)));
    assert.ok(!hasKnownType(unknownValue(listType(dynamicType))));
    assert.ok(!hasKnownType(tupleValue([unknownValue(dynamicType)])));
  });
});

describe('a path', () => {
  const path = [
    { kind: 'attribute', name: 'disks' },
    { kind: 'index', index: 0 },
    { kind: 'key', key: 'a "b"' },
    { kind: 'element' },
  ] as const;

  it('is written as in an expression, or in a sentence', () => {
    assert.equal(formatPath(path), '.disks[0]["a \\"b\\""][...]');
    assert.equal(describePath(path), 'attribute "disks": element 0: element "a \\"b\\"": an element');
    assert.equal(formatPath([]), '');
    assert.equal(describePath([]), '');
  });
});
