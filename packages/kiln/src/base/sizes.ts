const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/**
 * Bytes of a size such as `512M`, `4G`, `1.5GiB` or `4096` (powers of 1024, as qemu-img counts).
 * Undefined when it is not a size. A bare number counts in `bareUnit`.
 */
export function parseSize(text: string, bareUnit: 'b' | 'k' | 'm' | 'g' = 'b'): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?|(b))?\s*$/i.exec(text);
  if (!match) return undefined;
  const unit = (match[2] ?? match[3] ?? bareUnit).toLowerCase();
  return Math.round(Number(match[1]) * units[unit]!);
}

/** `1.4 GB` style, with powers of 1024 and at most one decimal. */
export function formatSize(bytes: number): string {
  const names = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < names.length - 1) {
    value /= 1024;
    at++;
  }
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${names[at]}`;
}
