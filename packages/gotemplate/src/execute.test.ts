import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExecuteOptions, execute, type GoFunction, GoTemplateError, parse } from './index.ts';

const data = {
  name: 'web',
  empty: '',
  none: null,
  port: 2222,
  ratio: 1.5,
  on: true,
  list: ['a', 'b', 'c'],
  map: { z: 1, a: { deep: ['x'] } },
  dynamic: new Map<string, unknown>([['key', 'value']]),
};

function render(source: string, options: ExecuteOptions = {}): string {
  const parsed = parse(source, { functions: Object.keys(options.functions ?? {}) });
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.diagnostics[0]!.message);
  return execute(parsed.template, { data, ...options });
}

const outputs: readonly (readonly [source: string, output: string])[] = [
  ['{{ .name }}:{{ .port }}:{{ .ratio }}:{{ .on }}', 'web:2222:1.5:true'],
  ['{{ .map }} {{ .list }} {{ .map.a.deep }}', 'map[a:map[deep:[x]] z:1] [a b c] [x]'],
  ['{{ .missing }}|{{ .missing.more }}|{{ .none }}', '<no value>|<no value>|<no value>'],
  ['{{ .dynamic.key }} {{ index .dynamic "key" }}', 'value value'],
  ['{{ .toString }}{{ .constructor }}', '<no value><no value>'],
  ['{{ if .empty }}yes{{ else if .name }}{{ .name }}{{ else }}no{{ end }}', 'web'],
  ['{{ if .none }}a{{ else }}b{{ end }}{{ if .missing }}a{{ else }}b{{ end }}', 'bb'],
  ['{{ range .list }}<{{ . }}>{{ end }}', '<a><b><c>'],
  ['{{ range $i, $v := .list }}{{ if $i }},{{ end }}{{ $i }}={{ $v }}{{ end }}', '0=a,1=b,2=c'],
  ['{{ range $key, $value := .map }}{{ $key }};{{ end }}', 'a;z;'],
  ['{{ range .missing }}x{{ else }}none{{ end }}', 'none'],
  ['{{ range .list }}{{ if eq . "b" }}{{ continue }}{{ end }}{{ . }}{{ end }}', 'ac'],
  ['{{ range .list }}{{ if eq . "b" }}{{ break }}{{ end }}{{ . }}{{ end }}', 'a'],
  ['{{ range 3 }}{{ . }}{{ end }}{{ range $i := 2 }}{{ $i }}{{ end }}', '01201'],
  ['{{ $last := "" }}{{ range .list }}{{ $last = . }}{{ end }}{{ $last }}', 'c'],
  ['{{ with .map.a }}{{ .deep }}{{ $.name }}{{ end }}', '[x]web'],
  ['{{ with $x := .name }}{{ $x }}{{ end }}', 'web'],
  ['{{ with .empty }}a{{ else with .name }}{{ . }}{{ end }}', 'web'],
  ['{{ define "row" }}[{{ . }}]{{ end }}{{ range .list }}{{ template "row" . }}{{ end }}', '[a][b][c]'],
  ['{{ block "head" .name }}<{{ . }}>{{ end }}', '<web>'],
  ['{{ (index .list 1) | printf "%s-%s" .name }}', 'web-b'],
  ['{{ slice .list 1 }} {{ len .list }} {{ len .map }} {{ index .map "a" "deep" 0 }}', '[b c] 3 2 x'],
  ['{{ and .on .name }} {{ or .empty .name }} {{ not .empty }}', 'web web true'],
  ['{{ or .name (index .list 99) }}', 'web'],
  ['{{ eq .port 2222 }} {{ lt .port 3000 }} {{ eq .name "x" "web" }}', 'true true true'],
  ['{{ printf "%v %d %q %T" .list .port .list .map }}', '[a b c] 2222 ["a" "b" "c"] map[string]interface {}'],
  ['a  {{- .name -}}  b', 'awebb'],
  ['{{- /* only a comment */ -}}\n text', 'text'],
];

test('templates reach into data', () => {
  for (const [source, output] of outputs) assert.equal(render(source), output, source);
});

const failures: readonly (readonly [source: string, message: RegExp, column: number])[] = [
  ['{{ .name.first }}', /a string has no field "first"/, 4],
  ['{{ .none.first }}', /nil has no field "first"/, 4],
  ['{{ index .list 9 }}', /the index 9 is out of range/, 4],
  ['{{ index .map 1 }}', /a map's key is a string/, 4],
  ['{{ range .name }}{{ end }}', /cannot go over a string/, 4],
  ['{{ template "nope" }}', /the template "nope" is not defined/, 4],
  ['{{ len }}', /"len" takes 1 argument, not 0/, 4],
  ['{{ printf .port }}', /"printf" expects a string here, not an int/, 11],
  ['{{ printf .missing }}', /"printf" expects a string here, not no value/, 11],
];

test('a failure while running has a place and a reason', () => {
  for (const [source, message, column] of failures) {
    assert.throws(
      () => render(source),
      (error) =>
        error instanceof GoTemplateError && message.test(error.message) && error.position.column === column,
      source,
    );
  }
});

test('missing keys can be mistakes', () => {
  assert.throws(() => render('{{ .missing }}', { missingKey: 'error' }), /no value for "\.missing"/);
  assert.equal(render('{{ .name }}', { missingKey: 'error' }), 'web');
});

test('functions get arguments of the kinds they declare', () => {
  const repeat: GoFunction = {
    parameters: ['string', 'int'],
    call: (text: string, times: number) => text.repeat(times),
  };
  const count: GoFunction = { parameters: [], rest: 'string', call: (...words: string[]) => words.length };
  const functions = { repeat, count };
  assert.equal(
    render('{{ repeat "ab" 2 }} {{ 3 | repeat "x" }} {{ repeat "y" 1e0 }}', { functions }),
    'abab xxx y',
  );
  assert.equal(render('{{ count }}{{ count "a" "b" }}', { functions }), '02');
  assert.throws(
    () => render('{{ repeat 1 2 }}', { functions }),
    /"repeat" expects a string here, not an int/,
  );
  assert.throws(() => render('{{ repeat "a" }}', { functions }), /"repeat" takes 2 arguments, not 1/);
  assert.throws(() => render('{{ count "a" 1 }}', { functions }), /expects a string/);
});

test('what a function throws is kept as the cause', () => {
  const reason = new RangeError('no such key');
  const lookup: GoFunction = {
    parameters: ['string'],
    call: () => {
      throw reason;
    },
  };
  assert.throws(
    () => render('x\n {{ lookup "a" }}', { functions: { lookup } }),
    (error) =>
      error instanceof GoTemplateError &&
      error.cause === reason &&
      error.message === '"lookup": no such key' &&
      error.position.line === 2 &&
      error.position.column === 5,
  );
});

test('functions in the data are called with call', () => {
  const add: GoFunction = { parameters: ['int', 'int'], call: (a: number, b: number) => a + b };
  assert.equal(render('{{ call .add 1 2 }}', { data: { add } }), '3');
  assert.throws(() => render('{{ call .name }}'), /"call" needs a function/);
});

const endless: readonly string[] = [
  '{{ range 1000000000 }}{{ end }}',
  '{{ range 5000 }}{{ range 5000 }}x{{ end }}{{ end }}',
  '{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}',
  '{{ $x := "aaaaaaaaaa" }}{{ range 100 }}{{ $x = printf "%s%s" $x $x }}{{ end }}',
];

test('no template runs for ever or fills the memory', () => {
  for (const source of endless) assert.throws(() => render(source), GoTemplateError, source);
});
