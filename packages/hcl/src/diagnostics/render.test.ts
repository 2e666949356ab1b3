import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJsonConfig } from '../json/parse.ts';
import { parseConfig, parseExpression } from '../native/parse.ts';
import { renderDiagnostics } from '../native/render.ts';
import { contextOf } from '../testing/evaluate.ts';
import { secret, v } from '../testing/values.ts';
import type { Diagnostic } from './diagnostic.ts';

function rendered(text: string, file = 'main.pkr.hcl'): string {
  return renderDiagnostics(parseConfig(text, file).diagnostics);
}

function evaluated(text: string): readonly Diagnostic[] {
  const context = contextOf({ var: v({ name: 'bob', sizes: [1, 2] }), secret: secret('hidden') });
  return parseExpression(text, 'test.hcl').value.evaluate(context).diagnostics;
}

describe('diagnostics for people', () => {
  it('show the line with the place underlined, and where it is', () => {
    assert.equal(
      rendered('source "qemu" "base" {\n  cpus = 2,\n}\n'),
      `Error: Unexpected comma after argument

  on main.pkr.hcl line 2, in source "qemu" "base":
  2 |   cpus = 2,
    |           ^

  Arguments and blocks stand on lines of their own. No comma stands between them.
`,
    );
  });

  it('stand below each other', () => {
    assert.equal(rendered('a 1\nb 2\n').match(/^Error: /gm)?.length, 2);
    assert.equal(renderDiagnostics([]), '');
  });

  it('show what variables stand for, but no secrets', () => {
    assert.equal(
      renderDiagnostics(evaluated('var.name + length(var.sizes)')),
      `Error: Invalid operand

  on test.hcl line 1:
  1 | var.name + length(var.sizes)
    | ^^^^^^^^

  var.name is "bob"

  The left side of "+" is not suitable: a number is required.
`,
    );
    assert.doesNotMatch(renderDiagnostics(evaluated('secret + 1')), /hidden/);
  });

  it('underline wide characters, tabs and characters with marks as they are shown', () => {
    assert.match(rendered('a = "日本" @\n'), /^ {2}1 \| a = "日本" @\n {4}\| {12}\^$/m);
    assert.match(rendered('\ta = @\n'), /^ {2}1 \| {5}a = @\n {4}\| {9}\^$/m);
    assert.match(rendered('a = "e\u0301" @\n'), /^ {4}\| {9}\^$/m);
    assert.match(rendered('a = "👩‍👩‍👧" @\n'), /^ {4}\| {10}\^$/m);
  });

  it('show no characters that could change what a terminal shows', () => {
    const shown = rendered('a = "\x1b[31m\u202e" @\n');
    assert.doesNotMatch(shown, /\x1b|\u202e/);
  });

  it('show places over several lines, and leave out the middle of long ones', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `  ${index},\n`).join('');
    const shown = rendered(`a = [\n${lines}  1 2\n]\n`);
    assert.match(shown, /^ {3}1 \| a = \[\n {5}\.\.\.\n {2}21 \| {3}19,\n {2}22 \| {3}1 2\n {5}\| {5}\^$/m);
  });

  it('cut long lines around the place', () => {
    const shown = rendered(`a = "${'x'.repeat(500)}" @ "${'y'.repeat(500)}"\n`);
    for (const line of shown.split('\n')) assert.ok(line.length < 400, line);
    assert.match(shown, /\.\.\.x+" @ "y+\.\.\.\n/);
  });

  it('point to the end of the text', () => {
    assert.match(rendered('a ='), /^ {2}1 \| a =\n {4}\| {4}\^$/m);
    assert.match(rendered('x {\n  a = 1\n'), /^ {2}1 \| x \{\n {4}\| \^\^\^$/m);
  });

  it('show the place in the file of a template in JSON', () => {
    const { value } = parseJsonConfig('{\n  "a": "\\u00e9${nope}"\n}\n', 'f.json');
    const { diagnostics } = value.everything().attributes.get('a')!.expression.evaluate(contextOf());
    assert.match(
      renderDiagnostics(diagnostics),
      /on f.json line 2:\n {2}2 \| {3}"a": "\\u00e9\$\{nope\}"\n {4}\| {17}\^\^\^\^\n/,
    );
  });

  it('can have colours, and lines of a width', () => {
    const [diagnostic] = evaluated('var.nme');
    const coloured = renderDiagnostics([diagnostic!, { ...diagnostic!, severity: 'warning' }], {
      color: true,
    });
    assert.match(coloured, /\x1b\[1;31mError:\x1b\[0m \x1b\[1mUnsupported attribute\x1b\[0m/);
    assert.match(coloured, /\x1b\[1;33mWarning:\x1b\[0m/);
    const narrow = renderDiagnostics([diagnostic!], { width: 30 });
    assert.match(narrow, /^ {2}This object has no attribute\n {2}"nme"\. Did you mean "name"\?$/m);
  });

  it('take the text of ranges that do not know theirs from whoever has it', () => {
    const place = (line: number, column: number, offset: number) => ({ line, column, offset });
    const plain: Diagnostic = {
      severity: 'error',
      summary: 'Wrong',
      detail: 'It is.',
      subject: { file: 'x.txt', start: place(2, 1, 4), end: place(2, 4, 7) },
    };
    assert.equal(renderDiagnostics([plain]), 'Error: Wrong\n\n  on x.txt line 2\n\n  It is.\n');
    assert.match(
      renderDiagnostics([plain], { textOf: () => 'one\ntwo\n' }),
      /on x.txt line 2:\n {2}2 \| two\n {4}\| \^\^\^\n/,
    );
  });
});
