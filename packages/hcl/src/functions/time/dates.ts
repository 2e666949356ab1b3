import { stringType } from '../../values/type.ts';
import { stringValue, type Value } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { parseDuration } from './duration.ts';
import { DateFormatError, formatDate } from './format-date.ts';
import type { Moment } from './moment.ts';
import { formatRfc3339, parseRfc3339 } from './rfc3339.ts';

export const formatdate: HclFunction = {
  name: 'formatdate',
  description:
    'A time given as in RFC 3339, in another format: YYYY YY year, MMMM MMM MM M month, DD D day, EEEE EEE weekday, ' +
    'hh h hour, HH H hour of the half day, AA aa half day, mm m minute, ss s second, Z ZZZ ZZZZ ZZZZZ zone; other ' +
    "letters must stand in single quotes, as in 'T'.",
  parameters: [
    { name: 'format', type: stringType },
    { name: 'time', type: stringType },
  ],
  examples: [
    { call: 'formatdate("DD MMM YYYY hh:mm ZZZ", "2018-01-02T23:12:01Z")', gives: '"02 Jan 2018 23:12 UTC"' },
    {
      call: `formatdate("YYYY-MM-DD'T'hh:mm:ssZ", "2018-01-02T23:12:01-08:00")`,
      gives: '"2018-01-02T23:12:01-08:00"',
    },
  ],
  resultType: () => stringType,
  call: ([format, time]) => {
    const moment = momentIn(time, 1);
    try {
      return stringValue(formatDate(textOf(format), moment));
    } catch (error) {
      if (!(error instanceof DateFormatError)) throw error;
      throw new FunctionError(error.message, 0);
    }
  },
};

export const timeadd: HclFunction = {
  name: 'timeadd',
  description:
    'A time given as in RFC 3339, later by a duration such as `1h30m`, or earlier if it is negative.',
  parameters: [
    { name: 'timestamp', type: stringType },
    { name: 'duration', type: stringType },
  ],
  examples: [
    { call: 'timeadd("2017-11-22T00:00:00Z", "10m")', gives: '"2017-11-22T00:10:00Z"' },
    { call: 'timeadd("2017-11-22T00:00:00+02:00", "-1.5h")', gives: '"2017-11-21T22:30:00+02:00"' },
  ],
  resultType: () => stringType,
  call: ([timestamp, duration]) => {
    const moment = momentIn(timestamp, 0);
    const added = parseDuration(textOf(duration));
    if (added === undefined) {
      throw new FunctionError(
        `"${textOf(duration)}" is not a duration; it must look like 1h30m, with the units ns, us, ms, s, m, h.`,
        1,
      );
    }
    const total = BigInt(moment.seconds) * 1_000_000_000n + BigInt(moment.nanoseconds) + added;
    // Rounded down, also before 1970.
    const fraction = ((total % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    const seconds = Number((total - fraction) / 1_000_000_000n);
    return stringValue(formatRfc3339({ ...moment, seconds, nanoseconds: Number(fraction) }));
  },
};

function momentIn(value: Value | undefined, index: number): Moment {
  const moment = parseRfc3339(textOf(value));
  if (typeof moment !== 'string') return moment;
  throw new FunctionError(`"${textOf(value)}" is not a time as in RFC 3339. ${moment}.`, index);
}
