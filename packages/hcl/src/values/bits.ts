/** Bits of the absolute value. */
export function bitLength(value: bigint): number {
  const hex = (value < 0n ? -value : value).toString(16);
  return hex === '0' ? 0 : hex.length * 4 - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28;
}

/** Zeros at the end of a number that is not zero. */
export function trailingZeros(value: bigint): number {
  return (value & 1n) === 1n ? 0 : bitLength(value & -value) - 1;
}

/** A positive number ÷ 2^shift, rounded half to even; `shift` is at least 1. */
export function roundedShift(value: bigint, shift: number): bigint {
  const bits = BigInt(shift);
  const whole = value >> bits;
  const rest = value - (whole << bits);
  const half = 1n << (bits - 1n);
  return rest > half || (rest === half && (whole & 1n) === 1n) ? whole + 1n : whole;
}
