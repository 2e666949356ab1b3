/** Nanoseconds of a unit. */
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Nearly 293 years, more than which Go's durations cannot say. */
const maxNanoseconds = 2n ** 63n - 1n;

/**
 * The nanoseconds of a duration such as `1h30m` or `-1.5h`, or undefined:
 * https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration(text: string): bigint | undefined {
  const [, sign, rest] = /^([+-]?)(.*)$/s.exec(text)!;
  if (rest === '0') return 0n;
  if (rest!.length > 200) return undefined;
  let total = 0n;
  let end = 0;
  for (const match of rest!.matchAll(/(\d*)(?:\.(\d*))?([^\d.]+)/g)) {
    const [whole, fraction] = [match[1]!, match[2] ?? ''];
    const unit = Object.hasOwn(units, match[3]!) ? units[match[3]!] : undefined;
    if (match.index !== end || unit === undefined || whole + fraction === '') return undefined;
    total += BigInt(whole || 0) * unit + (BigInt(fraction || 0) * unit) / 10n ** BigInt(fraction.length);
    end += match[0].length;
  }
  if (end !== rest!.length || end === 0 || total > maxNanoseconds) return undefined;
  return sign === '-' ? -total : total;
}
