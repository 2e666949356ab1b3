import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packerConsole, packerMissing } from '../../testing/packer-console.ts';
import { v } from '../../testing/values.ts';
import { encodeJson } from '../json.ts';
import {
  boolType,
  capsuleType,
  dynamicType,
  emptyObjectType,
  emptyTupleType,
  listType,
  mapType,
  numberType,
  objectType,
  setType,
  stringType,
  type Type,
  tupleType,
} from '../type.ts';
import { typeExpression } from '../type-words.ts';
import { unknownValue, type Value } from '../value.ts';
import { comparePreference } from './preference.ts';
import { unification, unify } from './unify.ts';

const object = (attributes: Readonly<Record<string, Type>>) => objectType(Object.entries(attributes));
const [strings, numbers] = [listType(stringType), listType(numberType)];

describe('types', () => {
  // The types, what they have in common safely, and what they have in common otherwise when that is not the same.
  const table: [Type[], string | undefined, (string | undefined)?][] = [
    [[], undefined],
    [[stringType], 'string'],
    [[numberType, numberType], 'number'],
    [[numberType, stringType], 'string'],
    [[boolType, numberType], undefined],
    [[boolType, numberType, stringType], 'string'],
    [[stringType, dynamicType], 'any', 'string'],
    [[dynamicType, dynamicType], 'any'],
    [[numberType, dynamicType, stringType], 'any', 'string'],
    [[stringType, strings], undefined],
    [[numbers, strings], 'list(string)'],
    [[numbers, listType(boolType)], undefined],
    [[listType(numbers), listType(strings)], 'list(list(string))'],
    [[strings, dynamicType], 'any'],
    [[setType(numberType), setType(stringType)], 'set(string)'],
    [[strings, setType(numberType)], 'list(string)'],
    [[numbers, setType(stringType)], undefined, 'list(number)'],
    [[mapType(numberType), mapType(stringType)], 'map(string)'],
    [[emptyTupleType, strings], 'list(string)'],
    [[tupleType([numberType]), strings], 'list(string)'],
    [[tupleType([numberType, boolType]), strings], 'list(string)'],
    [[tupleType([stringType]), numbers], 'list(string)'],
    [[tupleType([emptyObjectType]), numbers], undefined],
    [[tupleType([numberType]), tupleType([stringType])], 'tuple([string])'],
    [[tupleType([numberType]), tupleType([stringType, boolType])], 'list(string)'],
    [[emptyTupleType, tupleType([stringType])], 'list(string)'],
    [[tupleType([numberType]), tupleType([emptyObjectType])], undefined],
    [[tupleType([numberType]), dynamicType], 'any'],
    [[tupleType([numberType]), setType(stringType)], 'set(string)'],
    [[object({ a: numberType }), object({ a: stringType })], 'object({a=string})'],
    [[object({ a: numberType }), object({ b: stringType })], 'map(string)'],
    [[object({ a: numberType }), emptyObjectType], 'map(number)'],
    [[object({ a: numberType }), object({ a: emptyTupleType })], undefined],
    [[object({ a: numberType, b: emptyTupleType }), emptyObjectType], undefined],
    [[object({ a: numberType }), mapType(stringType)], 'map(string)'],
    [[object({ a: stringType }), mapType(numberType)], 'map(string)'],
    [[object({ a: numberType }), dynamicType], 'any'],
    [[object({ a: numberType }), tupleType([numberType])], undefined],
    [[mapType(stringType), strings], undefined],
    [[capsuleType('a'), capsuleType('a')], 'capsule("a")'],
    [[capsuleType('a'), capsuleType('b')], undefined],
    [
      [object({ a: numberType, b: stringType }), object({ a: stringType, b: numberType })],
      'object({a=string, b=string})',
    ],
  ];
  for (const [types, safe, unsafe = safe] of table) {
    it(`${types.map(typeExpression).join(' and ') || '(none)'} have in common ${safe} or ${unsafe}`, () => {
      const text = (found: Type | undefined) => found && typeExpression(found);
      assert.equal(text(unify(types)), safe);
      assert.equal(text(unify(types, { unsafe: true })), unsafe);
    });
  }

  it('come with the conversions of their values', () => {
    const values = [v([1]), v(['a', 'b']), v([])];
    const found = unification(values.map(({ type }) => type))!;
    assert.equal(typeExpression(found.type), 'list(string)');
    const converted = values.map((value, index) => found.conversions[index]!(value));
    assert.deepEqual(
      converted.map((value) => encodeJson(value)),
      ['["1"]', '["a","b"]', '[]'],
    );
    assert.ok(converted.every(({ type }) => typeExpression(type) === 'list(string)'));
  });

  it('of which one is not known make all values unknown', () => {
    const found = unification([tupleType([numberType]), dynamicType])!;
    assert.deepEqual(found.conversions[0]!(v([1])), unknownValue(dynamicType));
  });

  it('in great numbers are compared in a time that grows with their number', () => {
    const many = Array.from({ length: 50_000 }, (_, index) => (index % 3 ? numberType : stringType));
    assert.equal(unify(many)?.kind, 'string');
    const objects = Array.from({ length: 10_000 }, (_, index) => object({ [`a${index}`]: numberType }));
    assert.equal(typeExpression(unify(objects)!), 'map(number)');
  });
});

describe('the more general type', () => {
  const pairs: [Type, Type][] = [
    [stringType, numberType],
    [stringType, boolType],
    [numberType, dynamicType],
    [strings, numbers],
    [strings, tupleType([numberType])],
    [strings, setType(stringType)],
    [tupleType([numberType]), setType(stringType)],
    [mapType(numberType), object({ a: numberType })],
    [object({ a: stringType, b: numberType }), object({ a: numberType, b: numberType })],
    [tupleType([stringType]), tupleType([numberType])],
  ];
  for (const [general, special] of pairs) {
    it(`of ${typeExpression(general)} and ${typeExpression(special)} is the first`, () => {
      assert.ok(comparePreference(general, special) < 0);
      assert.ok(comparePreference(special, general) > 0);
    });
  }
  const incomparable: [Type, Type][] = [
    [numberType, boolType],
    [stringType, stringType],
    [strings, mapType(stringType)],
    [object({ a: stringType, b: numberType }), object({ a: numberType, b: stringType })],
    [object({ a: stringType }), object({ b: numberType })],
    [object({ a: stringType }), emptyObjectType],
    [emptyTupleType, tupleType([numberType])],
  ];
  for (const [a, b] of incomparable) {
    it(`of ${typeExpression(a)} and ${typeExpression(b)} does not exist`, () => {
      assert.equal(comparePreference(a, b), 0);
      assert.equal(comparePreference(b, a), 0);
    });
  }
});

describe('the common type of lists written out, beside that of Packer', () => {
  it('is the same', { skip: packerMissing }, () => {
    const values: Value[] = [
      v(1),
      v('a'),
      v(true),
      v([1]),
      v(['a']),
      v([]),
      v({ a: 1 }),
      v({ a: 'x' }),
      v({ b: true }),
      v({}),
    ];
    const pairs = values.flatMap((a) => values.map((b) => [a, b] as const));
    const expressions = pairs.map(([a, b]) => {
      return `try(jsonencode(convert([${encodeJson(a)}, ${encodeJson(b)}], list(any))), "refused")`;
    });
    const theirs: unknown = JSON.parse(packerConsole(`jsonencode([${expressions.join(', ')}])`));
    const own = pairs.map(([a, b]) => {
      const found = unification([a.type, b.type], { unsafe: true });
      if (!found) return 'refused';
      return `[${encodeJson(found.conversions[0]!(a))},${encodeJson(found.conversions[1]!(b))}]`;
    });
    assert.deepEqual(own, theirs);
  });
});
