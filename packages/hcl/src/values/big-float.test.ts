import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packerJson, packerMissing } from '../testing/packer-console.ts';
import { Random } from '../testing/random.ts';
import { BigFloat, exponentLimit, NumberError, quotient } from './big-float.ts';
import { formatDecimal, parseBigFloat } from './big-float-text.ts';
import { bitLength } from './bits.ts';

function big(text: string): BigFloat {
  const number = parseBigFloat(text);
  if (typeof number === 'string') throw new Error(`${text}: ${number}`);
  return number;
}

const { positiveInfinity, negativeInfinity } = BigFloat;

describe('numbers', () => {
  const operations = {
    '+': (a: BigFloat, b: BigFloat) => a.add(b),
    '-': (a: BigFloat, b: BigFloat) => a.subtract(b),
    '*': (a: BigFloat, b: BigFloat) => a.multiply(b),
    '/': (a: BigFloat, b: BigFloat) => a.divide(b),
    '%': (a: BigFloat, b: BigFloat) => a.modulo(b),
  };
  const table: [string, keyof typeof operations, string, string][] = [
    ['1', '+', '2', '3'],
    ['0.1', '+', '0.2', '0.3'],
    ['9007199254740991', '+', '1', '9007199254740992'],
    ['9007199254740991', '+', '2', '9007199254740993'],
    ['1e100', '+', '1', `1${'0'.repeat(99)}1`],
    ['1e30', '+', '-1e30', '0'],
    ['100000000000000000000000001', '-', '1', '100000000000000000000000000'],
    ['3', '-', '5', '-2'],
    ['-0', '+', '-0', '-0'],
    ['0', '-', '0', '0'],
    ['94906267', '*', '94906267', '9007199515875289'],
    ['0', '*', '-1', '-0'],
    ['1e200', '*', '1e-200', '1'],
    ['0.1', '*', '3', '0.3'],
    ['6', '/', '3', '2'],
    ['1', '/', '8', '0.125'],
    ['2', '/', '3', `0.${'6'.repeat(153)}7`],
    ['0', '/', '-5', '-0'],
    ['7', '%', '3', '1'],
    ['-7', '%', '3', '-1'],
    ['7', '%', '-3', '1'],
    ['-6', '%', '3', '0'],
    ['-7.5', '%', '2', '-1.5'],
    ['1e30', '%', '7', '1'],
    ['5', '%', '0', '5'],
    ['inf', '+', '1', '+Inf'],
    ['1', '-', 'inf', '-Inf'],
    ['inf', '*', '-2', '-Inf'],
    ['-inf', '*', '-inf', '+Inf'],
    ['1', '/', '0', '+Inf'],
    ['-1', '/', '0', '-Inf'],
    ['1', '/', '-0', '-Inf'],
    ['5', '/', 'inf', '0'],
    ['-5', '/', 'inf', '-0'],
    ['-inf', '/', '2', '-Inf'],
    ['5', '%', '-inf', '-Inf'],
  ];
  for (const [a, operator, b, result] of table) {
    it(`says that ${a} ${operator} ${b} is ${result.length > 40 ? `${result.slice(0, 40)}…` : result}`, () => {
      assert.equal(formatDecimal(operations[operator](big(a), big(b))), result);
    });
  }

  const refused: [string, () => BigFloat][] = [
    ['infinity minus infinity', () => positiveInfinity.subtract(positiveInfinity)],
    ['infinities of opposite signs', () => positiveInfinity.add(negativeInfinity)],
    ['zero times infinity', () => BigFloat.zero.multiply(positiveInfinity)],
    ['zero by zero', () => BigFloat.zero.divide(BigFloat.zero)],
    ['infinity by infinity', () => positiveInfinity.divide(negativeInfinity)],
    ['zero modulo infinity', () => BigFloat.zero.modulo(positiveInfinity)],
    ['a double that is not a number', () => BigFloat.float(Number.NaN)],
  ];
  for (const [name, work] of refused) {
    it(`refuse ${name}`, () => {
      assert.throws(work, NumberError);
    });
  }

  it('have the precision of the more precise operand', () => {
    assert.equal(BigFloat.integer(1).add(big('1')).precision, 512);
    assert.equal(formatDecimal(BigFloat.integer(3).divide(BigFloat.integer(7))), '0.42857142857142857144');
    assert.equal(
      formatDecimal(BigFloat.float(0.1).add(big('0.2'))),
      '0.3000000000000000055511151231257827021181583404541015625',
    );
  });

  it('get a product of as many bits as it needs', () => {
    const factor = BigFloat.integer(2n ** 60n + 1n);
    assert.equal(factor.multiply(factor).toBigInt(), (2n ** 60n + 1n) ** 2n);
    assert.equal(factor.multiply(factor).precision, 121);
  });

  it('round halves to even', () => {
    const half = (odd: bigint) => BigFloat.of(odd, -1, 53);
    assert.equal(half(2n ** 54n + 1n).toNumber(), 2 ** 53);
    assert.equal(half(2n ** 54n + 3n).toNumber(), 2 ** 53 + 2);
    assert.equal(BigFloat.of(2n ** 54n + 2n, 0, 53).toNumber(), 2 ** 54);
    assert.equal(BigFloat.of(2n ** 54n + 6n, 0, 53).toNumber(), 2 ** 54 + 8);
    assert.equal(BigFloat.of(2n ** 60n - 1n, 0, 53).toNumber(), 2 ** 60);
  });

  it('are the same object inside, however they were made', () => {
    assert.deepEqual(big('0.5').add(big('0.5')), big('1'));
    assert.deepEqual(BigFloat.of(12n, -2, 64), BigFloat.integer(3));
    assert.deepEqual(big('1e20').divide(big('1e18')), big('100'));
    assert.notDeepEqual(big('0'), big('-0'));
  });

  it('become infinite or zero beyond the limit of exponents', () => {
    const huge = BigFloat.of(1n, exponentLimit - 1);
    assert.ok(!huge.isInfinite);
    assert.ok(huge.multiply(big('2')).isInfinite);
    assert.ok(huge.negate().multiply(huge).isInfinite);
    const tiny = BigFloat.of(1n, -exponentLimit);
    assert.ok(!tiny.isZero);
    assert.ok(Object.is(tiny.negate().multiply(tiny).small, -0));
    assert.equal(formatDecimal(huge).length, 39457);
  });

  it('are rounded to whole numbers', () => {
    const rounded = (text: string) => {
      const number = big(text);
      return [number.truncate(), number.floor(), number.ceil()].map(formatDecimal);
    };
    assert.deepEqual(rounded('1.5'), ['1', '1', '2']);
    assert.deepEqual(rounded('-1.5'), ['-1', '-2', '-1']);
    assert.deepEqual(rounded('-0.5'), ['0', '-1', '0']);
    assert.deepEqual(rounded('7'), ['7', '7', '7']);
    assert.deepEqual(rounded('1000000000000000000000000000000.5'), [
      '1000000000000000000000000000000',
      '1000000000000000000000000000000',
      '1000000000000000000000000000001',
    ]);
    assert.deepEqual(rounded('-inf'), ['-Inf', '-Inf', '-Inf']);
    assert.equal(big('-1e20').toBigInt(), -(10n ** 20n));
    assert.equal(big('-100000000000000000000.75').toBigInt(), -(10n ** 20n));
    assert.throws(() => positiveInfinity.toBigInt(), NumberError);
  });

  it('tell their kind', () => {
    assert.deepEqual(
      ['0', '-0', '5', '-0.5', '1e30', 'inf', '-inf'].map((text) => {
        const number = big(text);
        return [number.sign, number.isNegative, number.isZero, number.isInteger, number.isInfinite];
      }),
      [
        [0, false, true, true, false],
        [0, true, true, true, false],
        [1, false, false, true, false],
        [-1, true, false, false, false],
        [1, false, false, true, false],
        [1, false, false, false, true],
        [-1, true, false, false, true],
      ],
    );
    assert.equal(big('-0').toSafeInteger(), 0);
    assert.ok(Object.is(big('-0').toSafeInteger(), 0));
    assert.equal(big('9007199254740991').toSafeInteger(), Number.MAX_SAFE_INTEGER);
    assert.equal(big('9007199254740992').toSafeInteger(), undefined);
    assert.equal(big('0.5').toSafeInteger(), undefined);
    assert.equal(positiveInfinity.toSafeInteger(), undefined);
  });

  it('lose sign with absolute, gain it with negate', () => {
    for (const text of ['5', '-5', '0.1', '-1e40', 'inf', '-inf', '-0']) {
      const number = big(text);
      assert.equal(number.absolute().isNegative, false, text);
      assert.deepEqual(number.negate().negate(), number, text);
    }
  });
});

describe('the order of numbers', () => {
  const ascending = [
    '-inf',
    '-1e400',
    '-1e30',
    '-9007199254740993',
    '-9007199254740992',
    '-1',
    '-0.5',
    '-1e-400',
    '0',
    '1e-400',
    '0.1',
    '0.5',
    '1',
    '1.00000000000000000000000000000000000001',
    '2',
    '9007199254740992',
    '9007199254740993',
    '1e30',
    '1e400',
    'inf',
  ].map(big);

  it('is that of their values', () => {
    for (const [i, a] of ascending.entries()) {
      for (const [j, b] of ascending.entries()) {
        assert.equal(
          Math.sign(a.compare(b)),
          Math.sign(i - j),
          `${formatDecimal(a)} and ${formatDecimal(b)}`,
        );
      }
    }
  });

  it('does not see signs of zero and precision', () => {
    assert.equal(big('-0').compare(big('0')), 0);
    assert.equal(BigFloat.float(0.5).compare(big('0.5')), 0);
  });
});

describe('doubles and numbers', () => {
  const special = [
    0,
    -0,
    1,
    -1,
    0.1,
    5e-324,
    2.2250738585072014e-308,
    2.225073858507201e-308,
    1.7976931348623157e308,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    2 ** 53,
    2 ** 53 + 2,
    -(2 ** 80),
    Math.PI,
    1e21,
    1e-7,
  ];
  it('survive the way there and back', () => {
    const random = new Random(1);
    for (const double of [...special, ...Array.from({ length: 5000 }, () => random.double())]) {
      assert.ok(Object.is(BigFloat.float(double).toNumber(), double), String(double));
    }
  });

  it('are the nearest ones, as the parser of JavaScript finds them', () => {
    const random = new Random(2);
    for (let i = 0; i < 3000; i++) {
      const digits = String(random.bigint(200));
      const text = `${digits}e${random.below(700) - 380 - Math.floor(digits.length / 2)}`;
      const number = parseBigFloat(text);
      if (typeof number === 'string') assert.equal(number, 'syntax');
      else assert.ok(Object.is(number.toNumber(), Number(text)), text);
    }
  });

  it('turn infinite, or zero, when they cannot hold a number', () => {
    assert.equal(big('1e400').toNumber(), Number.POSITIVE_INFINITY);
    assert.equal(big('-1e400').toNumber(), Number.NEGATIVE_INFINITY);
    assert.equal(big('1.7976931348623158e308').toNumber(), Number.MAX_VALUE);
    assert.equal(big('1.7976931348623159e308').toNumber(), Number.POSITIVE_INFINITY);
    assert.equal(big('2e-324').toNumber(), 0);
    assert.equal(big('3e-324').toNumber(), 5e-324);
    assert.ok(Object.is(big('-1e-400').toNumber(), -0));
  });
});

describe('whole numbers', () => {
  it('of the host language are exact', () => {
    const random = new Random(3);
    for (let i = 0; i < 1000; i++) {
      const whole = random.bigint(700);
      assert.equal(BigFloat.integer(whole).toBigInt(), whole);
    }
    assert.equal(BigFloat.integer(1e300).toBigInt(), BigInt(1e300));
    assert.equal(BigFloat.integer(-2.7).toSafeInteger(), -2);
    assert.ok(BigFloat.integer(Number.POSITIVE_INFINITY).isInfinite);
  });

  it('are added and multiplied exactly as long as they fit', () => {
    const random = new Random(4);
    for (let i = 0; i < 1000; i++) {
      const [a, b] = [random.bigint(250), random.bigint(250)];
      const [x, y] = [BigFloat.of(a, 0), BigFloat.of(b, 0)];
      assert.equal(x.add(y).toBigInt(), a + b);
      assert.equal(x.subtract(y).toBigInt(), a - b);
      assert.equal(x.multiply(y).toBigInt(), a * b);
      assert.equal(Math.sign(x.compare(y)), a < b ? -1 : a > b ? 1 : 0);
      if (b !== 0n) assert.equal(x.modulo(y).toBigInt(), a % b, `${a} % ${b}`);
    }
  });

  it('are divided to the nearest number', () => {
    const random = new Random(5);
    for (let i = 0; i < 500; i++) {
      const [a, b] = [random.bigint(400), random.bigint(400) || 1n];
      const { mantissa, exponent, small } = quotient(a, b, 0, 64);
      const [size, power] = Number.isNaN(small) ? [mantissa, exponent] : [BigInt(small), 0];
      // Everything in units of 2^-2000: the distance from a to size·2^power·b, and half of the last of 64 bits of b.
      const unit = (power2: number) => 1n << BigInt(2000 + power2);
      const distance = abs(a * unit(0) - size * unit(power) * b);
      const half = abs(b) * unit(bitLength(size) + power - 64 - 1);
      assert.ok(distance <= half, `${a} / ${b}`);
    }
  });
});

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

describe('numbers beside those of Packer', () => {
  it('have the same digits after the same arithmetic', { skip: packerMissing }, () => {
    const random = new Random(6);
    const expressions: string[] = [];
    const own: string[] = [];
    const text = () => {
      const whole = random.pick([
        String(random.below(1000)),
        String(random.bits()),
        String(abs(random.bigint(120))),
      ]);
      return random.below(2) ? whole : `${whole}.${random.bits()}`;
    };
    for (let i = 0; i < 300; i++) {
      const [a, b] = [text(), text()];
      const operator = random.pick(['+', '-', '*', '/'] as const);
      if (operator === '/' && big(b).isZero) continue;
      expressions.push(`${a} ${operator} ${b}`);
      const [x, y] = [big(a), big(b)];
      const result =
        { '+': x.add(y), '-': x.subtract(y), '*': x.multiply(y) }[operator as '+'] ?? x.divide(y);
      own.push(formatDecimal(result));
    }
    assert.deepEqual(own, packerJson(expressions));
  });

  it('of less precision have the same digits', { skip: packerMissing }, () => {
    const float = (value: number) => BigFloat.float(value);
    const three = BigFloat.integer(3);
    const cases: [string, BigFloat][] = [
      ['pow(10, -1) + 0.2', float(0.1).add(big('0.2'))],
      ['pow(2, -1018)', float(2 ** -1018)],
      ['pow(2, 200)', float(2 ** 200)],
      ['pow(10, 23)', float(1e23)],
      ['length([1, 2, 3]) / length([1, 2, 3, 4, 5, 6, 7])', three.divide(BigFloat.integer(7))],
      ['length([1, 2, 3]) / 7', three.divide(big('7'))],
      ['length([1, 2, 3]) * 0.1', three.multiply(big('0.1'))],
      ['-0', big('0').negate()],
      ['0 * -1', big('0').multiply(big('-1'))],
    ];
    assert.deepEqual(
      cases.map(([, value]) => formatDecimal(value)),
      packerJson(cases.map(([text]) => text)),
    );
  });
});
