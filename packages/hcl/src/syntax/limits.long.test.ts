import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJsonConfig, parseJsonExpression } from '../json/parse.ts';
import { parseConfig, parseExpression, parseTemplate } from '../native/parse.ts';
import { contextOf } from '../testing/evaluate.ts';
import { trueValue } from '../values/value.ts';
import { mistakesLimit, nestingLimit } from './cursor.ts';

const context = contextOf({ a: trueValue });
const many = 30_000;

/** What can be nested: `many` times the first, then the second, then `many` times the third. */
const nested: Readonly<Record<string, readonly [string, string, string]>> = {
  parentheses: ['(', '1', ')'],
  lists: ['[', '1', ']'],
  objects: ['{a=', '1', '}'],
  calls: ['try(', '1', ')'],
  signs: ['-', '1', ''],
  negations: ['!', 'a', ''],
  conditions: ['a?1:', '1', ''],
  results: ['a?', '1', ':1'],
  indices: ['a[', '1', ']'],
  'for over lists': ['[for x in ', '[1]', ':x]'],
  'lists of for': ['[for x in [1]:', '1', ']'],
  texts: ['"x${', '1', '}"'],
  'unwrapped texts': ['"${', '1', '}"'],
  'all operators': ['1||1&&1==1<1+1*(', '1', ')'],
};

const repeated: Readonly<Record<string, string>> = {
  quotes: '"',
  'quotes with line ends': '"\n',
  interpolations: '${',
  'opening brackets': '[{(',
  'closing brackets': ')]}',
  heredocs: '<<A\n',
  backticks: '`',
  commas: ',',
  dots: '.',
  'double colons': 'a::',
  splats: 'a.*',
  'splats in brackets': 'a[*]',
  comments: '/*',
  'line ends': '\n',
  arguments: 'a = 1\n',
  blocks: 'a {\n',
  'blocks in one line': 'a {',
  'broken arguments': 'a = [1 2]\n',
  escapes: '"\\q"',
  directives: '"%{ if a ',
  nulls: '\0',
  'no characters': '\ud800',
};

function survive(text: string): void {
  const config = parseConfig(text, 'f');
  for (const { expression } of config.value.everything().attributes.values()) {
    expression.evaluate(context);
    expression.variables();
  }
  for (const parsed of [parseExpression(text, 'f'), parseTemplate(text, 'f')]) {
    parsed.value.evaluate(context);
    parsed.value.variables();
    parsed.value.asType();
  }
  parseJsonConfig(text, 'f').value.everything();
  const json = parseJsonExpression(text, 'f');
  json.value.evaluate(context);
  json.value.variables();
}

describe('however deep it is', () => {
  for (const [name, [open, middle, close]] of Object.entries(nested)) {
    it(`${name} are parsed and evaluated, or refused with one message`, () => {
      const text = open.repeat(many) + middle + close.repeat(many);
      const { diagnostics } = parseExpression(text, 'f');
      assert.deepEqual(
        diagnostics.map(({ summary }) => summary),
        ['Nested too deeply'],
      );
      survive(text);
      survive(open.repeat(many));
      survive(`x = ${text}\n`);
    });
  }

  it('a little less than the limit works everywhere', () => {
    const depth = nestingLimit - 10;
    for (const [name, [open, middle, close]] of Object.entries(nested)) {
      // Some take several levels at once.
      const levels = name === 'all operators' ? Math.floor(depth / 7) : Math.floor(depth / 2);
      const text = open.repeat(levels) + middle + close.repeat(levels);
      const parsed = parseExpression(text, 'f');
      assert.deepEqual(parsed.diagnostics, [], name);
      parsed.value.evaluate(context);
    }
    const blocks = `${'a {\n'.repeat(depth)}${'}\n'.repeat(depth)}`;
    assert.deepEqual(parseConfig(blocks, 'f').diagnostics, []);
    const json = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const parsed = parseJsonExpression(json, 'f');
    assert.deepEqual([...parsed.diagnostics, ...parsed.value.evaluate(context).diagnostics], []);
  });

  it('blocks, directives and JSON are refused beyond the limit', () => {
    const blocks = `${'a {\n'.repeat(many)}${'}\n'.repeat(many)}`;
    assert.deepEqual(
      parseConfig(blocks, 'f').diagnostics.map(({ summary }) => summary),
      ['Nested too deeply'],
    );
    const template = `${'%{ if a }'.repeat(many)}${'%{ endif }'.repeat(many)}`;
    assert.deepEqual(
      parseTemplate(template, 'f').diagnostics.map(({ summary }) => summary),
      ['Nested too deeply'],
    );
    for (const json of ['['.repeat(many), `${'{"a":'.repeat(many)}1${'}'.repeat(many)}`]) {
      assert.deepEqual(
        parseJsonConfig(json, 'f').diagnostics.map(({ summary }) => summary),
        ['Nested too deeply'],
      );
    }
  });
});

describe('however long it is', () => {
  for (const [name, piece] of Object.entries(repeated)) {
    it(`a text of ${name} is read to its end`, () => survive(piece.repeat(many)));
  }

  it('a chain of operators, accesses or texts is evaluated', () => {
    for (const [text, count] of [
      [`1${'+1'.repeat(many)}`, 0],
      [`a${'&&a'.repeat(many)}`, 0],
      [`[${'a,'.repeat(many)}]`, 0],
      [`"${'${a}'.repeat(many)}"`, 0],
      [`"${'%{if a}b%{endif}'.repeat(many)}"`, 0],
      [`<<E\n${'x${a}\n'.repeat(many)}E\n`, 0],
      [`max(${'1,'.repeat(many)})`, 0],
      [`{${Array.from({ length: many }, (_, index) => `k${index}=a`).join(',')}}`, 0],
      [`[${'b,'.repeat(many)}]`, many],
      [`a ? [${'b,'.repeat(many)}] : 1`, 1],
    ] as const) {
      const parsed = parseExpression(text, 'f');
      assert.deepEqual(parsed.diagnostics, []);
      assert.equal(parsed.value.evaluate(context).diagnostics.length, count, text.slice(0, 20));
      parsed.value.variables();
    }
  });

  it(`no more than ${mistakesLimit} mistakes are told, and that there are more`, () => {
    const { diagnostics } = parseConfig('a 1\n'.repeat(many), 'f');
    assert.equal(diagnostics.length, mistakesLimit + 1);
    assert.equal(diagnostics.at(-1)!.summary, 'Too many mistakes');
  });

  it('loops in loops come to an end', () => {
    const loops = `${'[for x in [1, 2] : '.repeat(60)}1${']'.repeat(60)}`;
    const { diagnostics } = parseExpression(loops, 'f').value.evaluate(context);
    assert.equal(diagnostics[0]!.summary, 'Too many iterations');
  });

  it('a text that doubles itself is refused before it fills the memory', () => {
    const doubling = Array.from({ length: 40 }).reduce<string>(
      (inner) => `[for x in [${inner}] : "\${x}\${x}"][0]`,
      '"12345678"',
    );
    const { diagnostics } = parseExpression(doubling, 'f').value.evaluate(context);
    assert.equal(diagnostics[0]!.summary, 'Text too long');
  });
});
