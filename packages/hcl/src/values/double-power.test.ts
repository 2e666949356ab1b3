import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packerJson, packerMissing } from '../testing/packer-console.ts';
import { BigFloat } from './big-float.ts';
import { formatDecimal } from './big-float-text.ts';
import { doublePower } from './double-power.ts';

const { POSITIVE_INFINITY: infinite, NaN: none } = Number;

describe('a power of doubles', () => {
  const table: [number, number, number][] = [
    [2, 10, 1024],
    [2, -2, 0.25],
    [9, 0.5, 3],
    [-2, 3, -8],
    [-8, 1 / 3, none],
    [0, 0, 1],
    [0, -1, infinite],
    [-0, 3, -0],
    [5, 0, 1],
    [1, infinite, 1],
    [1, none, 1],
    [-1, infinite, 1],
    [2, infinite, infinite],
    [2, -infinite, 0],
    [infinite, -1, 0],
    [none, 2, none],
    [2, none, none],
    [10, 400, infinite],
    [-10, 401, -infinite],
    [10, -400, 0],
    [-10, -401, -0],
    [2, 1023, 2 ** 1023],
    [2, -1074, 5e-324],
    [2, -1075, 0],
    [10, -320, 1e-320],
    [5e-324, 1, 5e-324],
    [2, 1e300, infinite],
    [1.5, 1e15, infinite],
    [0.5, 1e15, 0],
  ];
  for (const [base, exponent, result] of table) {
    it(`is ${result} for ${base} and ${exponent}`, () => {
      assert.ok(Object.is(doublePower(base, exponent), result), String(doublePower(base, exponent)));
    });
  }

  it('has the digits of Packer for whole exponents', { skip: packerMissing }, () => {
    const cases: [number, number][] = [];
    for (const base of [3, 7, 10, 1.1, 0.3, 2.5, 123.456, -3]) {
      for (let exponent = -60; exponent <= 60; exponent++) cases.push([base, exponent]);
    }
    for (const exponent of [-323, -320, -308, -307, 300, 308]) cases.push([10, exponent]);
    for (const exponent of [-1074, -1022, 1023]) cases.push([2, exponent]);
    cases.push([1.0000000001, 1e9], [0.999999, 1e8], [3, -660]);
    const own = cases.map(([base, exponent]) => formatDecimal(BigFloat.float(doublePower(base, exponent))));
    assert.deepEqual(own, packerJson(cases.map(([base, exponent]) => `pow(${base}, ${exponent})`)));
  });
});
