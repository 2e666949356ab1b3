import { daysInMonth, secondsAt } from '../time/moment.ts';
import { formatRfc3339 } from '../time/rfc3339.ts';

const patterns = [
  /^(\d{4})-(\d\d?)-(\d\d?)[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|([+-])(\d\d):(\d\d))$/,
  /^(\d{4})-(\d\d?)-(\d\d?) (\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?$/,
  /^(\d{4})-(\d\d?)-(\d\d?)$/,
];

/**
 * A time of YAML (https://yaml.org/type/timestamp.html, most forms) as in RFC 3339, without the fraction of the second;
 * or undefined.
 */
export function parseYamlTimestamp(text: string): string | undefined {
  const match = patterns.map((pattern) => pattern.exec(text)).find((found) => found !== null);
  if (!match) return undefined;
  const part = (index: number) => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  if (!isDate || hour > 23 || minute > 59 || second > 59 || part(8) > 24 || part(9) > 60) return undefined;
  const offsetMinutes = (part(8) * 60 + part(9)) * (match[7] === '-' ? -1 : 1);
  const seconds = secondsAt(year, month, day) + hour * 3600 + (minute - offsetMinutes) * 60 + second;
  return formatRfc3339({ seconds, nanoseconds: 0, offsetMinutes });
}
