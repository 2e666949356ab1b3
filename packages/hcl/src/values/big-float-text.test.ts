import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packerConsole, packerJson, packerMissing } from '../testing/packer-console.ts';
import { Random } from '../testing/random.ts';
import { BigFloat } from './big-float.ts';
import { formatDecimal, formatG, formatGeneral, parseBigFloat, sameNumber } from './big-float-text.ts';

function big(text: string): BigFloat {
  const number = parseBigFloat(text);
  if (typeof number === 'string') throw new Error(`${text}: ${number}`);
  return number;
}

const third = `0.${'3'.repeat(154)}5`;

describe('a decimal text', () => {
  const read: [string, string][] = [
    ['0', '0'],
    ['-0', '-0'],
    ['+5', '5'],
    ['007', '7'],
    ['12345678901234567890', '12345678901234567890'],
    ['1.5', '1.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['00.1e1', '1'],
    ['1e5', '100000'],
    ['1E+5', '100000'],
    ['-1e-7', '-0.0000001'],
    ['1e100', `1${'0'.repeat(100)}`],
    ['100000000000000000000000001', '100000000000000000000000001'],
    [
      '0.1000000000000000000000000000000000000000000000001',
      '0.1000000000000000000000000000000000000000000000001',
    ],
    ['1p3', '8'],
    ['1P-2', '0.25'],
    ['10.5p1', '21'],
    ['0e999999999', '0'],
    ['inf', '+Inf'],
    ['-Inf', '-Inf'],
    ['+inf', '+Inf'],
  ];
  for (const [text, result] of read) {
    it(`${text} is the number ${result.length > 30 ? `${result.slice(0, 30)}…` : result}`, () => {
      assert.equal(formatDecimal(big(text)), result);
      assert.equal(big(text).precision, 512);
    });
  }

  for (const text of [
    '',
    ' ',
    '.',
    '-',
    '+',
    'e5',
    '.e5',
    '1e',
    '1e+',
    '1.2.3',
    '1_000',
    '0x10',
    '0b1',
    '1 ',
    ' 1',
    '--1',
    '1,5',
    'NaN',
    'nan',
    'infinity',
    'INF',
    '١',
    '1e5.5',
    '1\n',
    'true',
    'null',
    '1p',
    '1e5p3',
  ]) {
    it(`${JSON.stringify(text)} is no number`, () => {
      assert.equal(parseBigFloat(text), 'syntax');
    });
  }

  it('is refused when it says a number that is too large or too near to zero', () => {
    for (const text of [
      '1e999999999',
      '-1e99999999999999999999',
      '1e-999999999',
      '1e40000',
      '1e-40000',
      '1p999999999',
    ]) {
      assert.equal(parseBigFloat(text), 'range', text);
    }
    assert.equal(parseBigFloat('1'.repeat(50_000)), 'range');
    assert.equal(parseBigFloat(`0.${'0'.repeat(50_000)}1`), 'range');
    assert.equal(formatDecimal(big('1e39000')).length, 39001);
  });

  it('of millions of digits is read like any other', () => {
    const number = big(`0.${'1'.repeat(2_000_000)}`);
    assert.deepEqual(number, big('1').divide(big('9')));
    assert.equal(formatDecimal(big(`${'0'.repeat(2_000_000)}7`)), '7');
    assert.equal(formatDecimal(big(`1.${'0'.repeat(2_000_000)}`)), '1');
    // Half of the last bit, and a little more a million digits later.
    const half = (2n ** 512n + 1n).toString();
    const above = big(`${half}.${'0'.repeat(1_000_000)}1`);
    assert.equal(above.toBigInt(), 2n ** 512n + 2n);
    assert.equal(big(half).toBigInt(), 2n ** 512n);
  });
});

describe('the decimal text of a number', () => {
  const numbers: [string, BigFloat, string][] = [
    ['0.1 + 0.2', big('0.1').add(big('0.2')), '0.3'],
    ['1/3', big('1').divide(big('3')), third],
    ['-1/3', big('-1').divide(big('3')), `-${third}`],
    ['1/1e40', big('1').divide(big('1e40')), `0.${'0'.repeat(39)}1`],
    ['a double', BigFloat.float(0.1), '0.1'],
    ['a double of many digits', BigFloat.float(Math.PI), '3.141592653589793'],
    ['a large double', BigFloat.float(1e23), `1${'0'.repeat(23)}`],
    ['more whole bits than the precision', BigFloat.of(2n ** 70n, 0, 53), `1180591620717411300000`],
    ['whole bits up to the precision', BigFloat.of(2n ** 70n, 0, 71), '1180591620717411303424'],
  ];
  for (const [name, number, text] of numbers) {
    it(`is as short as possible: ${name}`, () => {
      assert.equal(formatDecimal(number), text);
    });
  }

  it('is, for doubles, what JavaScript says, except at powers of two', () => {
    const random = new Random(11);
    for (let i = 0; i < 3000; i++) {
      const double = random.double();
      // Doubles that are not normal have fewer bits than their precision says.
      if (Math.abs(double) < 1e-300 || Number.isInteger(Math.log2(Math.abs(double)))) continue;
      assert.equal(formatDecimal(BigFloat.float(double)), withoutExponent(double));
    }
  });

  it('is read as the same number', () => {
    const random = new Random(12);
    for (let i = 0; i < 1000; i++) {
      const number = BigFloat.of(random.bigint(512), random.below(900) - 600);
      assert.deepEqual(big(formatDecimal(number)), number);
    }
  });
});

/** What JavaScript's shortest digits say, without an exponent. */
function withoutExponent(double: number): string {
  const [mantissa, exponent] = double.toExponential().split('e') as [string, string];
  const sign = double < 0 ? '-' : '';
  const digits = mantissa.replace(/[.-]/g, '');
  const point = Number(exponent) + 1;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

describe('the short text of a number', () => {
  const table: [string, string][] = [
    ['0', '0'],
    ['-0', '-0'],
    ['1', '1'],
    ['100000', '100000'],
    ['999999', '999999'],
    ['1000000', '1e+06'],
    ['12345678.9', '1.23456789e+07'],
    ['-1234.5', '-1234.5'],
    ['0.0001', '0.0001'],
    ['0.00012345', '0.00012345'],
    ['0.00001', '1e-05'],
    ['1e100', '1e+100'],
    ['1e-7', '1e-07'],
    ['1e400', '+Inf'],
    ['-1e400', '-Inf'],
    ['1e-400', '0'],
    ['inf', '+Inf'],
  ];
  for (const [text, result] of table) {
    it(`of ${text} is ${result}`, () => {
      assert.equal(formatG(big(text)), result);
    });
  }

  it('of 1/3 has the digits of a double', () => {
    assert.equal(formatG(big('1').divide(big('3'))), '0.3333333333333333');
  });
});

describe('a text of ten digits', () => {
  const table: [string, string][] = [
    ['0', '0'],
    ['10', '10'],
    ['1000000', '1000000'],
    ['12345678901', '1.23456789e+10'],
    ['12345678951', '1.234567895e+10'],
    ['1e10', '1e+10'],
    ['9999999999.9', '1e+10'],
    ['0.0001', '0.0001'],
    ['-0.00001', '-1e-05'],
    ['0.123456789051', '0.1234567891'],
    ['12345678.125', '12345678.12'],
    ['12345678.375', '12345678.38'],
    ['inf', '+Inf'],
    ['-inf', '-Inf'],
  ];
  for (const [text, result] of table) {
    it(`of ${text} is ${result}`, () => {
      assert.equal(formatGeneral(big(text), 10), result);
    });
  }
});

describe('two numbers', () => {
  it('are the same when they are written the same', () => {
    assert.ok(sameNumber(BigFloat.float(0.1), big('0.1')));
    assert.ok(sameNumber(big('0'), big('-0')));
    assert.ok(sameNumber(BigFloat.integer(10n ** 30n), big('1e30')));
    assert.ok(sameNumber(big('inf'), BigFloat.positiveInfinity));
    assert.ok(!sameNumber(big('inf'), big('-inf')));
    assert.ok(!sameNumber(big('0.1'), big('0.10000000000000000000001')));
    assert.ok(!sameNumber(BigFloat.float(0.1).withPrecision(512), big('0.1')));
    assert.ok(!sameNumber(big('1'), big('1').add(big('1e-150'))));
  });
});

describe('texts of numbers beside those of Packer', () => {
  it('are the same', { skip: packerMissing }, () => {
    const random = new Random(13);
    const texts = ['0.1', '1/3', '1e100', '100000000000000000000000001', '0.1 + 0.2', '1e-30', '2/7'];
    for (let i = 0; i < 200; i++) {
      texts.push(`${random.below(100)}.${random.bits()}${random.bits()}e${random.below(60) - 30}`);
    }
    const own = texts.map((text) => {
      const [a, operator, b] = text.split(' ').length === 3 ? text.split(' ') : text.split(/(\/)/);
      if (!operator) return big(text);
      return operator === '+' ? big(a!).add(big(b!)) : big(a!).divide(big(b!));
    });
    assert.deepEqual(own.map(formatDecimal), packerJson(texts));
    const shown = packerConsole(`[${texts.join(', ')}, 0.5, 1e400]`);
    const whole = (number: BigFloat) => {
      return number.isInteger && number.toBigInt() < 2n ** 63n
        ? number.toBigInt().toString()
        : formatG(number);
    };
    assert.deepEqual(shown.match(/(?<=^ {2}).*(?=,$)/gm), [...own, big('0.5'), big('1e400')].map(whole));
  });

  it('are read the same from strings', { skip: packerMissing }, () => {
    const texts = ['5.', '.5', '+5', '1p3', '1P-2', '007', '1E5', '1e+5', '-0.0', '12345678901234567890.5'];
    const conversions = texts.map((text) => `convert("${text}", number)`);
    assert.deepEqual(
      texts.map((text) => formatDecimal(big(text))),
      packerJson(conversions),
    );
    const refused = ['', ' 1', '1 ', '0x10', '1_000', '1e', '.', 'NaN', 'infinity', 'Inf'];
    const verdicts = packerConsole(
      `[${refused.map((text) => `can(convert("${text}", number))`).join(', ')}]`,
    ).match(/true|false/g);
    assert.deepEqual(
      refused.map((text) => String(typeof parseBigFloat(text) === 'object')),
      verdicts,
    );
  });
});
