import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../native/parse.ts';
import { bodyText } from '../testing/tree-text.ts';

/** Broken texts, what is told of them, and what is understood all the same. */
const broken: readonly {
  readonly source: string;
  readonly mistakes: readonly string[];
  readonly body: string;
}[] = [
  {
    source: 'a = \nb = 2\n',
    mistakes: ['1,5 Invalid expression'],
    body: 'a = invalid b = 2',
  },
  {
    source: 'a = [1, 2\nb = 2\n',
    mistakes: ['1,5 Unterminated tuple constructor expression'],
    body: 'a = [1, 2] b = 2',
  },
  {
    source: 'a = {\n  x = 1\n  y 2\n  z = 3\n}\nb = 2\n',
    mistakes: ['3,5 Missing key/value separator'],
    body: 'a = {key:x = 1} b = 2',
  },
  {
    source: 'a = foo(1, 2\nb = 2\n',
    mistakes: ['1,5 Unterminated function call'],
    body: 'a = foo(1, 2) b = 2',
  },
  {
    source: 'blk {\n  a = (1\n}\nb = 2\n',
    mistakes: ['3,1 Unbalanced parentheses'],
    body: 'blk { a = (1) } b = 2',
  },
  {
    source: 'blk {\n  a = [\n    1,\n    2\n}\nb = 2\n',
    mistakes: ['5,1 Missing item separator'],
    body: 'blk { a = [1, 2] } b = 2',
  },
  {
    source: 'blk "x" {\n  a = "unclosed\n  b = 2\n}\nc = 3\n',
    mistakes: ['2,7 Unterminated template string'],
    body: 'blk "x" { a = "unclosed" b = 2 } c = 3',
  },
  {
    source: 'blk {\n  a = 1\n\nother {\n  b = 2\n}\n',
    mistakes: ['1,1 Unclosed configuration block'],
    body: 'blk { a = 1 other { b = 2 } }',
  },
  {
    source: 'a = 1\n}\nb = 2\n',
    mistakes: ['2,1 Unexpected closing brace'],
    body: 'a = 1 b = 2',
  },
  {
    source: 'a = 1, b = 2\nc = 3\n',
    mistakes: ['1,6 Unexpected comma after argument'],
    body: 'a = 1 c = 3',
  },
  {
    source: 'a: 1\nb = 2\n',
    mistakes: ['1,2 Argument or block definition required'],
    body: 'b = 2',
  },
  {
    source: '"a" = 1\nb = 2\n',
    mistakes: ['1,1 Invalid argument name'],
    body: 'b = 2',
  },
  {
    source: 'a 1\nb = 2\n',
    mistakes: ['1,1 Argument or block definition required'],
    body: 'b = 2',
  },
  {
    source: 'a\nb = 2\n',
    mistakes: ['1,1 Argument or block definition required'],
    body: 'b = 2',
  },
  {
    source: 'a = 1; b = 2\nc = 3\n',
    mistakes: ['1,6 Invalid character'],
    body: 'a = 1 b = 2 c = 3',
  },
  {
    source: 'a = 1;\nb = 2\n',
    mistakes: ['1,6 Invalid character'],
    body: 'a = 1 b = 2',
  },
  {
    source: 'blk { a = 1, b = 2 }\nc = 3\n',
    mistakes: ['1,12 Invalid single-argument block definition'],
    body: 'blk { a = 1 b = 2 } c = 3',
  },
  {
    source: 'blk { a = 1\n  b = 2\n}\nc = 3\n',
    mistakes: ['1,7 Invalid single-argument block definition'],
    body: 'blk { a = 1 b = 2 } c = 3',
  },
  {
    source: 'blk { inner { a = 1 } }\nc = 3\n',
    mistakes: ['1,7 Argument definition required'],
    body: 'blk { inner { a = 1 } } c = 3',
  },
  {
    source: 'blk = {\n a = 1\n}\nblk "x" = {\n a = 1\n}\nc = 3\n',
    mistakes: ['4,9 Invalid block definition'],
    body: 'blk = {key:a = 1} c = 3',
  },
  {
    source: 'blk\n{\n a = 1\n}\nc = 3\n',
    mistakes: ['1,1 Argument or block definition required'],
    body: 'blk { a = 1 } c = 3',
  },
  {
    source: 'blk "a" , "b" {\n  x = 1\n}\nc = 3\n',
    mistakes: ['1,9 Invalid block definition'],
    body: 'blk "a" { x = 1 } c = 3',
  },
  {
    source: 'blk "a${x}b" {\n  x = 1\n}\nc = 3\n',
    mistakes: ['1,7 Invalid string literal'],
    body: 'blk "a${…}b" { x = 1 } c = 3',
  },
  {
    source: 'blk {} other {}\nc = 3\n',
    mistakes: ['1,8 Missing newline after block definition'],
    body: 'blk { } c = 3',
  },
  {
    source: 'blk {\n  a = 1 }\nc = 3\n',
    mistakes: ['2,9 Missing newline after argument'],
    body: 'blk { a = 1 } c = 3',
  },
  {
    source: 'a = <<EOT\nfoo\nbar = 2\n',
    mistakes: ['1,5 Unterminated template string'],
    body: 'a = "foo\\nbar = 2\\n"',
  },
  {
    source: 'a = <<EOT\nfoo ${b\nEOT\nc = 3\n',
    mistakes: ['2,5 Unclosed template interpolation sequence'],
    body: 'a = T("foo " b) c = 3',
  },
  {
    source: 'a = "x ${b} y\nc = 3\n',
    mistakes: ['1,5 Unterminated template string'],
    body: 'a = T("x " b " y") c = 3',
  },
  {
    source: 'a = "line one\n  line two"\nc = 3\n',
    mistakes: ['1,14 Invalid multi-line string'],
    body: 'a = "line one\\n  line two" c = 3',
  },
  {
    source: 'a = b.\nc = 3\n',
    mistakes: ['1,7 Invalid attribute name'],
    body: 'a = invalid(b) c = 3',
  },
  {
    source: 'a = b[\nc = 3\n',
    mistakes: ['1,6 Missing close bracket on index'],
    body: 'a = invalid(b[c]) c = 3',
  },
  {
    source: 'a = b..c\nd = 4\n',
    mistakes: ['1,7 Invalid attribute name'],
    body: 'a = invalid(b) d = 4',
  },
  {
    source: 'a = 1 +\nb = 2\n',
    mistakes: ['1,8 Invalid expression'],
    body: 'a = (1 + invalid) b = 2',
  },
  {
    source: 'a = b ? c\nd = 4\n',
    mistakes: ['1,10 Missing false expression in conditional'],
    body: 'a = b d = 4',
  },
  {
    source: 'a = [for x in y]\nb = 2\n',
    mistakes: ["1,16 Invalid 'for' expression"],
    body: 'a = invalid(y) b = 2',
  },
  {
    source: 'a = "${}"\nb = 2\n',
    mistakes: ['1,8 Invalid expression'],
    body: 'a = wrap(invalid) b = 2',
  },
  {
    source: 'a = "${b"\nc = 3\n',
    mistakes: ['1,6 Unclosed template interpolation sequence'],
    body: 'a = wrap(b) c = 3',
  },
  {
    source: 'a = "$${b}"\nc = "${d:-x}"\ne = 5\n',
    mistakes: ['2,9 Extra characters after interpolation expression'],
    body: 'a = "${b}" c = wrap(d) e = 5',
  },
  {
    source: 'a = 1\na = 2\nb = 3\n',
    mistakes: ['2,1 Attribute redefined'],
    body: 'a = 1 b = 3',
  },
  {
    source: '/* open\na = 1\n',
    mistakes: ['1,1 Unterminated comment'],
    body: '',
  },
  {
    source: 'a = 1 b = 2\nc = 3\n',
    mistakes: ['1,7 Missing newline after argument'],
    body: 'a = 1 c = 3',
  },
  {
    source: 'a == 1\nb = 2\n',
    mistakes: ['1,3 Argument or block definition required'],
    body: 'b = 2',
  },
  {
    source: 'a += 1\nb = 2\n',
    mistakes: ['1,1 Argument or block definition required'],
    body: 'b = 2',
  },
  {
    source: 'a = if b { 1 }\nc = 3\n',
    mistakes: ['1,8 Missing newline after argument'],
    body: 'a = if c = 3',
  },
  {
    source: 'a = !\nb = 2\n',
    mistakes: ['1,6 Invalid expression'],
    body: 'a = (!invalid) b = 2',
  },
  {
    source: '= 1\nb = 2\n',
    mistakes: ['1,1 Argument or block definition required'],
    body: 'b = 2',
  },
  {
    source: 'a.b = 1\nc = 3\n',
    mistakes: ['1,1 Invalid argument name'],
    body: 'c = 3',
  },
  {
    source: 'a["x"] = 1\nc = 3\n',
    mistakes: ['1,1 Invalid argument name'],
    body: 'c = 3',
  },
  {
    source: 'a = [\n  "x"\n  "y"\n]\nb = 2\n',
    mistakes: ['3,3 Missing item separator'],
    body: 'a = ["x"] b = 2',
  },
  {
    source: 'a = {\n  b = 1,\n  c = [1,\n  d = 2\n}\ne = 5\n',
    mistakes: ['3,7 Unterminated tuple constructor expression'],
    body: 'a = {key:b = 1, key:c = [1, d]} e = 5',
  },
  {
    source: 'blk {\n  nested {\n    a = [1, 2\n    b = 3\n  }\n  c = 4\n}\nd = 5\n',
    mistakes: ['3,9 Unterminated tuple constructor expression'],
    body: 'blk { nested { a = [1, 2] b = 3 } c = 4 } d = 5',
  },
  {
    source: '} } }\na = 1\n',
    mistakes: [
      '1,1 Unexpected closing brace',
      '1,3 Unexpected closing brace',
      '1,5 Unexpected closing brace',
    ],
    body: 'a = 1',
  },
  {
    source: 'a = )\nb = 2\n',
    mistakes: ['1,5 Invalid expression'],
    body: 'a = invalid b = 2',
  },
  {
    source: 'a = 1 )\nb = 2\n',
    mistakes: ['1,7 Missing newline after argument'],
    body: 'a = 1 b = 2',
  },
  {
    source: 'a = "%{ if x }y"\nb = 2\n',
    mistakes: ['1,6 Unexpected end of template'],
    body: 'a = T(if(x T("y") T(""))) b = 2',
  },
  {
    source: 'a = "%{ elseif x }y%{ endif }"\nb = 2\n',
    mistakes: ['1,9 Invalid template control keyword'],
    body: 'a = "" b = 2',
  },
  {
    source: "a = 'x'\nb = 2\n",
    mistakes: ['1,5 Invalid character'],
    body: 'a = invalid b = 2',
  },
  {
    source: 'a = $b\nc = 3\n',
    mistakes: ['1,5 Invalid character'],
    body: 'a = invalid c = 3',
  },
  {
    source: 'a = ${b}\nc = 3\n',
    mistakes: ['1,5 Invalid character'],
    body: 'a = invalid c = 3',
  },
  {
    source: 'a = b => c\nd = 4\n',
    mistakes: ['1,7 Missing newline after argument'],
    body: 'a = b d = 4',
  },
];

function told(source: string): string[] {
  return parseConfig(source, 'test.hcl').diagnostics.map(({ subject, summary }) => {
    return `${subject.start.line},${subject.start.column} ${summary}`;
  });
}

function understood(source: string): string {
  return bodyText(parseConfig(source, 'test.hcl').value.node)
    .map((line) => line.trim())
    .join(' ');
}

describe('after a mistake', () => {
  it('the place is told once, and reading goes on with the next argument or block', () => {
    for (const { source, mistakes, body } of broken) {
      assert.deepEqual(told(source), mistakes, source);
      assert.equal(understood(source), body, source);
    }
  });

  it('all others are told too', () => {
    const sources = broken.filter(({ source }) => !/EOT\n|\/\*|blk \{\n {2}a = 1\n\n/.test(source));
    assert.ok(sources.length > 50);
    for (const first of sources) {
      const secondBlock = first.source.split('\n').length + 2;
      for (const second of sources.slice(0, 10)) {
        const both = told(`one {\n${first.source}}\ntwo {\n${second.source}}\n`);
        const lines = both.map((mistake) => Number.parseInt(mistake, 10));
        const message = `${first.source} and ${second.source}: ${both.join('; ')}`;
        assert.ok(
          lines.some((line) => line < secondBlock),
          message,
        );
        assert.ok(
          lines.some((line) => line > secondBlock),
          message,
        );
      }
    }
  });
});
