import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileText, lateBuildValues } from './compile-text.ts';
import type { TextScope } from './template-functions.ts';

const scope: TextScope = {
  build: { name: 'web', type: 'qemu' },
  user: { color: 'blue', late: 'at {{ .Host }}', other: 'x' },
  templateFolder: '/templates',
  startedAt: new Date(0),
};

test('what needs no running build is rendered at once', () => {
  const { text, warnings } = compileText(
    '{{ user `color` }} {{ build_name }} {{ timestamp }}',
    scope,
    lateBuildValues,
  );
  assert.equal(text, 'blue web 0');
  assert.deepEqual(warnings, []);
});

test('a text that asks the running build stays a template, with the variables that it names', () => {
  const source = '{{ user `color` }} {{ build `ID` }}';
  assert.deepEqual(compileText(source, scope, lateBuildValues).text, {
    kind: 'template',
    source,
    user: { color: 'blue' },
  });
});

test('a variable may ask the running build too', () => {
  const source = 'go {{ user `late` }}';
  assert.deepEqual(compileText(source, scope, lateBuildValues).text, {
    kind: 'template',
    source,
    user: { late: 'at {{ .Host }}' },
  });
});

test('a template that names its folder brings it', () => {
  const source = '{{ template_dir }}/{{ build `ID` }}';
  assert.deepEqual(compileText(source, scope, lateBuildValues).text, {
    kind: 'template',
    source,
    templateFolder: '/templates',
  });
});

test('braces can be written for the programs that need them', () => {
  assert.equal(
    compileText('docker ps --format \'{{ "{{.Names}}" }}\'', scope, lateBuildValues).text,
    "docker ps --format '{{.Names}}'",
  );
});

test('names without a value become "<no value>", with a warning', () => {
  const { text, warnings } = compileText('{{ .Hots }} {{ user `colour` }}', scope, lateBuildValues);
  assert.equal(text, '<no value> ');
  assert.deepEqual(warnings, [
    { message: 'the variable "colour" does not exist and counts as empty', hint: 'did you mean "color"?' },
    { message: '{{ .Hots }} has no value here and becomes "<no value>"', hint: 'did you mean "Host"?' },
  ]);
});

test('names without a value are a mistake where Packer says so', () => {
  const late = { fields: new Set(['HTTPIP', 'HTTPPort']), build: false, strict: true };
  assert.throws(() => compileText('{{ .HTTPIp }}', scope, late), /\{\{ \.HTTPIp \}\} has no value here/);
  assert.throws(() => compileText('{{ build `ID` }}', scope, late), /\{\{ build … \}\} has no value here/);
  assert.throws(() => compileText('{{ build `ID` }}', scope), /\{\{ build … \}\} has no value here/);
});
