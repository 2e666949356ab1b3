import { type Calendar, calendarOf, type Moment, offsetText } from './moment.ts';
import { yearText } from './rfc3339.ts';

const two = (value: number) => String(value).padStart(2, '0');

/** What each verb writes; repeating a letter makes another verb. */
const verbs: Readonly<Record<string, (calendar: Calendar, moment: Moment) => string>> = {
  YY: ({ year }) => two(year % 100),
  YYYY: ({ year }) => yearText(year),
  M: ({ month }) => String(month),
  MM: ({ month }) => two(month),
  MMM: ({ monthName }) => monthName.slice(0, 3),
  MMMM: ({ monthName }) => monthName,
  D: ({ day }) => String(day),
  DD: ({ day }) => two(day),
  EEE: ({ weekdayName }) => weekdayName.slice(0, 3),
  EEEE: ({ weekdayName }) => weekdayName,
  h: ({ hour }) => String(hour),
  hh: ({ hour }) => two(hour),
  H: ({ hour }) => String(hour % 12 || 12),
  HH: ({ hour }) => two(hour % 12 || 12),
  AA: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  aa: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  m: ({ minute }) => String(minute),
  mm: ({ minute }) => two(minute),
  s: ({ second }) => String(second),
  ss: ({ second }) => two(second),
  Z: (_, moment) => (moment.offsetMinutes === 0 ? 'Z' : offsetText(moment)),
  ZZZ: (_, moment) => (moment.offsetMinutes === 0 ? 'UTC' : offsetText(moment, '')),
  ZZZZ: (_, moment) => offsetText(moment, ''),
  ZZZZZ: (_, moment) => offsetText(moment),
};

/** A date format is not valid. */
export class DateFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DateFormatError';
  }
}

/**
 * A moment by a format of verbs such as `YYYY-MM-DD`, in which letters to be written as they are stand in single
 * quotes: https://pkg.go.dev/github.com/zclconf/go-cty/cty/function/stdlib#FormatDate
 * @throws DateFormatError
 */
export function formatDate(format: string, moment: Moment): string {
  const calendar = calendarOf(moment);
  let result = '';
  for (let at = 0; at < format.length; ) {
    const end = format[at] === "'" ? endOfQuote(format, at) : endOfRun(format, at);
    const part = format.slice(at, end);
    if (part[0] === "'") result += part === "''" ? "'" : part.slice(1, -1).replaceAll("''", "'");
    else if (isLetter(part[0]!)) result += verbText(part, calendar, moment);
    else result += part;
    at = end;
  }
  return result;
}

function verbText(verb: string, calendar: Calendar, moment: Moment): string {
  const write = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (write) return write(calendar, moment);
  const alike = Object.keys(verbs).filter((name) => name[0] === verb[0]);
  const hint =
    alike.length > 0
      ? `with this letter there ${alike.length === 1 ? 'is' : 'are'} ${alike.join(', ')}`
      : "letters that are no verbs must stand in single quotes, as in 'T'";
  throw new DateFormatError(`There is no verb "${verb}" for dates; ${hint}.`);
}

function endOfQuote(format: string, start: number): number {
  if (format[start + 1] === "'") return start + 2;
  for (let at = start + 1; at < format.length; at++) {
    if (format[at] !== "'") continue;
    // A doubled quote stands for one, unless nothing follows that could end the text.
    if (format[at + 1] === "'" && at + 2 < format.length) at++;
    else if (format[at + 1] !== "'") return at + 1;
    else return format.length;
  }
  throw new DateFormatError('A single quote in the format is not closed by another.');
}

function endOfRun(format: string, start: number): number {
  let end = start + 1;
  if (isLetter(format[start]!)) while (format[end] === format[start]) end++;
  else while (end < format.length && format[end] !== "'" && !isLetter(format[end]!)) end++;
  return end;
}

function isLetter(character: string): boolean {
  return /[A-Za-z]/.test(character);
}
