import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KilnError } from '../base/errors.ts';
import { createRenderer, renderSource, renderText } from './render-text.ts';
import type { TextScope } from './template-functions.ts';

const scope: TextScope = {
  build: { name: 'web', type: 'qemu' },
  values: { ID: 'i-1', Password: 'pa{{ .ID }}ss' },
  user: { color: 'blue', nested: 'id {{ .ID }}', 'a b': 'spaced' },
  templateFolder: '/templates',
  cwd: '/project',
  startedAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
};

const rows: readonly (readonly [source: string, output: string])[] = [
  ['{{ build `ID` }} {{ .ID }}', 'i-1 i-1'],
  ['{{ build_name }}-{{ build_type }}', 'web-qemu'],
  ['{{ isotime }} {{ isotime "2006" }} {{ timestamp }}', '2026-01-02T03:04:05Z 2026 1767323045'],
  ['{{ strftime "%d.%m.%Y" }}', '02.01.2026'],
  ['{{ pwd }} {{ template_dir }}', '/project /templates'],
  ['{{ split "a-b-c" "-" 2 }}', 'c'],
  ['{{ user `color` }} {{ user "a b" }} [{{ user `nope` }}]', 'blue spaced []'],
  ['{{ upper "aé" }}{{ lower "ÀB" }}', 'AÉàb'],
  ['{{ replace "a" "b" 2 "aaa" }} {{ replace_all "a" "$&" "aba" }}', 'bba $&b$&'],
  ['{{ packer_version }}', '1.16.0'],
  ['{{ .Missing }}', '<no value>'],
  ['no holes {{ "}}" }}', 'no holes }}'],
];

test("Packer's functions give what Packer gives", () => {
  for (const [source, output] of rows) {
    assert.equal(renderText({ kind: 'template', source }, scope), output, source);
  }
  assert.match(renderSource('{{ uuid }}', scope), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test('a plain text is left as it is', () => {
  assert.equal(renderText('{{ .ID }} {{', scope), '{{ .ID }} {{');
});

test('data goes before the values of the build', () => {
  const render = createRenderer(scope);
  assert.equal(
    render({ kind: 'template', source: '{{ .ID }} {{ .Path }}' }, { ID: 'mine', Path: '/x' }),
    'mine /x',
  );
});

test('holes in variables are filled, holes in values that come from a machine are not', () => {
  const template = { kind: 'template', source: '{{ user `nested` }} {{ .Password }}' } as const;
  assert.equal(renderText(template, scope), 'id i-1 pa{{ .ID }}ss');
});

test('a text brings the variables that it names', () => {
  const template = {
    kind: 'template',
    source: '{{ user `color` }}{{ user `own` }}',
    user: { own: '!' },
  } as const;
  assert.equal(renderText(template, scope), 'blue!');
});

test('values are found while they come in', () => {
  const values: Record<string, string> = {};
  const render = createRenderer({ ...scope, values });
  const template = { kind: 'template', source: '{{ build `Host` }}' } as const;
  assert.throws(() => render(template), /the build has no value "Host"/);
  values.Host = '10.0.0.1';
  assert.equal(render(template), '10.0.0.1');
});

const failures: readonly (readonly [source: string, code: string, message: RegExp, hint?: RegExp])[] = [
  ['{{ env `HOME` }}', 'template-invalid', /env is allowed only in/, /\{\{ user/],
  ['{{ consul_key "a" }}', 'unsupported', /consul_key/],
  ['{{ vault "a" "b" }}', 'unsupported', /vault/],
  ['{{ aws_secretsmanager "a" }}', 'unsupported', /aws_secretsmanager/],
  ['{{ sed "s/a/b/" "x" }}', 'unsupported', /sed/, /replace/],
  ['{{ split "a" "-" 1 }}', 'template-invalid', /there is no part 1/],
  ['{{ isotime "a" "b" }}', 'template-invalid', /at most one layout/],
  ['{{ isotme }}', 'template-invalid', /"isotme" does not exist/, /did you mean "isotime"/],
  ['{{ upper', 'template-invalid', /this action has no end/],
];

test('what cannot be rendered says why', () => {
  for (const [source, code, message, hint] of failures) {
    assert.throws(
      () => renderSource(source, scope),
      (error) =>
        error instanceof KilnError &&
        error.code === code &&
        message.test(error.message) &&
        (hint === undefined || hint.test(error.hint ?? '')),
      source,
    );
  }
});

test('env works where it is allowed', () => {
  assert.equal(renderSource('{{ env `A` }}[{{ env `B` }}]', { ...scope, env: { A: 'x' } }), 'x[]');
});

test('variables that lead back to themselves are told', () => {
  const circle: TextScope = { user: { a: '{{ user `b` }}', b: '{{ user `a` }}' } };
  assert.throws(
    () => renderText({ kind: 'template', source: '{{ user `a` }}' }, circle),
    /leads back to itself/,
  );
});
