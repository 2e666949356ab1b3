import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packerConsole, packerMissing } from '../testing/packer-console.ts';
import { Random } from '../testing/random.ts';
import { secret, v } from '../testing/values.ts';
import { BigFloat } from './big-float.ts';
import { parseBigFloat } from './big-float-text.ts';
import { convert } from './convert.ts';
import { equals, sameValue } from './equal.ts';
import { type Plain, toPlain } from './plain.ts';
import { intersection, isInSet, setOf, subtraction, symmetricDifference, union } from './set.ts';
import { showValue } from './show.ts';
import {
  boolType,
  listType,
  mapType,
  numberType,
  objectType,
  setType,
  stringType,
  type Type,
} from './type.ts';
import {
  capsuleValue,
  nullValue,
  numberValue,
  type SetValue,
  stringValue,
  unknownValue,
  type Value,
} from './value.ts';

function set(element: Type, items: readonly Plain[]): SetValue {
  return setOf(
    element,
    items.map((item) => convert(v(item), element)),
  );
}

describe('a set', () => {
  const tables: [string, Type, Plain[], Plain[]][] = [
    [
      'strings by code points',
      stringType,
      ['b', 'a', '\u{1f600}', 'é', '\uff5e', 'B', '', 'a'],
      ['', 'B', 'a', 'b', 'é', '\uff5e', '\u{1f600}'],
    ],
    ['numbers by size', numberType, [10, 9, -1, 0.5, 9, 10n ** 30n], [-1, 0.5, 9, 10, 10n ** 30n]],
    ['false before true', boolType, [true, false, true], [false, true]],
    ['null last', stringType, ['b', null, 'a', null], ['a', 'b', null]],
    [
      'lists by their texts',
      listType(numberType),
      [[10], [9], [1], [1, 2], []],
      [[10], [1, 2], [1], [9], []],
    ],
    [
      'objects by their texts',
      objectType([
        ['a', numberType],
        ['b', stringType],
      ]),
      [
        { a: 2, b: 'x' },
        { a: 10, b: 'x' },
        { a: 2, b: 'w' },
        { a: 2, b: 'x' },
      ],
      [
        { a: 10, b: 'x' },
        { a: 2, b: 'w' },
        { a: 2, b: 'x' },
      ],
    ],
    [
      'maps by their texts',
      mapType(boolType),
      [{ b: true }, { a: true }, { a: false }],
      [{ a: false }, { a: true }, { b: true }],
    ],
  ];
  for (const [name, element, given, ordered] of tables) {
    it(`is ordered: ${name}`, () => {
      assert.deepEqual(toPlain(set(element, given)), ordered);
      assert.deepEqual(toPlain(set(element, given.toReversed())), ordered);
    });
  }

  it('has one of numbers that are written the same, and both of those that differ a little', () => {
    const items = ['0.1', '0.1000000000000000000000000000000001'].map((text) => {
      return numberValue(parseBigFloat(text) as BigFloat);
    });
    assert.equal(setOf(numberType, [...items, numberValue(BigFloat.float(0.1))]).items.length, 2);
    const zeros = [numberValue(BigFloat.zero), numberValue(BigFloat.zero.negate())];
    assert.equal(setOf(numberType, zeros).items.length, 1);
  });

  it('keeps every unknown value, after the known ones', () => {
    const unknown = unknownValue(stringType);
    const made = setOf(stringType, [unknown, nullValue(stringType), v('a'), unknown]);
    assert.deepEqual(
      made.items.map(({ kind }) => kind),
      ['string', 'unknown', 'unknown', 'null'],
    );
    const partly = v(['a']) as Value & { kind: 'tuple' };
    const holding = { ...partly, items: [unknown] };
    assert.equal(setOf(partly.type, [holding, holding]).items.length, 2);
  });

  it('takes the marks of its elements', () => {
    const made = setOf(stringType, [secret('a'), v('b'), secret('a', 'other')]);
    assert.deepEqual([...made.marks].sort(), ['other', 'sensitive']);
    assert.ok(made.items.every(({ marks }) => marks.size === 0));
    assert.equal(made.items.length, 2);
  });

  it('tells values of the host program apart by what they are', () => {
    const type = { kind: 'capsule', name: 'thing' } as const;
    const [one, two] = [{}, {}];
    const made = setOf(type, [capsuleValue(type, one), capsuleValue(type, two), capsuleValue(type, one)]);
    assert.equal(made.items.length, 2);
    assert.ok(isInSet(made, capsuleValue(type, two)));
    assert.equal(
      setOf(type, [capsuleValue(type, 1), capsuleValue(type, '1'), capsuleValue(type, 1)]).items.length,
      2,
    );
  });

  it('of many elements is made in a time that grows with their number', () => {
    const items = Array.from({ length: 50_000 }, (_, index) =>
      stringValue(`item ${(index * 7919) % 50_000}`),
    );
    const made = setOf(stringType, items);
    assert.equal(made.items.length, 50_000);
    assert.ok(items.every((item) => isInSet(made, item)));
    assert.equal(subtraction(made, made).items.length, 0);
  });
});

describe('operations on sets', () => {
  const [a, b] = [set(numberType, [1, 2, 3]), set(numberType, [3, 4])];

  it('unite, intersect and subtract', () => {
    assert.deepEqual(toPlain(union(a, b)), [1, 2, 3, 4]);
    assert.deepEqual(toPlain(intersection(a, b)), [3]);
    assert.deepEqual(toPlain(subtraction(a, b)), [1, 2]);
    assert.deepEqual(toPlain(symmetricDifference(a, b)), [1, 2, 4]);
  });

  it('follow the laws of sets', () => {
    const random = new Random(21);
    const any = () =>
      set(
        numberType,
        Array.from({ length: random.below(12) }, () => random.below(10)),
      );
    for (let i = 0; i < 300; i++) {
      const [x, y, z] = [any(), any(), any()];
      assert.ok(sameValue(union(x, y), union(y, x)));
      assert.ok(sameValue(intersection(x, union(y, z)), union(intersection(x, y), intersection(x, z))));
      assert.ok(sameValue(subtraction(x, union(y, z)), intersection(subtraction(x, y), subtraction(x, z))));
      assert.ok(sameValue(symmetricDifference(x, y), subtraction(union(x, y), intersection(x, y))));
      assert.deepEqual(equals(x, y), v(JSON.stringify(toPlain(x)) === JSON.stringify(toPlain(y))));
    }
  });

  it('have the marks of both', () => {
    const marked = setOf(numberType, [secret(1)]);
    for (const operation of [union, intersection, subtraction, symmetricDifference]) {
      assert.deepEqual([...operation(marked, b).marks], ['sensitive'], operation.name);
      assert.deepEqual([...operation(b, marked).marks], ['sensitive'], operation.name);
    }
  });

  it('find members of the type, and no others', () => {
    assert.equal(isInSet(a, v(2)), true);
    assert.equal(isInSet(a, v(4)), false);
    assert.equal(isInSet(a, v('2')), false);
    assert.equal(isInSet(a, secret(2)), true);
    assert.equal(isInSet(a, unknownValue(numberType)), undefined);
    assert.equal(isInSet(set(stringType, [null]), nullValue(stringType)), true);
  });
});

describe('sets beside those of Packer', () => {
  it('have the same elements in the same order', { skip: packerMissing }, () => {
    const cases: [Type, string, Plain[]][] = [
      [setType(numberType), 'set(number)', [10, 9, 1, 2.5, -3, 1e20, 9]],
      [setType(stringType), 'set(string)', ['b', 'a', 'é', 'Z', 'aa', '', 'a']],
      [setType(boolType), 'set(bool)', [true, false, true]],
      [
        setType(listType(numberType)),
        'set(list(number))',
        [[10], [9], [1, 2], [1], [], [1.5], [1000000], [0.00001]],
      ],
      [
        setType(listType(stringType)),
        'set(list(string))',
        [['a"b'], ['a'], ['é'], ['\u200b'], ['a\n'], ['Z']],
      ],
      [
        setType(
          objectType([
            ['a', numberType],
            ['b', stringType],
          ]),
        ),
        'set(object({a=number, b=string}))',
        [
          { a: 2, b: 'x' },
          { a: 10, b: 'x' },
          { a: 2, b: 'w' },
        ],
      ],
      [setType(mapType(stringType)), 'set(map(string))', [{ b: 'x' }, { a: 'y' }, { a: 'x' }, {}]],
      [setType(setType(numberType)), 'set(set(number))', [[3, 2], [2, 3], [2]]],
    ];
    for (const [type, expression, items] of cases) {
      assert.equal(
        showValue(convert(v(items), type)),
        packerConsole(`convert(${JSON.stringify(items)}, ${expression})`),
        expression,
      );
    }
  });
});
