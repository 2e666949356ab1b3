import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../testing/random.ts';
import { v } from '../testing/values.ts';
import { numberType, stringType } from './type.ts';
import { typeExpression } from './type-words.ts';
import { compareKeys, mapValue, objectValue, stringValue, unmarked, withMarks } from './value.ts';

describe('a value', () => {
  it('has texts and names in one form of Unicode', () => {
    assert.equal(stringValue('e\u0301').value, 'é');
    assert.deepEqual([...mapValue(stringType, [['e\u0301', v('x')]]).entries.keys()], ['é']);
    assert.equal(typeExpression(objectValue([['e\u0301', v(1)]]).type), 'object({é=number})');
  });

  it('has its entries in order, of the same name the last one', () => {
    const given = [
      ['b', v(1)],
      ['a', v(2)],
      ['b', v('x')],
    ] as const;
    const object = objectValue(given);
    assert.deepEqual([...object.entries.keys()], ['a', 'b']);
    assert.equal(typeExpression(object.type), 'object({a=number, b=string})');
    assert.deepEqual(
      [
        ...mapValue(numberType, [
          ['b', v(1)],
          ['a', v(2)],
        ]).entries.keys(),
      ],
      ['a', 'b'],
    );
    const sorted = objectValue([
      ['a', v(1)],
      ['a', v('x')],
      ['b', v(1)],
    ]);
    assert.equal(typeExpression(sorted.type), 'object({a=string, b=number})');
  });

  it('gets and loses marks, and is itself otherwise', () => {
    const value = v('x');
    assert.equal(withMarks(value, new Set()), value);
    assert.equal(unmarked(value), value);
    const marked = withMarks(value, new Set(['a']), new Set(['b']));
    assert.deepEqual([...withMarks(marked, new Set(['c'])).marks], ['a', 'b', 'c']);
    assert.deepEqual(unmarked(marked), value);
  });
});

describe('keys', () => {
  it('are in the order of their bytes in UTF-8', () => {
    const random = new Random(61);
    const letters = [
      'a',
      'B',
      '',
      '\u0001',
      'é',
      '\u07ff',
      '\u0800',
      '\ud7ff',
      '\ue000',
      '\uffff',
      '\u{10000}',
      '\u{10ffff}',
    ];
    const any = () => Array.from({ length: random.below(4) }, () => random.pick(letters)).join('');
    for (let i = 0; i < 2000; i++) {
      const [a, b] = [any(), any()];
      assert.equal(Math.sign(compareKeys(a, b)), Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }
  });
});
