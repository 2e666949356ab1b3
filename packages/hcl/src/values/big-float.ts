import { bitLength, roundedShift, trailingZeros } from './bits.ts';

/** An operation has no number as its result, such as zero divided by zero. */
export class NumberError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NumberError';
  }
}

/** Bits of the numbers that are written in templates: https://github.com/hashicorp/hcl/blob/main/spec.md#primitive-types */
export const standardPrecision = 512;

/**
 * Beyond 2 to the power of this, results are infinite or zero. Far more than any template needs, and little enough for
 * every operation and every text to be quick.
 */
export const exponentLimit = 131_072;

/** Doubles and small integers fit into this, so they never need rounding. */
const leastPrecision = 53;
/** What integers of the host language get. */
const integerPrecision = 64;

/**
 * A number of the language: binary floating point, with as many bits as its precision says, rounded half to even; the
 * semantics of Go's math/big.Float. Immutable. Make one with the static methods, or with `parseBigFloat`.
 *
 * There is one representation for each number and precision: `small` for safe integers, negative zero and infinities;
 * otherwise `small` is NaN and the number is mantissa × 2^exponent with an odd mantissa.
 */
export class BigFloat {
  readonly precision: number;
  readonly small: number;
  readonly mantissa: bigint;
  readonly exponent: number;

  private constructor(precision: number, small: number, mantissa: bigint, exponent: number) {
    this.precision = precision;
    this.small = small;
    this.mantissa = mantissa;
    this.exponent = exponent;
  }

  static readonly zero: BigFloat = new BigFloat(integerPrecision, 0, 0n, 0);
  static readonly one: BigFloat = new BigFloat(integerPrecision, 1, 0n, 0);
  static readonly positiveInfinity: BigFloat = new BigFloat(leastPrecision, Number.POSITIVE_INFINITY, 0n, 0);
  static readonly negativeInfinity: BigFloat = new BigFloat(leastPrecision, Number.NEGATIVE_INFINITY, 0n, 0);

  /** A whole number, with a precision of 64 bits, or more when it needs more. A number that is not whole is cut. */
  static integer(value: number | bigint): BigFloat {
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) return new BigFloat(integerPrecision, value, 0n, 0);
      if (!Number.isFinite(value)) return BigFloat.float(value);
      return BigFloat.integer(BigInt(Math.trunc(value)));
    }
    return BigFloat.of(value, 0, Math.max(integerPrecision, bitLength(value)));
  }

  /**
   * A double, with a precision of 53 bits.
   * @throws NumberError for NaN
   */
  static float(value: number): BigFloat {
    if (Number.isNaN(value)) throw new NumberError('this is not a number');
    if (Number.isSafeInteger(value) || !Number.isFinite(value)) {
      return new BigFloat(leastPrecision, value, 0n, 0);
    }
    // Scaling by a power of two is exact, but small numbers need two steps to become whole.
    let exponent = 0;
    let scaled = value;
    while (!Number.isInteger(scaled)) {
      const step = Math.min(1000, Math.max(1, 52 - Math.floor(Math.log2(Math.abs(scaled)))));
      scaled *= 2 ** step;
      exponent -= step;
    }
    return BigFloat.of(BigInt(scaled), exponent, leastPrecision);
  }

  /** mantissa × 2^exponent, rounded to the precision. */
  static of(mantissa: bigint, exponent: number, precision: number = standardPrecision): BigFloat {
    const bits = Math.max(precision, leastPrecision);
    if (mantissa === 0n) return new BigFloat(bits, 0, 0n, 0);
    const negative = mantissa < 0n;
    let size = negative ? -mantissa : mantissa;
    let power = exponent;
    const excess = bitLength(size) - bits;
    if (excess > 0) {
      size = roundedShift(size, excess);
      power += excess;
    }
    const zeros = trailingZeros(size);
    size >>= BigInt(zeros);
    power += zeros;
    const length = bitLength(size);
    if (power + length > exponentLimit) {
      return new BigFloat(bits, negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY, 0n, 0);
    }
    if (power + length < -exponentLimit) return new BigFloat(bits, negative ? -0 : 0, 0n, 0);
    if (power >= 0 && power + length <= 53) {
      const small = Number(size) * 2 ** power;
      return new BigFloat(bits, negative ? -small : small, 0n, 0);
    }
    return new BigFloat(bits, Number.NaN, negative ? -size : size, power);
  }

  /** The same number with another precision, rounded if it has to be. */
  withPrecision(precision: number): BigFloat {
    const bits = Math.max(precision, leastPrecision);
    if (bits === this.precision) return this;
    if (!Number.isNaN(this.small)) return new BigFloat(bits, this.small, 0n, 0);
    return BigFloat.of(this.mantissa, this.exponent, bits);
  }

  /** -1, 0 or 1. Zero for negative zero. */
  get sign(): -1 | 0 | 1 {
    if (Number.isNaN(this.small)) return this.mantissa < 0n ? -1 : 1;
    return this.small < 0 ? -1 : this.small > 0 ? 1 : 0;
  }

  /** Also of negative zero. */
  get isNegative(): boolean {
    return this.sign < 0 || Object.is(this.small, -0);
  }

  get isZero(): boolean {
    return this.small === 0;
  }

  get isInfinite(): boolean {
    return this.small === Number.POSITIVE_INFINITY || this.small === Number.NEGATIVE_INFINITY;
  }

  /** Whether this is a whole number. Infinities are not. */
  get isInteger(): boolean {
    return Number.isNaN(this.small) ? this.exponent >= 0 : !this.isInfinite;
  }

  /** The number as a safe integer (0 for negative zero), or undefined: for indices, lengths, counts. */
  toSafeInteger(): number | undefined {
    return Number.isSafeInteger(this.small) ? this.small + 0 : undefined;
  }

  /** The nearest double, which can be infinite. */
  toNumber(): number {
    if (!Number.isNaN(this.small)) return this.small;
    const negative = this.mantissa < 0n;
    const size = negative ? -this.mantissa : this.mantissa;
    const length = bitLength(size);
    if (this.exponent + length > 1024) return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    // 53 bits, fewer when the number is so small that the double is not normal.
    const shift = Math.max(length - 53, -1074 - this.exponent);
    const rounded = shift <= 0 ? size : roundedShift(size, shift);
    const power = shift <= 0 ? this.exponent : this.exponent + shift;
    const magnitude = Number(rounded) * 2 ** power;
    return negative ? -magnitude : magnitude;
  }

  /**
   * The number without its fraction.
   * @throws NumberError for infinities
   */
  toBigInt(): bigint {
    if (!Number.isNaN(this.small)) {
      if (this.isInfinite) throw new NumberError('infinity is not a whole number');
      return BigInt(this.small);
    }
    if (this.exponent >= 0) return this.mantissa << BigInt(this.exponent);
    // BigInt's own shift rounds down, not to zero.
    const negative = this.mantissa < 0n;
    const size = (negative ? -this.mantissa : this.mantissa) >> BigInt(-this.exponent);
    return negative ? -size : size;
  }

  /** @throws NumberError for infinities of opposite signs */
  add(other: BigFloat): BigFloat {
    const precision = Math.max(this.precision, other.precision);
    const small = this.small + other.small;
    if (Number.isSafeInteger(small)) return new BigFloat(precision, small, 0n, 0);
    if (this.isInfinite || other.isInfinite) {
      if (this.isInfinite && other.isInfinite && this.small !== other.small) {
        throw new NumberError('the sum of infinities of opposite signs is not defined');
      }
      return new BigFloat(precision, this.isInfinite ? this.small : other.small, 0n, 0);
    }
    const [a, b] = [partsOf(this), partsOf(other)];
    const power = Math.min(a.exponent, b.exponent);
    const sum = (a.mantissa << BigInt(a.exponent - power)) + (b.mantissa << BigInt(b.exponent - power));
    return BigFloat.of(sum, power, precision);
  }

  /** @throws NumberError for infinities of the same sign */
  subtract(other: BigFloat): BigFloat {
    return this.add(other.negate());
  }

  /**
   * The product, with the precision of the more precise operand; or more, up to 512 bits, when it needs them.
   * @throws NumberError for zero and infinity
   */
  multiply(other: BigFloat): BigFloat {
    const precision = Math.max(this.precision, other.precision);
    const small = this.small * other.small;
    if (Number.isSafeInteger(small)) return new BigFloat(precision, small, 0n, 0);
    if (this.isInfinite || other.isInfinite) {
      if (this.isZero || other.isZero)
        throw new NumberError('the product of zero and infinity is not defined');
      return infinity(this.isNegative !== other.isNegative, precision);
    }
    const [a, b] = [partsOf(this), partsOf(other)];
    const product = BigFloat.of(a.mantissa * b.mantissa, a.exponent + b.exponent, standardPrecision);
    if (!Number.isNaN(product.small)) return product.withPrecision(precision);
    return product.withPrecision(Math.max(precision, bitLength(product.mantissa)));
  }

  /**
   * The quotient; infinite when the divisor is zero.
   * @throws NumberError for zero by zero, and infinity by infinity
   */
  divide(other: BigFloat): BigFloat {
    const precision = Math.max(this.precision, other.precision);
    const small = this.small / other.small;
    if (Number.isSafeInteger(small) && !other.isInfinite && small * other.small === this.small) {
      return new BigFloat(precision, small, 0n, 0);
    }
    if ((this.isZero && other.isZero) || (this.isInfinite && other.isInfinite)) {
      throw new NumberError(
        `the quotient of ${this.isZero ? 'zero by zero' : 'two infinities'} is not defined`,
      );
    }
    const negative = this.isNegative !== other.isNegative;
    if (this.isInfinite || other.isZero) return infinity(negative, precision);
    if (other.isInfinite || this.isZero) return new BigFloat(precision, negative ? -0 : 0, 0n, 0);
    const [a, b] = [partsOf(this), partsOf(other)];
    return quotient(a.mantissa, b.mantissa, a.exponent - b.exponent, precision);
  }

  /**
   * What is left after a division whose quotient is cut to a whole number, so with the sign of this number, and with
   * its precision. This number itself when the divisor is zero; infinite when one of them is.
   * @throws NumberError for zero and infinity
   */
  modulo(other: BigFloat): BigFloat {
    if (this.isInfinite || other.isInfinite) return this.multiply(other);
    if (other.isZero) return this;
    const small = this.small % other.small;
    if (Number.isSafeInteger(small)) return new BigFloat(this.precision, small + 0, 0n, 0);
    const whole = BigFloat.of(this.divide(other).toBigInt(), 0, this.precision);
    const [a, b] = [partsOf(whole), partsOf(other)];
    const product = BigFloat.of(a.mantissa * b.mantissa, a.exponent + b.exponent, this.precision);
    return this.add(product.negate()).withPrecision(this.precision);
  }

  /** Of zero: negative zero. */
  negate(): BigFloat {
    if (!Number.isNaN(this.small)) return new BigFloat(this.precision, -this.small, 0n, 0);
    return new BigFloat(this.precision, Number.NaN, -this.mantissa, this.exponent);
  }

  absolute(): BigFloat {
    return this.isNegative ? this.negate() : this;
  }

  /** Below zero when this number is less than the other, zero when they are the same. Negative zero is zero. */
  compare(other: BigFloat): number {
    const [x, y] = [this.small, other.small];
    if (x === y) return 0;
    if (x < y) return -1;
    if (x > y) return 1;
    if (this.sign !== other.sign) return this.sign - other.sign;
    if (this.isInfinite) return this.sign;
    if (other.isInfinite) return -other.sign;
    const [a, b] = [partsOf(this), partsOf(other)];
    const topA = a.exponent + bitLength(a.mantissa);
    const topB = b.exponent + bitLength(b.mantissa);
    if (topA !== topB) return topA < topB ? -this.sign : this.sign;
    const power = Math.min(a.exponent, b.exponent);
    const left = a.mantissa << BigInt(a.exponent - power);
    const right = b.mantissa << BigInt(b.exponent - power);
    return left < right ? -1 : left > right ? 1 : 0;
  }

  /** Without the fraction: rounded to zero. Infinities stay. */
  truncate(): BigFloat {
    return this.isInteger || this.isInfinite ? this : BigFloat.of(this.toBigInt(), 0, this.precision);
  }

  /** Rounded down. Infinities stay. */
  floor(): BigFloat {
    if (this.isInteger || this.isInfinite) return this;
    return BigFloat.of(this.toBigInt() - (this.sign < 0 ? 1n : 0n), 0, this.precision);
  }

  /** Rounded up. Infinities stay. */
  ceil(): BigFloat {
    if (this.isInteger || this.isInfinite) return this;
    return BigFloat.of(this.toBigInt() + (this.sign > 0 ? 1n : 0n), 0, this.precision);
  }
}

/** numerator ÷ denominator × 2^exponent, rounded to the precision. */
export function quotient(
  numerator: bigint,
  denominator: bigint,
  exponent: number,
  precision: number,
): BigFloat {
  const shift = Math.max(0, precision + 2 + bitLength(denominator) - bitLength(numerator));
  const shifted = numerator << BigInt(shift);
  const whole = shifted / denominator;
  // One more bit says whether something is left, which decides ties.
  const negative = numerator < 0n !== denominator < 0n;
  const rest = whole * denominator === shifted ? 0n : negative ? -1n : 1n;
  return BigFloat.of(whole * 2n + rest, exponent - shift - 1, precision);
}

function infinity(negative: boolean, precision: number): BigFloat {
  return (negative ? BigFloat.negativeInfinity : BigFloat.positiveInfinity).withPrecision(precision);
}

function partsOf(number: BigFloat): { readonly mantissa: bigint; readonly exponent: number } {
  return Number.isNaN(number.small) ? number : { mantissa: BigInt(number.small), exponent: 0 };
}
