import { BigFloat, exponentLimit, quotient, standardPrecision } from './big-float.ts';
import { bitLength } from './bits.ts';

/** Why a text is no number: it is not written like one, or the number is too large or too near to zero. */
export type NumberFault = 'syntax' | 'range';

const numberPattern = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:([eEpP])([+-]?\d+))?$/;
const infinityPattern = /^([+-]?)[iI]nf$/;
/** Digits of the largest number, roughly. */
const decimalLimit = Math.ceil(exponentLimit * Math.log10(2));

/**
 * The number that a decimal text says, with a precision of 512 bits: digits, a point, an exponent (`e`, or `p` for
 * powers of two), `inf`; what Go's big.ParseFloat takes with base 10. Quick for any text.
 */
export function parseBigFloat(text: string): BigFloat | NumberFault {
  if (text.length <= 15 && /^[0-9]+$/.test(text)) {
    return BigFloat.integer(Number(text)).withPrecision(standardPrecision);
  }
  const match = numberPattern.exec(text);
  if (!match) {
    const infinite = infinityPattern.exec(text);
    if (!infinite) return 'syntax';
    const sign = infinite[1] === '-' ? BigFloat.negativeInfinity : BigFloat.positiveInfinity;
    return sign.withPrecision(standardPrecision);
  }
  const [, sign, whole = '', pointDigits, bareDigits, exponentLetter, exponentText] = match;
  const fraction = pointDigits ?? bareDigits ?? '';
  const allDigits = (whole + fraction).replace(/^0+/, '');
  if (allDigits === '') return BigFloat.of(0n, 0)[sign === '-' ? 'negate' : 'absolute']();
  const { digits, dropped } = shortened(allDigits);
  const exponent = exponentText === undefined ? 0 : Number(exponentText);
  const binary = exponentLetter === 'p' || exponentLetter === 'P';
  const power = dropped - fraction.length + (binary ? 0 : exponent);
  if (Math.abs(exponent) > 2 * exponentLimit || Math.abs(power + digits.length) > 2 * decimalLimit)
    return 'range';
  const size = BigInt(digits);
  const value = scaled(sign === '-' ? -size : size, power, binary ? exponent : 0);
  return value.isInfinite || value.isZero ? 'range' : value;
}

/** More digits than any number has are only looked at for being zero or not. */
function shortened(digits: string): { readonly digits: string; readonly dropped: number } {
  const kept = decimalLimit + 1000;
  if (digits.length <= kept) return { digits, dropped: 0 };
  const rest = /[1-9]/.test(digits.slice(kept)) ? '1' : '0';
  return { digits: digits.slice(0, kept) + rest, dropped: digits.length - kept - 1 };
}

/** digits × 10^power × 2^binary */
function scaled(digits: bigint, power: number, binary: number): BigFloat {
  if (power >= 0) return BigFloat.of(digits * 5n ** BigInt(power), power + binary, standardPrecision);
  return quotient(digits, 5n ** BigInt(-power), power + binary, standardPrecision);
}

/**
 * The number in decimal, without an exponent, with as few digits as tell it from its neighbours of the same
 * precision: Go's Text('f', -1). This is how numbers become strings.
 */
export function formatDecimal(number: BigFloat): string {
  const { small, mantissa, exponent, precision } = number;
  if (!Number.isNaN(small)) {
    if (number.isInfinite) return small < 0 ? '-Inf' : '+Inf';
    return Object.is(small, -0) ? '-0' : String(small);
  }
  const sign = mantissa < 0n ? '-' : '';
  const size = mantissa < 0n ? -mantissa : mantissa;
  const length = bitLength(size);
  if (exponent >= 0 && length + exponent <= precision) return sign + (size << BigInt(exponent)).toString();
  const known = shortDecimal(number);
  if (known !== undefined) return known;
  const { digits, point } = shortest(size, exponent, precision + 1 - length);
  return sign + plain(digits, point);
}

function plain(digits: string, point: number): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return digits + '0'.repeat(point - digits.length);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/**
 * The text of a double that this number was read from, or undefined: the quick way for what people write. Decimals of
 * 17 digits are much farther apart than these numbers, so no other one can be meant.
 */
function shortDecimal(number: BigFloat): string | undefined {
  if (number.precision < 128) return undefined;
  const text = String(number.toNumber());
  if (text.includes('e')) return undefined;
  const read = parseBigFloat(text);
  return typeof read === 'object' && read.compare(number) === 0 && number.precision === read.precision
    ? text
    : undefined;
}

/** Decimal digits, and where the decimal point is in them. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/**
 * The digits of size × 2^exponent up to the first place where no neighbour can be meant. `spare` is how many bits there
 * are below the lowest of the mantissa until half a unit of the precision. The rule for the last digit is Go's, so that
 * texts are the same to the last digit.
 */
function shortest(size: bigint, exponent: number, spare: number): Decimal {
  // Everything in units of the same decimal place, in which a half unit of the precision is whole.
  const power = exponent - spare;
  const unit = power >= 0 ? 1n << BigInt(power) : 5n ** BigInt(-power);
  const middle = (size << BigInt(spare)) * unit;
  const point = Math.min(power, 0);
  const exact = decimal(middle, point);
  const lower = decimal(middle - unit, point).digits;
  const upper = decimal(middle + unit, point).digits;
  // A tie goes to the number whose last bit is zero.
  const inclusive = spare > 1 || (size & 1n) === 0n;
  for (let index = 0; index < exact.digits.length; index++) {
    const digit = digitAt(exact.digits, index);
    const above = digitAt(upper, index);
    const down = digitAt(lower, index) !== digit || (inclusive && index + 1 === lower.length);
    const up = digit !== above && (inclusive || digit + 1 < above || index + 1 < upper.length);
    if (down && up) return cut(exact, index + 1, nearestIsUp(exact.digits, index + 1));
    if (down || up) return cut(exact, index + 1, up);
  }
  return exact;
}

/** units × 10^power */
function decimal(units: bigint, power: number): Decimal {
  const text = units.toString();
  return { digits: text.replace(/0+$/, ''), point: text.length + power };
}

function digitAt(digits: string, index: number): number {
  return index < digits.length ? digits.charCodeAt(index) - 48 : 0;
}

function nearestIsUp(digits: string, count: number): boolean {
  if (count >= digits.length) return false;
  const next = digitAt(digits, count);
  if (next === 5 && count + 1 === digits.length) return count > 0 && digitAt(digits, count - 1) % 2 === 1;
  return next >= 5;
}

/** The first digits, rounded up or down. */
function cut({ digits, point }: Decimal, count: number, up: boolean): Decimal {
  if (count >= digits.length) return { digits, point };
  const kept = digits.slice(0, count);
  if (!up) return { digits: kept.replace(/0+$/, ''), point };
  const raised = (BigInt(kept) + 1n).toString();
  return { digits: raised.replace(/0+$/, ''), point: point + raised.length - kept.length };
}

/**
 * Whether two numbers are equal in the language: when they are written the same, whatever their precision. So 0.1 that
 * came from a double is 0.1 that came from a text.
 */
export function sameNumber(a: BigFloat, b: BigFloat): boolean {
  if (!Number.isNaN(a.small) || !Number.isNaN(b.small)) return a.small === b.small;
  if (a.mantissa === b.mantissa && a.exponent === b.exponent) return true;
  return a.precision !== b.precision && formatDecimal(a) === formatDecimal(b);
}

/** The number rounded to some digits: Go's `%.*g` of a big float. */
export function formatGeneral(number: BigFloat, count: number): string {
  if (number.isInfinite) return number.small < 0 ? '-Inf' : '+Inf';
  if (number.isZero) return number.isNegative ? '-0' : '0';
  const sign = number.isNegative ? '-' : '';
  const small = Number.isNaN(number.small) ? 0n : BigInt(Math.abs(number.small));
  const size = number.mantissa < 0n ? -number.mantissa : number.mantissa || small;
  const { exponent } = number;
  const exact =
    exponent >= 0 ? decimal(size << BigInt(exponent), 0) : decimal(size * 5n ** BigInt(-exponent), exponent);
  const { digits, point } = cut(exact, count, nearestIsUp(exact.digits, count));
  const limit = count > digits.length && digits.length >= point ? digits.length : count;
  if (point - 1 < -4 || point - 1 >= limit) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const power = String(Math.abs(point - 1)).padStart(2, '0');
    return `${sign}${digits[0]}${fraction}e${point - 1 < 0 ? '-' : '+'}${power}`;
  }
  return sign + plain(digits, point);
}

/** The nearest double as Go's `%g` writes it: `0.3333333333333333`, `1e+06`, `+Inf`. */
export function formatG(number: BigFloat): string {
  const double = number.toNumber();
  if (!Number.isFinite(double)) return double < 0 ? '-Inf' : '+Inf';
  if (double === 0) return Object.is(double, -0) ? '-0' : '0';
  const [digits, exponentText] = double.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6)
    return String(double).includes('e') ? double.toFixed(20) : String(double);
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
}
