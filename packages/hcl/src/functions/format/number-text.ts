import type { BigFloat } from '../../values/big-float.ts';
import { formatDecimal } from '../../values/big-float-text.ts';

/** A number without its sign as 0.DIGITS × 10^point. No digits for zero. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/**
 * A number as Go's big.Float writes it (https://pkg.go.dev/math/big#Float.Text).
 * @param precision Digits after the point, or digits at all for `g`; undefined: as few as tell the number from others.
 */
export function floatText(number: BigFloat, letter: 'e' | 'f' | 'g', precision: number | undefined): string {
  if (number.isInfinite) return number.isNegative ? '-Inf' : '+Inf';
  const sign = number.isNegative ? '-' : '';
  return sign + magnitudeText(number.absolute(), letter, precision);
}

function magnitudeText(number: BigFloat, letter: 'e' | 'f' | 'g', precision: number | undefined): string {
  if (precision === undefined) {
    const shortest = decimalOf(formatDecimal(number));
    const count = shortest.digits.length;
    if (letter === 'e') return exponential(shortest, Math.max(count - 1, 0));
    if (letter === 'f') return plain(shortest, Math.max(count - shortest.point, 0));
    return general(shortest, count, 6);
  }
  const exact = exactDecimal(number);
  if (letter === 'e') return exponential(rounded(exact, precision + 1), precision);
  if (letter === 'f') return plain(rounded(exact, exact.point + precision), precision);
  const short = rounded(exact, precision || 1);
  const fits = (precision || 1) > short.digits.length && short.digits.length >= short.point;
  return general(short, precision || 1, fits ? short.digits.length : precision || 1);
}

function general(decimal: Decimal, precision: number, exponentFrom: number): string {
  const exponent = decimal.point - 1;
  const count = decimal.digits.length;
  if (exponent < -4 || exponent >= exponentFrom) return exponential(decimal, Math.min(precision, count) - 1);
  const digits = precision > decimal.point ? count : precision;
  return plain(decimal, Math.max(digits - decimal.point, 0));
}

function exponential({ digits, point }: Decimal, precision: number): string {
  const fraction = precision > 0 ? `.${digits.slice(1, precision + 1).padEnd(precision, '0')}` : '';
  const exponent = digits === '' ? 0 : point - 1;
  return `${digits[0] ?? '0'}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function plain({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (precision <= 0) return whole;
  const fraction = point >= 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, '0')}`;
}

/** Rounded to that many digits; a half goes to the even neighbour. */
function rounded({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: '', point: 0 };
  const kept = digits.slice(0, count);
  const isUp = count === 0 ? roundsUp('0', digits) : roundsUp(kept[count - 1]!, digits.slice(count));
  if (!isUp) return trimmed(kept, point);
  const raised = (BigInt(kept || '0') + 1n).toString().padStart(count, '0');
  return trimmed(raised, point + raised.length - count);
}

function roundsUp(last: string, rest: string): boolean {
  if (rest[0] !== '5') return rest[0]! > '5';
  return /[1-9]/.test(rest.slice(1)) || Number(last) % 2 === 1;
}

function trimmed(digits: string, point: number): Decimal {
  const short = digits.replace(/0+$/, '');
  return short === '' ? { digits: '', point: 0 } : { digits: short, point };
}

/** All digits of a number that is not negative. */
function exactDecimal({ small, mantissa, exponent }: BigFloat): Decimal {
  if (!Number.isNaN(small)) return decimalOf(String(small));
  if (exponent >= 0) return decimalOf((mantissa << BigInt(exponent)).toString());
  const scaled = (mantissa * 5n ** BigInt(-exponent)).toString();
  return trimmed(scaled, scaled.length + exponent);
}

/** Of a text such as `120` or `0.0012`. */
function decimalOf(text: string): Decimal {
  const [whole, fraction = ''] = text.split('.') as [string, string?];
  const all = whole + fraction;
  const digits = all.replace(/^0+/, '');
  return trimmed(digits, whole.length - (all.length - digits.length));
}
