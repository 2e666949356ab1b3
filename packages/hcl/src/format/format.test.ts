import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format } from './format.ts';
import { corpus } from './testing/corpus.ts';

const cases = corpus();

test('texts come out as hclwrite writes them', () => {
  assert.ok(cases.length > 400);
  for (const { name, input, formatted } of cases) assert.equal(format(input), formatted, name);
});

test('a formatted text is the same text after formatting', () => {
  for (const { name, formatted } of cases) assert.equal(format(formatted), formatted, name);
});

test('line ends stay as they are', () => {
  for (const { name, input, formatted } of cases) {
    const windows = (text: string) => text.replaceAll('\n', '\r\n');
    assert.equal(format(windows(input)), windows(formatted), name);
  }
  assert.equal(format('a=1\r\nbb=2\nccc=3'), 'a   = 1\r\nbb  = 2\nccc = 3');
});

test('white space at the end of a line goes, at the end of the text it stays', () => {
  assert.equal(format('a=1 \t \nb=2 \t '), 'a = 1\nb = 2   ');
  assert.equal(format('  \n\t\n'), '\n\n');
});

test('a text may end without a line end', () => {
  assert.equal(format(''), '');
  assert.equal(format('a=1'), 'a = 1');
  assert.equal(format('a=1 # b'), 'a = 1 # b');
  assert.equal(format('a=1 /* b */'), 'a = 1 /* b */');
  assert.equal(format('a{b=1}'), 'a { b = 1 }');
});

test('a byte order mark goes away', () => {
  assert.equal(format('\ufeffa=1\n'), 'a = 1\n');
  assert.equal(format('\ufeff'), '');
});

test('white space in texts and comments stays', () => {
  assert.equal(format('a="\t  ${ b }\t"  #\t c  \n'), 'a = "\t  ${b}\t" #\t c  \n');
  assert.equal(format('a=<<-E\n\t x \n\tE\n'), 'a = <<-E\n\t x \n\tE\n');
});

test('a line that reads "x in {" inside of a template is part of the for expression', () => {
  const source = 'a="${[for\nx in {b=1}:\nx]}"\nbbb=1\n';
  assert.equal(format(source), 'a = "${[for\n  x in { b = 1 } :\nx]}"\nbbb = 1\n');
});

test('of a text with mistakes everything stays', () => {
  assert.equal(format('a = "b\nc=1\n'), 'a = "b\nc = 1\n');
  assert.equal(format('a = [1,\nb=2\n'), 'a = [1,\n  b = 2\n');
  assert.equal(format('}}}\na=1\n'), '} } }\na = 1\n');
  assert.equal(format("a='x  y'\n"), "a = 'x  y'\n");
  assert.equal(format('a = ! = b . . c\n'), 'a = ! = b. .c\n');
  assert.equal(format('a=<<E\nx  y\n'), 'a = <<E\nx  y\n');
});

test('thousands of brackets that nobody closes do not make an enormous text', () => {
  const lines = 20_000;
  const formatted = format('{\n'.repeat(lines));
  assert.ok(formatted.length < lines * 600);
  assert.equal(formatted.replaceAll(' ', ''), '{\n'.repeat(lines));
});
