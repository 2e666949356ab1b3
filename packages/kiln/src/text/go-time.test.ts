import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatGoTime, formatStrftime } from './go-time.ts';

const evening = new Date(Date.UTC(2026, 10, 3, 21, 5, 9, 29));

test("Go's layouts are filled with the time", () => {
  const rows: readonly (readonly [layout: string, output: string])[] = [
    ['2006-01-02T15:04:05Z07:00', '2026-11-03T21:05:09Z'],
    ['20060102150405', '20261103210509'],
    ['Mon Jan _2 15:04:05 2006', 'Tue Nov  3 21:05:09 2026'],
    ['Monday January 2 06 1 002 __2', 'Tuesday November 3 26 11 307 307'],
    ['3:4:5 PM 03 pm', '9:5:9 PM 09 pm'],
    ['MST -0700 -07 -07:00 Z0700', 'UTC +0000 +00 +00:00 Z'],
    ['05.000 05,00 .999', '09.029 09,02 .029'],
    ['Janet x_2006', 'Janet x_2026'],
  ];
  for (const [layout, output] of rows) assert.equal(formatGoTime(evening, layout), output, layout);
});

test('strftime knows the directives that Packer knows and leaves others alone', () => {
  assert.equal(
    formatStrftime(evening, '%Y-%m-%d %H:%M:%S %I%p %a %A %b %B %y %z %Z %L %%'),
    '2026-11-03 21:05:09 09PM Tue Tuesday Nov November 26 +0000 UTC .029 %',
  );
  assert.equal(formatStrftime(evening, '%j %c %e %'), '%j %c %e %');
});
