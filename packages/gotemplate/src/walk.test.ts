import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, usesOf } from './index.ts';

test('a template tells which functions and fields it uses', () => {
  const parsed = parse(
    '{{ user "a" | upper }}{{ if .X }}{{ .A.B }}{{ end }}{{ range .L }}{{ .C }}{{ $.D }}{{ user (print "b") }}{{ end }}',
  );
  assert.ok(parsed.ok);
  const { calls, fields } = usesOf(parsed.template);
  assert.deepEqual(
    calls.map(({ name, literals }) => [name, ...literals]),
    [['user', 'a'], ['upper'], ['user', undefined], ['print', 'b']],
  );
  assert.deepEqual(
    fields.map(({ path, ofData }) => [path.join('.'), ofData]),
    [
      ['X', true],
      ['A.B', true],
      ['L', true],
      ['C', false],
      ['D', false],
    ],
  );
});
