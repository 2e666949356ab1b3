import { type Calendar, calendarOf, type Moment, offsetText } from './moment.ts';
import { yearText } from './rfc3339.ts';

type Write = (calendar: Calendar, moment: Moment, match: string) => string;

const two = (value: number) => String(value).padStart(2, '0');
const z =
  (write: Write): Write =>
  (calendar, moment, match) =>
    moment.offsetMinutes === 0 ? 'Z' : write(calendar, moment, match);

/** Parts of a layout; each is what the reference time looks like. Those come first that others begin with. */
const parts: readonly (readonly [string, Write])[] = [
  ['January', ({ monthName }) => monthName],
  ['Jan(?![a-z])', ({ monthName }) => monthName.slice(0, 3)],
  ['Monday', ({ weekdayName }) => weekdayName],
  ['Mon(?![a-z])', ({ weekdayName }) => weekdayName.slice(0, 3)],
  ['MST', (_, moment) => (moment.offsetMinutes === 0 ? 'UTC' : offsetText(moment, ''))],
  ['002', ({ yearDay }) => String(yearDay).padStart(3, '0')],
  ['__2', ({ yearDay }) => String(yearDay).padStart(3, ' ')],
  ['_2006', ({ year }) => `_${yearText(year)}`],
  ['_2', ({ day }) => String(day).padStart(2, ' ')],
  ['2006', ({ year }) => yearText(year)],
  ['01', ({ month }) => two(month)],
  ['02', ({ day }) => two(day)],
  ['03', ({ hour }) => two(hour % 12 || 12)],
  ['04', ({ minute }) => two(minute)],
  ['05', ({ second }) => two(second)],
  ['06', ({ year }) => two(year % 100)],
  ['15', ({ hour }) => two(hour)],
  ['1', ({ month }) => String(month)],
  ['2', ({ day }) => String(day)],
  ['3', ({ hour }) => String(hour % 12 || 12)],
  ['4', ({ minute }) => String(minute)],
  ['5', ({ second }) => String(second)],
  ['PM', ({ hour }) => (hour < 12 ? 'AM' : 'PM')],
  ['pm', ({ hour }) => (hour < 12 ? 'am' : 'pm')],
  ['-07:00:00', (_, moment) => `${offsetText(moment)}:00`],
  ['-070000', (_, moment) => `${offsetText(moment, '')}00`],
  ['-07:00', (_, moment) => offsetText(moment)],
  ['-0700', (_, moment) => offsetText(moment, '')],
  ['-07', (_, moment) => offsetText(moment).slice(0, 3)],
  ['Z07:00:00', z((_, moment) => `${offsetText(moment)}:00`)],
  ['Z070000', z((_, moment) => `${offsetText(moment, '')}00`)],
  ['Z07:00', z((_, moment) => offsetText(moment))],
  ['Z0700', z((_, moment) => offsetText(moment, ''))],
  ['Z07', z((_, moment) => offsetText(moment).slice(0, 3))],
  ['[.,](?:0+|9+)(?!\\d)', fraction],
];

/** Zeros keep trailing zeros, nines do not. */
function fraction(_: Calendar, { nanoseconds }: Moment, match: string): string {
  const digits = String(nanoseconds)
    .padStart(9, '0')
    .slice(0, match.length - 1);
  if (match[1] === '0') return match[0] + digits.padEnd(match.length - 1, '0');
  const short = digits.replace(/0+$/, '');
  return short === '' ? '' : match[0] + short;
}

const anyPart = new RegExp(parts.map(([pattern]) => `(${pattern})`).join('|'), 'g');

/** A moment by a layout of Go's package time, which shows the time 2006-01-02 15:04:05: https://pkg.go.dev/time#Layout */
export function formatGoLayout(layout: string, moment: Moment): string {
  const calendar = calendarOf(moment);
  return layout.replace(anyPart, (match, ...groups) => {
    const index = groups.slice(0, parts.length).findIndex((group) => group !== undefined);
    return parts[index]![1](calendar, moment, match);
  });
}

/** What directives of strftime are in Go's layouts. */
const directives: Readonly<Record<string, string>> = {
  a: 'Mon',
  A: 'Monday',
  b: 'Jan',
  B: 'January',
  d: '02',
  H: '15',
  I: '03',
  L: '.000',
  m: '01',
  M: '04',
  p: 'PM',
  S: '05',
  y: '06',
  Y: '2006',
  z: '-0700',
  Z: 'MST',
};

/** A moment by those directives of strftime that Packer knows; others stay as they are. */
export function formatStrftime(format: string, moment: Moment): string {
  return format.replace(/%(.)/gs, (whole, letter: string) => {
    if (letter === '%') return '%';
    return Object.hasOwn(directives, letter) ? formatGoLayout(directives[letter]!, moment) : whole;
  });
}
