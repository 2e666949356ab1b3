import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixers, fixTemplate } from './fix-template.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { cases, type Kind } from './testing/cases.ts';

function template(kind: Kind, component: JsonValue): JsonObject {
  return kind === 'builders' ? { builders: [component] } : { builders: [], [kind]: [component] };
}

function fix(value: JsonValue) {
  return fixTemplate({ file: 't.json', text: JSON.stringify(value) });
}

for (const [name, kind, before, after] of cases) {
  test(`${name}: ${JSON.stringify(before)}`, () => {
    const { text, applied } = fix(template(kind, before));
    assert.deepEqual(JSON.parse(text!), template(kind, after ?? before));
    assert.equal(applied.includes(name), after !== null);
  });
}

test('every fixer is tried out, and only those that there are', () => {
  const tried = new Set(cases.map(([name]) => name));
  assert.deepEqual([...tried].sort(), fixers.map(({ name }) => name).sort());
});

test('a checksum that is none, or names its kind already, becomes one that Packer takes', () => {
  const sums: readonly (readonly [JsonObject, string])[] = [
    [{ iso_checksum: 'abc', iso_checksum_type: 'none' }, 'none'],
    [{ iso_checksum_type: 'none' }, 'none'],
    [{ iso_checksum: 'md5:abc', iso_checksum_type: 'md5' }, 'md5:abc'],
    [{ iso_checksum: 'none', iso_checksum_type: 'sha256' }, 'none'],
  ];
  for (const [options, sum] of sums) {
    const { text } = fix({ builders: [{ type: 'x', ...options }] });
    assert.deepEqual(JSON.parse(text!), { builders: [{ type: 'x', iso_checksum: sum }] });
  }
});

test('names deep inside of options are found', () => {
  const builders = [
    { type: 'x', a: { b: [{ c: '{{.CreateTime | clean_ami_name}}' }] }, d: ['{{ .CreateTime }}'] },
  ];
  const { text } = fix({ builders });
  assert.deepEqual(JSON.parse(text!).builders[0], {
    type: 'x',
    a: { b: [{ c: '{{.CreateTime | clean_resource_name}}' }] },
    d: ['{{timestamp}}'],
  });
});

test('post-processors are found in chains, and whatever is no component is left alone', () => {
  const odd = {
    builders: [5, 'x', { type: 7 }],
    'post-processors': [['manifest', { type: 'manifest', filename: 'x' }]],
  };
  const { text, applied } = fix(odd);
  assert.deepEqual(JSON.parse(text!), {
    ...odd,
    'post-processors': [['manifest', { type: 'manifest', output: 'x' }]],
  });
  assert.deepEqual(applied, ['manifest-filename']);
});

test('what is no JSON object is refused with its place', () => {
  for (const [text, message] of [
    ['[]', 't.json:1:1: a template is an object in braces, not a list'],
    ['{"a": }', 't.json:1:7: a value is expected, not "}"'],
  ] as const) {
    const { text: fixed, diagnostics } = fixTemplate({ file: 't.json', text });
    assert.equal(fixed, undefined);
    const [first] = diagnostics;
    assert.equal(`${first?.at.file}:${first?.at.line}:${first?.at.column}: ${first?.message}`, message);
  }
});
