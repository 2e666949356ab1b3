/**
 * A double raised to a power, with the digits of Go's math.Pow, which Packer's `pow` shows: JavaScript's own differ in
 * the last one for almost every second result. NaN where there is no result.
 */
export function doublePower(base: number, exponent: number): number {
  // Here JavaScript has no number, and Go has.
  if (base === 1 || (base === -1 && !Number.isFinite(exponent))) return 1;
  const size = Math.abs(exponent);
  const simple = base === 0 || !Number.isFinite(base) || !(size < 2 ** 63) || size === 0 || size === 0.5;
  if (simple) return base ** exponent;
  let whole = Math.trunc(size);
  let fraction = size - whole;
  if (fraction !== 0 && base < 0) return Number.NaN;
  if (fraction > 0.5) {
    fraction -= 1;
    whole += 1;
  }
  const start = fraction === 0 ? 1 : Math.exp(fraction * Math.log(base));
  const { mantissa, power } = wholePower(base, whole, start);
  return exponent < 0 ? scaled(1 / mantissa, -power) : scaled(mantissa, power);
}

interface Parts {
  readonly mantissa: number;
  /** Of two. */
  readonly power: number;
}

/** start × base^whole, by squaring. Powers of two are counted apart, so that nothing overflows on the way. */
function wholePower(base: number, whole: number, start: number): Parts {
  let [mantissa, power] = [start, 0];
  let { mantissa: square, power: squarePower } = split(base);
  for (let left = BigInt(whole); left !== 0n; left >>= 1n) {
    if (Math.abs(squarePower) > 4096) {
      // Infinite or zero, whatever else follows.
      power += squarePower;
      break;
    }
    if ((left & 1n) === 1n) {
      mantissa *= square;
      power += squarePower;
    }
    square *= square;
    squarePower *= 2;
    if (square < 0.5) {
      square *= 2;
      squarePower -= 1;
    }
  }
  return { mantissa, power };
}

/** A double as a mantissa from 0.5, below 1, and a power of two. */
function split(double: number): Parts {
  const normal = Math.abs(double) < 2 ** -1022 ? double * 2 ** 52 : double;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, normal);
  const high = view.getUint32(0);
  const power = ((high >>> 20) & 0x7ff) - 1022;
  view.setUint32(0, (high & 0x800fffff) | (1022 << 20));
  return { mantissa: view.getFloat64(0), power: normal === double ? power : power - 52 };
}

/** mantissa × 2^power, rounded once. */
function scaled(mantissa: number, power: number): number {
  if (power > 2200) return mantissa * Number.POSITIVE_INFINITY;
  if (power < -2200) return mantissa * 0;
  let [result, left] = [mantissa, power];
  while (left > 1023) {
    result *= 2 ** 1023;
    left -= 1023;
  }
  // One multiplication, so that a result that is not normal is rounded only once.
  if (left >= -1022) return result * 2 ** left;
  const parts = split(result);
  const place = parts.power + left;
  return place < -1074 ? result * 0 : parts.mantissa * 2 ** place;
}
