import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeJson } from '../../values/json.ts';
import { packerFunctions } from '../index.ts';
import { systemHost } from '../system-host.ts';
import { evaluateText } from '../testing/evaluate.ts';

const startedAt = new Date('2006-01-02T15:04:05.678Z');
const functions = packerFunctions(systemHost({ baseFolder: '/', startedAt }));

function json(expression: string): string {
  const { value, error } = evaluateText(expression, functions);
  assert.equal(error, undefined, expression);
  return encodeJson(value);
}

test('timestamp is the time now, in UTC', () => {
  const before = Math.floor(Date.now() / 1000) * 1000;
  const now = Date.parse(JSON.parse(json('timestamp()')) as string);
  assert.ok(now >= before && now <= Date.now());
});

test('legacy_isotime writes the start of the run by a layout of Go', () => {
  const layouts: readonly (readonly [string, string])[] = [
    ['', '2006-01-02T15:04:05Z'],
    ['"2006-01-02 15:04:05"', '2006-01-02 15:04:05'],
    ['"Mon Monday Jan January 2 _2 02 002"', 'Mon Monday Jan January 2  2 02 002'],
    ['"3 03 4 04 5 05 06 PM pm 1 01"', '3 03 4 04 5 05 06 PM pm 1 01'],
    ['"MST -0700 -07:00 Z07:00 -07"', 'UTC +0000 +00:00 Z +00'],
    ['".000 .999 ,000000"', '.678 .678 ,678000'],
    ['"20060102150405"', '20060102150405'],
    ['"Month Janet"', 'Month Janet'],
    ['"x_2006"', 'x_2006'],
  ];
  for (const [layout, expected] of layouts) {
    assert.equal(json(`legacy_isotime(${layout})`), JSON.stringify(expected), layout);
  }
  assert.match(evaluateText('legacy_isotime("a", "b")', functions).error ?? '', /takes one format at most/);
});

test('legacy_strftime writes the start of the run by directives', () => {
  assert.equal(
    json('legacy_strftime("%Y-%m-%d %H:%M:%S.%L %I %p %y %a %A %b %B %z %Z %% %q %")'),
    '"2006-01-02 15:04:05..678 03 PM 06 Mon Monday Jan January +0000 UTC % %q %"',
  );
});

test('times are taken apart where they were written', () => {
  assert.equal(
    json('rfc3339_parse("2021-01-03T23:30:00-05:00")'),
    '{"day":3,"hour":23,"iso_week":53,"iso_year":2020,"minute":30,"month":1,"month_name":"January","second":0,' +
      '"unix":1609734600,"weekday":0,"weekday_name":"Sunday","year":2021,"year_day":3}',
  );
  assert.equal(
    json('unix_timestamp_parse(1735516800)'),
    '{"day":30,"hour":0,"iso_week":1,"iso_year":2025,"minute":0,"month":12,"month_name":"December",' +
      '"rfc3339":"2024-12-30T00:00:00Z","second":0,"weekday":1,"weekday_name":"Monday","year":2024,"year_day":365}',
  );
});

test('rfc3339_parse takes a space for the T, fractions, and single digits of the hour', () => {
  const times: readonly (readonly [string, string])[] = [
    ['2023-07-25T23:43:16.5Z', '1690328596'],
    ['2023-07-25 23:43:16Z', '1690328596'],
    ['2023-07-25 23:43:16.123456789+00:00', '1690328596'],
    ['2023-07-25T3:43:16Z', '1690256596'],
    ['1969-12-31T23:59:59Z', '-1'],
    ['0000-01-01T00:00:00Z', '-62167219200'],
  ];
  for (const [time, unix] of times) assert.equal(json(`rfc3339_parse("${time}").unix`), unix, time);
  for (const time of [
    '2023-07-25',
    '2023-02-29T00:00:00Z',
    'x',
    '2023-07-25T23:43Z',
    '2023-07-25t23:43:16Z',
  ]) {
    assert.match(evaluateText(`rfc3339_parse("${time}")`).error ?? '', /is not a time as in RFC 3339/, time);
  }
});

test('unix_timestamp_parse refuses what is no time', () => {
  assert.equal(json('unix_timestamp_parse(-1).rfc3339'), '"1969-12-31T23:59:59Z"');
  assert.equal(json('unix_timestamp_parse("0").rfc3339'), '"1970-01-01T00:00:00Z"');
  for (const time of ['1.5', '1e30', '-1e20']) {
    assert.match(evaluateText(`unix_timestamp_parse(${time})`).error ?? '', /whole number of seconds/, time);
  }
});
