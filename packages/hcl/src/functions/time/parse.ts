import { BigFloat } from '../../values/big-float.ts';
import { numberType, objectType, stringType } from '../../values/type.ts';
import { numberValue, objectValue, stringValue, type Value } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { numberOf, textOf } from '../support/arguments.ts';
import { calendarOf, isoWeek, type Moment, maxSeconds } from './moment.ts';
import { formatRfc3339, parseRfc3339 } from './rfc3339.ts';

const numbers = [
  'year',
  'year_day',
  'day',
  'month',
  'weekday',
  'hour',
  'minute',
  'second',
  'iso_year',
  'iso_week',
];
const texts = ['month_name', 'weekday_name'];

function partsType(more: Readonly<Record<string, typeof numberType>>) {
  return objectType([
    ...numbers.map((name) => [name, numberType] as const),
    ...texts.map((name) => [name, stringType] as const),
    ...Object.entries(more),
  ]);
}

export const rfc3339_parse: HclFunction = {
  name: 'rfc3339_parse',
  description:
    'The parts of a time given as in RFC 3339, such as `year`, `month_name`, `iso_week` and `unix`, as an object. They ' +
    'are those of the time zone that the time is given in.',
  parameters: [{ name: 'timestamp', type: stringType }],
  examples: [
    {
      call: 'rfc3339_parse("2023-07-25T23:43:16Z")',
      gives:
        '{ year = 2023, year_day = 206, day = 25, month = 7, month_name = "July", weekday = 2, ' +
        'weekday_name = "Tuesday", hour = 23, minute = 43, second = 16, unix = 1690328596, iso_year = 2023, ' +
        'iso_week = 30 }',
    },
  ],
  resultType: () => partsType({ unix: numberType }),
  call: ([timestamp]) => {
    const moment = parseRfc3339(textOf(timestamp), true);
    if (typeof moment === 'string') {
      throw new FunctionError(`"${textOf(timestamp)}" is not a time as in RFC 3339. ${moment}.`, 0);
    }
    return objectValue([...partsOf(moment), ['unix', whole(moment.seconds)]]);
  },
};

export const unix_timestamp_parse: HclFunction = {
  name: 'unix_timestamp_parse',
  description:
    'The parts of a time given in seconds since 1970, such as `year`, `month_name`, `iso_week` and `rfc3339`, in UTC, as ' +
    'an object.',
  parameters: [{ name: 'unix_timestamp', type: numberType }],
  examples: [
    { call: 'unix_timestamp_parse(1690328596).rfc3339', gives: '"2023-07-25T23:43:16Z"' },
    { call: 'unix_timestamp_parse(1690328596).weekday_name', gives: '"Tuesday"' },
  ],
  resultType: () => partsType({ rfc3339: stringType }),
  call: ([timestamp]) => {
    const seconds = numberOf(timestamp).toSafeInteger();
    if (seconds === undefined || Math.abs(seconds) > maxSeconds) {
      throw new FunctionError(`The time must be a whole number of seconds between ±${maxSeconds}.`, 0);
    }
    const moment = { seconds, nanoseconds: 0, offsetMinutes: 0 };
    return objectValue([...partsOf(moment), ['rfc3339', stringValue(formatRfc3339(moment))]]);
  },
};

function partsOf(moment: Moment): (readonly [string, Value])[] {
  const calendar = calendarOf(moment);
  const iso = isoWeek(calendar);
  return [
    ['year', whole(calendar.year)],
    ['year_day', whole(calendar.yearDay)],
    ['day', whole(calendar.day)],
    ['month', whole(calendar.month)],
    ['month_name', stringValue(calendar.monthName)],
    ['weekday', whole(calendar.weekday)],
    ['weekday_name', stringValue(calendar.weekdayName)],
    ['hour', whole(calendar.hour)],
    ['minute', whole(calendar.minute)],
    ['second', whole(calendar.second)],
    ['iso_year', whole(iso.year)],
    ['iso_week', whole(iso.week)],
  ];
}

function whole(value: number): Value {
  return numberValue(BigFloat.integer(value));
}
