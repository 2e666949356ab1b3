import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localTime } from './build-ui.ts';
import { elapsedText } from './elapsed.ts';
import { machineRow } from './machine-row.ts';
import { outputLine } from './output-line.ts';

test('rows for programs escape what would break them', () => {
  const time = new Date(1_700_000_000_999);
  assert.equal(machineRow(time, '', 'ui', ['say', 'a, b']), '1700000000,,ui,say,a%!(PACKER_COMMA) b\n');
  assert.equal(machineRow(time, 'x', 'error', ['a\r\nb']), '1700000000,x,error,a\\r\\nb\n');
  assert.equal(machineRow(time, 'a,b', 'artifact', []), '1700000000,a%!(PACKER_COMMA)b,artifact\n');
});

test('durations have their two largest units', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 microseconds'],
    [0.0004, '0 microseconds'],
    [0.001, '1 microsecond'],
    [12.5, '12 milliseconds 500 microseconds'],
    [1000, '1 second'],
    [123_000, '2 minutes 3 seconds'],
    [3_600_000, '1 hour'],
    [3_605_000, '1 hour 5 seconds'],
    [90_061_000, '1 day 1 hour'],
    [9 * 86_400_000, '1 week 2 days'],
  ];
  for (const [milliseconds, text] of cases) assert.equal(elapsedText(milliseconds), text);
});

test('colours and tabs of a printed line stay, and nothing that moves the cursor', () => {
  assert.equal(outputLine('\x1b[1;31mred\x1b[0m\tend'), '\x1b[1;31mred\x1b[0m\tend');
  assert.equal(outputLine('\x1b[2J\x1b[Hhello\x1b]0;title\x07!\x1b(B'), 'hello!');
  assert.equal(outputLine('10 %\r100 %\r'), '100 %');
  assert.equal(outputLine('a\x00b\x9b1mc'), 'abc'.replace('bc', 'b1mc'));
});

test('times stand in the local zone with its offset', () => {
  const before = process.env.TZ;
  try {
    process.env.TZ = 'Asia/Kolkata';
    assert.equal(localTime(new Date(Date.UTC(2026, 0, 2, 3, 4, 5))), '2026-01-02T08:34:05+05:30');
    process.env.TZ = 'America/St_Johns';
    assert.equal(localTime(new Date(Date.UTC(2026, 0, 2, 3, 4, 5))), '2026-01-01T23:34:05-03:30');
    process.env.TZ = 'UTC';
    assert.equal(localTime(new Date(Date.UTC(2026, 0, 2, 3, 4, 5))), '2026-01-02T03:04:05Z');
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});
