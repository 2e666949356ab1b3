const units = [
  ['week', 604_800_000_000],
  ['day', 86_400_000_000],
  ['hour', 3_600_000_000],
  ['minute', 60_000_000],
  ['second', 1_000_000],
  ['millisecond', 1000],
  ['microsecond', 1],
] as const;

/** A time span in its two largest units, as Packer tells it: `2 minutes 3 seconds`, `850 milliseconds 12 microseconds`. */
export function elapsedText(milliseconds: number): string {
  let rest = Math.max(0, Math.round(milliseconds * 1000));
  const parts: string[] = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
  }
  return parts.length === 0 ? '0 microseconds' : parts.slice(0, 2).join(' ');
}
