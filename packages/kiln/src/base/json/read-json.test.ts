import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problems } from '../yaml/problems.ts';
import type { JsonNode } from './json-node.ts';
import { readJson } from './read-json.ts';

function read(text: string): { node: JsonNode | undefined; problems: readonly string[] } {
  const problems = new Problems();
  const node = readJson('t.json', text, problems);
  const lines = problems
    .list()
    .map(({ at, message, hint }) => `${at.line}:${at.column} ${message}${hint ? ` (${hint})` : ''}`);
  return { node, problems: lines };
}

function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'null':
      return null;
    case 'list':
      return node.items.map(plain);
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
    default:
      return node.value;
  }
}

test('right JSON is read as JSON.parse reads it', () => {
  const texts = [
    '{"a":[1,-2.5e3,true,false,null,"x\\n\\u00e9\\"\\\\\\/"],"b":{"c":{}},"d":[]}',
    ' \r\n\t[ ]\n',
    '"lone"',
    '{"__proto__":1,"constructor":"x"}',
  ];
  for (const text of texts) {
    const { node, problems } = read(text);
    assert.deepEqual(problems, []);
    assert.deepEqual(JSON.stringify(node && plain(node)), JSON.stringify(JSON.parse(text)), text);
  }
});

test('every value knows its line and column', () => {
  const { node } = read('{\r\n  "a": [\n    "x",\n    {"b": 1}\n  ]\n}');
  assert.ok(node?.kind === 'map');
  const { keyAt, value } = node.entries[0]!;
  assert.deepEqual([keyAt.line, keyAt.column, value.at.line, value.at.column], [2, 3, 2, 8]);
  assert.ok(value.kind === 'list' && value.items[1]?.kind === 'map');
  const inner = value.items[1].entries[0]!;
  assert.deepEqual([inner.keyAt.line, inner.keyAt.column, inner.value.at.column], [4, 6, 11]);
});

const broken: readonly (readonly [text: string, ...problems: string[]])[] = [
  ['', '1:1 the template is empty'],
  [
    '{"a": {"b": 1',
    '1:14 the template ends inside the object that begins in line 1, column 7 (is the file complete?)',
  ],
  [
    '{\n "a": [1,',
    '2:10 the template ends inside the list that begins in line 2, column 7 (is the file complete?)',
  ],
  ['{"a"', '1:5 the template ends inside the object that begins in line 1, column 1 (is the file complete?)'],
  ['{"a": "x', '1:7 the template ends inside this text (a closing quote is missing)'],
  ['{"a": "x\n"}', '1:7 this text has no closing quote in its line (write \\n for a line break in a text)'],
  ['{"a": 1, "b": 2, "a": 3}', '1:18 "a" is given twice (first in line 1)'],
  ['{"x": {"a": 1,\n"a": 3}}', '2:1 "a" is given twice (first in line 1)'],
  ['{"a": 1,}', '1:8 there is a comma after the last entry of this object (remove it)'],
  ['[1,]', '1:3 there is a comma after the last entry of this list (remove it)'],
  ['{"a": 1 "b": 2}', '1:9 a comma is missing before "\\""'],
  ['{"a" 1}', '1:6 ":" is expected after the name "a", not "1"'],
  ['{a: 1}', '1:2 the name a must stand in double quotes'],
  ["{'a': 1}", '1:2 texts stand in double quotes, not in single ones'],
  ['{"a": True}', '1:7 True is no value (write true)'],
  ['{"a": yes}', '1:7 yes is no value (texts stand in double quotes)'],
  ['{"a": 010}', '1:7 010 is not a number in JSON (put it into double quotes)'],
  ['{"a": "\\q"}', '1:8 "\\q" is no escape in JSON (write \\\\ for a backslash)'],
  ['{"a": 1]', '1:8 "]" cannot close the object that begins in line 1, column 1'],
  ['{"a": 1} }', '1:10 there is "}" after the end of the template (a bracket closes too early?)'],
  [
    '{"a": 1 // one\n, /* two\n */ "b": 2}',
    '1:9 JSON has no comments (write "_comment": "…" in the outermost object instead)',
  ],
  ['# top\n{}', '1:1 JSON has no comments (write "_comment": "…" in the outermost object instead)'],
  ['{"a": ?}', '1:7 a value is expected, not "?"'],
];

test('broken JSON is told with its place and what to do', () => {
  for (const [text, ...problems] of broken) assert.deepEqual(read(text).problems, problems, text);
});

test('several mistakes are told at once', () => {
  assert.deepEqual(read('{\n "a": True,\n b: 2\n "d": [1,]\n}').problems, [
    '2:7 True is no value (write true)',
    '3:2 the name b must stand in double quotes',
    '4:2 a comma is missing before "\\""',
    '4:9 there is a comma after the last entry of this list (remove it)',
  ]);
});

test('deep nesting is refused', () => {
  for (const text of [
    '['.repeat(100_000),
    '{"a":'.repeat(100_000),
    `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
  ]) {
    const { node, problems } = read(text);
    assert.equal(node, undefined);
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /nested more than 100 levels deep/);
  }
});

test('whatever prefix of a template is read, it ends with a message', () => {
  const text = '{"variables":{"a":"\\u00e9{{b}}"},"builders":[{"type":"null","n":-1.5e3,"x":[true,null]}]}';
  for (let length = 0; length < text.length; length++) {
    assert.notDeepEqual(read(text.slice(0, length)).problems, [], text.slice(0, length));
  }
});

test('templates of ARM may have comments and texts of several lines, and places stay right', () => {
  const text = '// first\n{"a": "one\ntwo", /* in\nbetween */ "b": [1 2]}';
  const problems = new Problems();
  const node = readJson('t.json', text, problems, { relaxed: true });
  assert.deepEqual(node && plain(node), { a: 'one\ntwo', b: [1, 2] });
  assert.deepEqual(
    problems.list().map(({ at, message }) => `${at.line}:${at.column} ${message}`),
    ['4:20 a comma is missing before "2"'],
  );
});
