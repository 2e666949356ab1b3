import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateText } from './testing/evaluate.ts';

/** Small expressions that ask for more than a machine has, or for more time than anyone waits. */
const hostile: readonly (readonly [string, RegExp])[] = [
  ['range(1e9)', /more than 1024 numbers/],
  ['range(0, 1, 1e-300)', /more than 1024 numbers/],
  ['format("%1000000000d", 1)', /can be at most 100000/],
  ['format("%.1000000000f", 1)', /can be at most 100000/],
  ['format("%99999999999999999999s", "")', /can be at most 100000/],
  ['formatlist("%100000d", range(1000))', /at most \d+ are allowed/],
  ['indent(1e9, "\\n\\n")', /at most \d+ are allowed/],
  ['setproduct(range(1000), range(1000), range(1000))', /at most 1000000 are allowed/],
  ['parseint(format("%0100000d", 1), 10)', /At most 20000 digits/],
  ['pow(10, 1e10)', /^$/],
  ['bcrypt("a", 31)', /cost must be from 4 to 18/],
  ['regex("(a{1000}){1000}", "a")', /too large/],
  ['regex("((a{100}){100}){100}", "a")', /too large/],
  [`regex("${'('.repeat(1500)}${')'.repeat(1500)}", "a")`, /nested more than 1000 deep/],
  ['yamldecode(format("%0100000d", 1))', /^$/],
  ['jsonencode(pow(2, 1023) / 3)', /^$/],
  ['format("%.100000f", 1e-300)', /^$/],
];

test('small expressions cannot ask for endless results', () => {
  for (const [expression, message] of hostile) {
    const started = performance.now();
    assert.match(evaluateText(expression).error ?? '', message, expression.slice(0, 60));
    assert.ok(performance.now() - started < 10_000, expression.slice(0, 60));
  }
});

test('texts that would double again and again end in an error', () => {
  const text = 'x'.repeat(10_000);
  assert.match(evaluateText(`replace("${text}", "", "${text}")`).error ?? '', /at most \d+ are allowed/);
  assert.match(
    evaluateText(`join("${text}", split("", "${text}"))`).error ?? '',
    /The result would have \d+ characters; at most \d+ are allowed/,
  );
  assert.match(
    evaluateText(`regex_replace("${text}", "", "${text}")`).error ?? '',
    /at most \d+ are allowed/,
  );
});

test('patterns that make other engines try exponentially many ways match in linear time', () => {
  const text = 'a'.repeat(20_000);
  for (const pattern of [
    '(a*)*b',
    '(a+)+b',
    '(a|a)*b',
    '(a|aa)+b',
    '(.*)*b',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
  ]) {
    const started = performance.now();
    assert.match(evaluateText(`regex("${pattern}", "${text}")`).error ?? '', /matches no part of the text/);
    assert.ok(performance.now() - started < 10_000, pattern);
  }
});

test('a search that is still too long is given up', () => {
  const pattern = `(?:${'a?'.repeat(200)}){20}b`;
  const { error } = evaluateText(`regex("${pattern}", "${'a'.repeat(100_000)}")`);
  assert.match(error ?? '', /takes too long/);
});

test('a few lines of YAML cannot stand for billions of values', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 10; level++) {
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    );
  }
  const { error } = evaluateText(`yamldecode(${JSON.stringify(lines.join('\n'))})`);
  assert.match(error ?? '', /stands for more than 1000000 values/);
});

test('deeply nested YAML and JSON are errors, not crashes', () => {
  for (const depth of [600, 100_000]) {
    const yaml = evaluateText(`yamldecode("${'['.repeat(depth)}${']'.repeat(depth)}")`);
    assert.match(yaml.error ?? '', /nested more than 500 deep/);
  }
  const json = evaluateText(`jsondecode("${'['.repeat(100_000)}${']'.repeat(100_000)}")`);
  assert.notEqual(json.error, undefined);
});

test('calls of try within each other evaluate each expression once', () => {
  const depth = 40;
  const { value, error } = evaluateText(`${'try('.repeat(depth)}1${')'.repeat(depth)}`);
  assert.equal(error, undefined);
  assert.equal(value.kind, 'number');
});
