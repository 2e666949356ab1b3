import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packerConsole, packerMissing } from '../testing/packer-console.ts';
import { entries, secret, v } from '../testing/values.ts';
import { encodeJson } from './json.ts';
import { setOf } from './set.ts';
import { showValue } from './show.ts';
import { numberType, stringType } from './type.ts';
import { capsuleValue, mapValue, objectValue, tupleValue, unknownValue, type Value } from './value.ts';

describe('a value that is shown', () => {
  const table: [string, Value, string][] = [
    ['a string as it is', v('a\n"b"'), 'a\n"b"'],
    ['a whole number', v(1000000), '1000000'],
    ['a large whole number', v(2n ** 63n - 1n), '9223372036854775807'],
    ['a larger one', v(2n ** 63n), '9.223372036854776e+18'],
    ['a negative one', v(-(2n ** 63n)), '-9223372036854775808'],
    ['a fraction', v(12345678.9), '1.23456789e+07'],
    ['infinity', v(Number.POSITIVE_INFINITY), '+Inf'],
    ['a bool', v(false), 'false'],
    ['null', v(null), 'null'],
    ['an empty list', v([]), '[]'],
    ['an empty object', v({}), '{}'],
    ['a list', v(['a', 1, null, []]), '[\n  "a",\n  1,\n  null,\n  [],\n]'],
    ['a set', setOf(numberType, [v(2), v(1)]), '[\n  1,\n  2,\n]'],
    [
      'nested things',
      v({ b: [{ 'c d': 'x\ty' }], a: 1, gone: null }),
      '{\n  "a" = 1\n  "b" = [\n    {\n      "c d" = "x\\ty"\n    },\n  ]\n}',
    ],
    ['a map', mapValue(stringType, [['k', v('x')]]), '{\n  "k" = "x"\n}'],
    ['something unknown', tupleValue([v(1), unknownValue(stringType)]), '<unknown>'],
    [
      'a value of the host program',
      tupleValue([capsuleValue({ kind: 'capsule', name: 'thing' }, 1)]),
      '[\n  <thing>,\n]',
    ],
    ['a secret', secret('password'), '<sensitive>'],
    ['an unknown secret', secret(unknownValue(stringType)), '<sensitive>'],
    [
      'a secret inside',
      objectValue(entries({ a: secret(null), b: secret({ c: 1 }), c: v(1) })),
      '{\n  "a" = <sensitive>\n  "b" = <sensitive>\n  "c" = 1\n}',
    ],
    ['another mark', secret('x', 'other'), 'x'],
  ];
  for (const [name, value, text] of table) {
    it(`is right for ${name}`, () => {
      assert.equal(showValue(value), text);
    });
  }

  it('has its secrets when they are asked for', () => {
    assert.equal(showValue(secret('password'), { secrets: true }), 'password');
    assert.equal(showValue(tupleValue([secret(['x'])]), { secrets: true }), '[\n  [\n    "x",\n  ],\n]');
  });

  it('looks as in Packer', { skip: packerMissing }, () => {
    const values = v([
      'a"b\\',
      'é\u200b\u00a0\u0001\u007f\u{1f600}',
      '\t',
      1e6,
      0.1,
      1e-7,
      123456789.5,
      12345678901234567890n,
      -0.5,
      1e30,
      true,
      null,
      [],
      {},
      [[]],
      { a: {} },
      { 'b c': [1, { d: null, e: 'x' }] },
      { z: 1, Z: 2, é: 3, a: 4 },
    ]);
    assert.equal(showValue(values), packerConsole(encodeJson(values)));
  });
});
