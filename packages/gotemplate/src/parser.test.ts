import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from './index.ts';

const places: readonly (readonly [source: string, message: string, line: number, column: number])[] = [
  ['a\n  {{ nope 1 }}', 'the function "nope" does not exist', 2, 6],
  ['{{ "x', 'this string has no closing "', 1, 4],
  ['x {{ 1', 'this action has no end: "}}" is missing', 1, 3],
  ['{{ if 1 }}\nx', 'the template ends inside a block: "{{end}}" is missing', 2, 2],
  ['{{ end }}', 'this {{end}} belongs to no block', 1, 4],
  ['{{ $x }}', 'the variable "$x" is not declared', 1, 4],
  ['{{ 1 }}{{ continue }}', '{{continue}} is allowed only in a {{range}}', 1, 11],
  ['{{ ( 1 }}', 'a "(" is not closed', 1, 8],
];

test('a mistake of syntax is told with its line and column', () => {
  for (const [source, message, line, column] of places) {
    const parsed = parse(source, { functions: [] });
    assert.ok(!parsed.ok, source);
    const [first] = parsed.diagnostics;
    assert.deepEqual([first?.message, first?.line, first?.column], [message, line, column], source);
  }
});

test('deep nesting is refused instead of exhausting the stack', () => {
  for (const source of [
    `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`,
    '{{ if 1 }}'.repeat(50_000),
    '{{ if 1 }}{{ else if 2 }}'.repeat(50_000),
  ]) {
    const parsed = parse(source);
    assert.ok(!parsed.ok);
    assert.match(parsed.diagnostics[0]!.message, /nested more than 100 deep/);
  }
});

test('functions are checked only when they are named', () => {
  assert.ok(parse('{{ anything 1 }}').ok);
  assert.ok(!parse('{{ anything 1 }}', { functions: [] }).ok);
  assert.ok(parse('{{ anything 1 }}', { functions: ['anything'] }).ok);
});
