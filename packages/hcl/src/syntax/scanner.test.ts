import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { corpus } from '../format/testing/corpus.ts';
import { randomDocument } from '../format/testing/random-document.ts';
import { tokens } from '../native/parse.ts';
import { code, tokenKinds } from './token.ts';

/** Kinds and texts, without blanks. */
function scanned(text: string, start: 'expression' | 'template' = 'expression'): string[] {
  return tokens(text, 'test.hcl', start)
    .filter(({ kind }) => kind !== 'space')
    .map(({ kind, text: written }) => `${kind} ${JSON.stringify(written)}`);
}

function kinds(text: string): string {
  return tokens(text, 'test.hcl')
    .filter(({ kind }) => kind !== 'space')
    .map(({ kind }) => kind)
    .join(' ');
}

it('names for the numbers of token kinds are those of the list', () => {
  const camel = (kind: string) => kind.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const named = Object.fromEntries(tokenKinds.map((kind, index) => [camel(kind), index]));
  assert.deepEqual({ ...code }, named);
});

describe('tokens outside of text', () => {
  it('are operators and brackets, the longest that fit', () => {
    assert.equal(kinds('+ - * / % ! ?'), 'plus minus star slash percent not question');
    assert.equal(
      kinds('== != <= >= < > => ='),
      'equal-to not-equal-to less-or-equal greater-or-equal less-than greater-than arrow equal',
    );
    assert.equal(kinds('&& || : :: . ... ,'), 'and or colon double-colon dot ellipsis comma');
    assert.equal(
      kinds('{}[]()'),
      'open-brace close-brace open-bracket close-bracket open-parenthesis close-parenthesis',
    );
  });

  it('are numbers, whose dot must be followed by digits', () => {
    assert.deepEqual(
      scanned('12 1.5 1e5 1E+5 1e-5 2.5e1'),
      ['12', '1.5', '1e5', '1E+5', '1e-5', '2.5e1'].map((text) => `number "${text}"`),
    );
    assert.deepEqual(scanned('1...'), ['number "1"', 'ellipsis "..."']);
    assert.deepEqual(scanned('1.'), ['number "1"', 'dot "."']);
    assert.deepEqual(scanned('1ex'), ['number "1"', 'identifier "ex"']);
    assert.deepEqual(scanned('0.1.2'), ['number "0.1.2"']);
  });

  it('are identifiers of all scripts, with dashes', () => {
    const names = ['foo', 'foo_bar', 'foo-bar', '_x', 'größe', '名前', 'a1', 'x-', '𝒳'];
    assert.deepEqual(
      scanned(names.join(' ')),
      names.map((name) => `identifier ${JSON.stringify(name)}`),
    );
    assert.deepEqual(scanned('1a'), ['number "1"', 'identifier "a"']);
    assert.deepEqual(scanned('-a'), ['minus "-"', 'identifier "a"']);
  });

  it('are comments of three forms, the line end after them is one of its own', () => {
    assert.deepEqual(scanned('# a\n// b\r\n/* c\n */ d'), [
      'comment "# a"',
      'newline "\\n"',
      'comment "// b"',
      'newline "\\r\\n"',
      'comment "/* c\\n */"',
      'identifier "d"',
    ]);
    assert.deepEqual(scanned('/* open'), ['comment "/* open"']);
    assert.deepEqual(scanned('a # end'), ['identifier "a"', 'comment "# end"']);
  });

  it('are what other languages have, each mistake in one token', () => {
    assert.deepEqual(scanned(`'a b' \`c d\` “e f”`), [
      `invalid "'a b'"`,
      'invalid "`c d`"',
      'invalid "“e f”"',
    ]);
    assert.deepEqual(scanned('; @ \u00a0'), ['invalid ";"', 'invalid "@"', 'invalid "\u00a0"']);
    assert.equal(
      kinds('a & b | c ^ ~d'),
      'identifier unsupported-operator identifier unsupported-operator identifier unsupported-operator unsupported-operator identifier',
    );
    assert.deepEqual(scanned('\r'), ['invalid "\\r"']);
  });

  it('begin with a byte order mark, which is nothing anywhere else', () => {
    assert.equal(kinds('\ufeffa'), 'byte-order-mark identifier');
    assert.equal(kinds('a \ufeff'), 'identifier invalid');
  });
});

describe('text in quotes', () => {
  it('is one token between its quotes', () => {
    assert.deepEqual(scanned('"a b" ""'), [
      'open-quote "\\""',
      'quoted-text "a b"',
      'close-quote "\\""',
      'open-quote "\\""',
      'close-quote "\\""',
    ]);
    assert.deepEqual(scanned('"a \\" b"'), [
      'open-quote "\\""',
      'quoted-text "a \\\\\\" b"',
      'close-quote "\\""',
    ]);
  });

  it('has sequences, and escapes for what opens them', () => {
    assert.deepEqual(scanned('"a${b}c%{~ if d ~}"'), [
      'open-quote "\\""',
      'quoted-text "a"',
      'open-interpolation "${"',
      'identifier "b"',
      'close-template "}"',
      'quoted-text "c"',
      'open-directive "%{~"',
      'identifier "if"',
      'identifier "d"',
      'close-template "~}"',
      'close-quote "\\""',
    ]);
    assert.deepEqual(scanned('"$${a} %%{b} $ % $$ a$"'), [
      'open-quote "\\""',
      'quoted-text "$${a} %%{b} $ % $$ a$"',
      'close-quote "\\""',
    ]);
    assert.equal(kinds('"$$${a}"'), 'open-quote quoted-text close-quote');
  });

  it('may hold braces and other texts inside of sequences', () => {
    assert.equal(
      kinds('"${ { a = "}" } }"'),
      'open-quote open-interpolation open-brace identifier equal open-quote quoted-text close-quote close-brace close-template close-quote',
    );
    assert.equal(
      kinds('"${"${"a"}"}"'),
      'open-quote open-interpolation open-quote open-interpolation open-quote quoted-text close-quote close-template close-quote close-template close-quote',
    );
  });

  it('ends with its line when its quote is forgotten', () => {
    assert.equal(
      kinds('a = "b\nc = 1\n'),
      'identifier equal open-quote quoted-text newline identifier equal number newline',
    );
    assert.equal(
      kinds('a = "${b\nc = 1\n'),
      'identifier equal open-quote open-interpolation identifier newline identifier equal number newline',
    );
    assert.equal(
      kinds('a = ["b,\n  "c",\n]'),
      'identifier equal open-bracket open-quote quoted-text newline open-quote quoted-text close-quote comma newline close-bracket',
    );
  });

  it('goes on over lines when it is clear that this was meant', () => {
    assert.equal(
      kinds('a = "b\n  c d"\n'),
      'identifier equal open-quote quoted-text quoted-newline quoted-text close-quote newline',
    );
  });
});

describe('heredocs', () => {
  it('are a token for each line between the marks', () => {
    assert.deepEqual(scanned('<<EOT\na\n  b\nEOT\n'), [
      'open-heredoc "<<EOT\\n"',
      'text "a\\n"',
      'text "  b\\n"',
      'close-heredoc "EOT"',
      'newline "\\n"',
    ]);
    assert.deepEqual(scanned('<<-X\r\n a\r\n X\r\n'), [
      'open-heredoc "<<-X\\r\\n"',
      'text " a\\r\\n"',
      'close-heredoc " X"',
      'newline "\\r\\n"',
    ]);
  });

  it('end only at their own mark, alone on its line', () => {
    assert.deepEqual(scanned('<<A\nAB\nA B\n"A\n A \n'), [
      'open-heredoc "<<A\\n"',
      'text "AB\\n"',
      'text "A B\\n"',
      'text "\\"A\\n"',
      'close-heredoc " A "',
      'newline "\\n"',
    ]);
    assert.equal(
      kinds('<<A\n${x}\nA'),
      'open-heredoc open-interpolation identifier close-template text close-heredoc',
    );
    assert.equal(
      kinds('<<A\n${x}A\nA\n'),
      'open-heredoc open-interpolation identifier close-template text close-heredoc newline',
    );
  });

  it('may stand inside of each other', () => {
    assert.equal(
      kinds('<<A\n${<<B\nb\nB\n}\nA\n'),
      'open-heredoc open-interpolation open-heredoc text close-heredoc newline close-template text close-heredoc newline',
    );
  });

  it('need a mark without quotes and a line end after it', () => {
    assert.equal(kinds('<<EOT a'), 'less-than less-than identifier identifier');
    assert.equal(kinds('<<"EOT"\n'), 'less-than less-than open-quote quoted-text close-quote newline');
  });
});

describe('templates outside of quotes', () => {
  it('begin as text, line by line', () => {
    assert.deepEqual(scanned('a\n"b" ${c} $', 'template'), [
      'text "a\\n"',
      'text "\\"b\\" "',
      'open-interpolation "${"',
      'identifier "c"',
      'close-template "}"',
      'text " $"',
    ]);
  });
});

describe('no character is lost', () => {
  const sources = [
    ...corpus().flatMap(({ input, formatted }) => [input, formatted]),
    ...Array.from({ length: 300 }, (_, seed) => randomDocument(seed)),
  ];

  it('in any of the texts of the corpus', () => {
    assert.ok(sources.length > 300);
    for (const source of sources) {
      for (const start of ['expression', 'template'] as const) {
        const scan = tokens(source, 'test.hcl', start);
        assert.equal(scan.map(({ text }) => text).join(''), source);
        let at = 0;
        for (const { start: from, end, text } of scan) {
          assert.equal(from, at);
          assert.ok(end > from, 'no token is empty');
          assert.equal(source.slice(from, end), text);
          at = end;
        }
      }
    }
  });
});
