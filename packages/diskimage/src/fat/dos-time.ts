const earliest = Date.UTC(1980, 0, 1) / 1000;
const latest = Date.UTC(2107, 11, 31, 23, 59, 58) / 1000;

/** Date and time as FAT keeps them, in UTC and steps of two seconds; what is out of reach becomes the nearest. */
export function toDosTime(seconds: number): { readonly date: number; readonly time: number } {
  const moment = new Date(Math.min(Math.max(seconds, earliest), latest) * 1000);
  return {
    date: ((moment.getUTCFullYear() - 1980) << 9) | ((moment.getUTCMonth() + 1) << 5) | moment.getUTCDate(),
    time: (moment.getUTCHours() << 11) | (moment.getUTCMinutes() << 5) | (moment.getUTCSeconds() >> 1),
  };
}

/** Seconds since 1970. Months or days of zero, which some tools write, count as the first. */
export function fromDosTime(date: number, time: number): number {
  const month = Math.max(1, (date >> 5) & 15);
  const day = Math.max(1, date & 31);
  return Date.UTC(1980 + (date >> 9), month - 1, day, time >> 11, (time >> 5) & 63, (time & 31) * 2) / 1000;
}
