import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entries, secret, v } from '../testing/values.ts';
import {
  containsMark,
  containsMarks,
  marksDeep,
  unmarkedDeep,
  unmarkedWithPaths,
  withPathMarks,
} from './deep-marks.ts';
import { sameValue } from './equal.ts';
import { formatPath } from './path.ts';
import { setOf } from './set.ts';
import { stringType } from './type.ts';
import { listValue, mapValue, noMarks, objectValue, tupleValue, unknownValue, type Value } from './value.ts';

const marked = objectValue(
  entries({
    plain: v('x'),
    list: listValue(stringType, [v('a'), secret('b')]),
    map: mapValue(stringType, [['k', secret('c', 'other')]]),
    set: setOf(stringType, [secret('d')]),
    tuple: secret(tupleValue([secret(unknownValue(stringType), 'deep')]), 'outer'),
  }),
);

describe('marks inside of a value', () => {
  it('are found', () => {
    assert.ok(containsMarks(marked));
    assert.ok(!containsMarks(v({ a: [1] })));
    assert.deepEqual([...marksDeep(marked)].sort(), ['deep', 'other', 'outer', 'sensitive']);
    assert.equal(marksDeep(v([1])), noMarks);
    assert.ok(containsMark(marked, 'deep'));
    assert.ok(!containsMark(marked, 'deeper'));
  });

  it('are taken off, and everything else stays', () => {
    const { value, marks } = unmarkedDeep(marked);
    assert.ok(!containsMarks(value));
    assert.ok(sameValue(value, marked));
    assert.deepEqual([...marks].sort(), ['deep', 'other', 'outer', 'sensitive']);
    const plain = v({ a: [1] });
    assert.equal(unmarkedDeep(plain).value, plain);
  });

  it('are put back where they were', () => {
    const { value, marks } = unmarkedWithPaths(marked);
    assert.ok(!containsMarks(value));
    assert.deepEqual(
      marks.map((entry) => `${formatPath(entry.path)} ${[...entry.marks]}`),
      ['.list[1] sensitive', '.map["k"] other', '.set sensitive', '.tuple outer', '.tuple[0] deep'],
    );
    assert.deepEqual(withPathMarks(value, marks), marked);
    assert.equal(withPathMarks(value, []), value);
  });

  it('go to what is nearest when their place is gone', () => {
    const { marks } = unmarkedWithPaths(marked);
    const shorter = withPathMarks(v({ list: ['a'], map: {} }), marks) as Value & { kind: 'object' };
    assert.deepEqual([...shorter.marks].sort(), ['deep', 'outer', 'sensitive']);
    assert.deepEqual([...shorter.entries.get('list')!.marks], ['sensitive']);
    assert.deepEqual([...shorter.entries.get('map')!.marks], ['other']);
  });
});
