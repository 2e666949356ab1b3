import { calendarOf, daysInMonth, type Moment, offsetText, secondsAt } from './moment.ts';

const strictPattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;
/** Also takes a space for the T, hours of one digit, and a comma before the fraction. */
const loosePattern =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * Reads a time such as `2006-01-02T15:04:05Z`: https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 * @param loose Takes what `rfc3339_parse` takes beyond that.
 * @returns The moment, or what is wrong.
 */
export function parseRfc3339(text: string, loose = false): Moment | string {
  const match = (loose ? loosePattern : strictPattern).exec(text);
  if (!match) return 'It must look like 2006-01-02T15:04:05Z or 2006-01-02T15:04:05+02:00';
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [zoneHours, zoneMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  const ranges: readonly (readonly [string, number, number, number])[] = [
    ['month', month, 1, 12],
    ['day of the month', day, 1, month >= 1 && month <= 12 ? daysInMonth(year, month) : 31],
    ['hour', hour, 0, 23],
    ['minute', minute, 0, 59],
    ['second', second, 0, 59],
    ['hours of the UTC offset', zoneHours, 0, loose ? 24 : 23],
    ['minutes of the UTC offset', zoneMinutes, 0, loose ? 60 : 59],
  ];
  for (const [name, value, low, high] of ranges) {
    if (value < low || value > high) return `The ${name} must be from ${low} to ${high}`;
  }
  const offsetMinutes = (zoneHours * 60 + zoneMinutes) * (match[8] === '-' ? -1 : 1);
  return {
    seconds: secondsAt(year, month, day) + hour * 3600 + minute * 60 + second - offsetMinutes * 60,
    nanoseconds: Number((match[7] ?? '').slice(0, 9).padEnd(9, '0')),
    offsetMinutes,
  };
}

/** Without the fraction of the second. */
export function formatRfc3339(moment: Moment): string {
  const { year, month, day, hour, minute, second } = calendarOf(moment);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${yearText(year)}-${two(month)}-${two(day)}`;
  const zone = moment.offsetMinutes === 0 ? 'Z' : offsetText(moment);
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}${zone}`;
}

/** At least four digits. */
export function yearText(year: number): string {
  return `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}`;
}
