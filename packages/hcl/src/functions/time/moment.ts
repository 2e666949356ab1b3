/** A moment as a place with some distance from UTC sees it. */
export interface Moment {
  /** Since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
  /** Of the second, from 0 to 999 999 999. */
  readonly nanoseconds: number;
  /** What local clocks there are ahead of UTC, in minutes. */
  readonly offsetMinutes: number;
}

/** What calendars and clocks show at a moment, where it is seen. */
export interface Calendar {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** From 0 for Sunday. */
  readonly weekday: number;
  /** From 1. */
  readonly yearDay: number;
  readonly monthName: string;
  readonly weekdayName: string;
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const daySeconds = 86_400;
/** Seconds that JavaScript's dates reach from 1970, in both directions. */
export const maxSeconds = 8_640_000_000_000;

export function momentOf(date: Date): Moment {
  const seconds = Math.floor(date.getTime() / 1000);
  return { seconds, nanoseconds: (date.getTime() - seconds * 1000) * 1_000_000, offsetMinutes: 0 };
}

export function calendarOf({ seconds, offsetMinutes }: Moment): Calendar {
  const local = new Date((seconds + offsetMinutes * 60) * 1000);
  const year = local.getUTCFullYear();
  const month = local.getUTCMonth();
  const weekday = local.getUTCDay();
  return {
    year,
    month: month + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    weekday,
    yearDay: Math.floor((local.getTime() / 1000 - secondsAt(year, 1, 1)) / daySeconds) + 1,
    monthName: months[month]!,
    weekdayName: weekdays[weekday]!,
  };
}

/** The start of a day in UTC, in seconds since 1970. */
export function secondsAt(year: number, month: number, day: number): number {
  // Date.UTC takes years below 100 for years of the 20th century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / 1000;
}

export function daysInMonth(year: number, month: number): number {
  return (secondsAt(year, month + 1, 1) - secondsAt(year, month, 1)) / daySeconds;
}

/** The week by ISO 8601: weeks start on Monday and belong to the year that has most of their days. */
export function isoWeek({ year, month, day, weekday }: Calendar): {
  readonly year: number;
  readonly week: number;
} {
  const thursday = secondsAt(year, month, day) / daySeconds + 4 - (weekday || 7);
  const isoYear = new Date(thursday * daySeconds * 1000).getUTCFullYear();
  return { year: isoYear, week: Math.floor((thursday - secondsAt(isoYear, 1, 1) / daySeconds) / 7) + 1 };
}

/** The distance from UTC as `+02:00`, or with another separator. */
export function offsetText({ offsetMinutes }: Moment, separator = ':'): string {
  const size = Math.abs(offsetMinutes);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`;
}
