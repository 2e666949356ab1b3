/**
 * Digits of a float as Go prints them: exact, and rounded half to even, where JavaScript's own toFixed and
 * toExponential round half up.
 */

/** No float has more significant decimal places than this; whatever is asked beyond is zeroes. */
const placesLimit = 1100;

interface Binary {
  readonly mantissa: bigint;
  readonly power: number;
}

function binaryOf(magnitude: number): Binary {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, magnitude);
  const raw = bits.getBigUint64(0);
  const exponent = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & 0xfffffffffffffn;
  return exponent === 0
    ? { mantissa: fraction, power: -1074 }
    : { mantissa: fraction | 0x10000000000000n, power: exponent - 1075 };
}

/** `magnitude * 10 ** places`, rounded half to even. */
function scaled(magnitude: number, places: number): bigint {
  const { mantissa, power } = binaryOf(magnitude);
  let top = mantissa;
  let bottom = 1n;
  if (power >= 0) top <<= BigInt(power);
  else bottom <<= BigInt(-power);
  if (places >= 0) top *= 10n ** BigInt(places);
  else bottom *= 10n ** BigInt(-places);
  return divideToEven(top, bottom);
}

function divideToEven(top: bigint, bottom: bigint): bigint {
  const quotient = top / bottom;
  const twice = (top % bottom) * 2n;
  return twice > bottom || (twice === bottom && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** `%f`: all whole digits and `precision` decimal places. */
export function fixedDigits(magnitude: number, precision: number): string {
  const places = Math.min(precision, placesLimit);
  const digits = scaled(magnitude, places)
    .toString()
    .padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  return precision === 0 ? whole : `${whole}.${digits.slice(whole.length).padEnd(precision, '0')}`;
}

/** `%e` without its sign: one digit, `precision` decimal places and at least two digits of exponent. */
export function exponentDigits(magnitude: number, precision: number): string {
  const places = Math.min(precision, placesLimit);
  let power = magnitude === 0 ? 0 : Number(/e(.*)$/.exec(magnitude.toExponential())![1]);
  let digits = scaled(magnitude, places - power).toString();
  if (digits.length > places + 1) {
    power++;
    digits = scaled(magnitude, places - power).toString();
  }
  digits = digits.padEnd(places + 1, '0').padEnd(precision + 1, '0');
  return `${digits[0]}${precision > 0 ? `.${digits.slice(1)}` : ''}e${exponentText(power)}`;
}

export function exponentText(power: number): string {
  return `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** `%b`: the mantissa and a power of two, both decimal. */
export function binaryDigits(magnitude: number): string {
  const { mantissa, power } = binaryOf(magnitude);
  return `${mantissa}p${power < 0 ? '-' : '+'}${Math.abs(power)}`;
}

/** `%x`: hexadecimal mantissa with one digit before the point, and a decimal power of two. */
export function hexDigits(magnitude: number, precision: number | undefined): string {
  if (magnitude === 0) return `0x0${precision ? `.${'0'.repeat(precision)}` : ''}p+00`;
  let { mantissa, power } = binaryOf(magnitude);
  while (mantissa < 0x10000000000000n) {
    mantissa <<= 1n;
    power--;
  }
  if (precision !== undefined && precision < 13) {
    const unit = 1n << BigInt(4 * (13 - precision));
    mantissa = divideToEven(mantissa, unit) * unit;
    if (mantissa >= 0x20000000000000n) {
      mantissa >>= 1n;
      power++;
    }
  }
  const hex = mantissa.toString(16);
  const fraction = hex.slice(1).replace(/0+$/, '');
  const shown = precision === undefined ? fraction : hex.slice(1, 1 + precision).padEnd(precision, '0');
  return `0x${hex[0]}${shown ? `.${shown}` : ''}p${exponentText(power + 52)}`;
}
