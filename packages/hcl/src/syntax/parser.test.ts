import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { rangeText } from '../diagnostics/range.ts';
import { corpus } from '../format/testing/corpus.ts';
import { randomDocument } from '../format/testing/random-document.ts';
import { parseConfig, parseExpression, parseTemplate, parseTraversal } from '../native/parse.ts';
import { bodyText, treeText } from '../testing/tree-text.ts';
import type { SyntaxNode } from './nodes.ts';
import { childrenOf, walk } from './walk.ts';

function tree(text: string): string {
  const { value, diagnostics } = parseExpression(text, 'test.hcl');
  assert.deepEqual(
    diagnostics.map(({ detail }) => detail),
    [],
    text,
  );
  return treeText(value.node);
}

function trees(cases: readonly (readonly [text: string, expected: string])[]): void {
  for (const [text, expected] of cases) assert.equal(tree(text), expected, text);
}

describe('operators', () => {
  it('bind by their precedence, and to the left', () => {
    trees([
      ['a || b && c', '(a || (b && c))'],
      ['a && b || c', '((a && b) || c)'],
      ['a == b && c != d', '((a == b) && (c != d))'],
      ['a < b == c', '((a < b) == c)'],
      ['a + b < c - d', '((a + b) < (c - d))'],
      ['a + b * c', '(a + (b * c))'],
      ['a * b + c', '((a * b) + c)'],
      ['a - b - c', '((a - b) - c)'],
      ['a / b * c % d', '(((a / b) * c) % d)'],
      ['a == b == c', '((a == b) == c)'],
      ['(a + b) * c', '(((a + b)) * c)'],
    ]);
  });

  it('with one side bind tighter than all with two', () => {
    trees([
      ['-a + b', '((-a) + b)'],
      ['!a && b', '((!a) && b)'],
      ['-a.b[0]', '(-a.b[0])'],
      ['- -a', '(-(-a))'],
      ['!!a', '(!(!a))'],
      ['a - -b', '(a - (-b))'],
    ]);
  });

  it('for conditions bind loosest, and to the right', () => {
    trees([
      ['a ? b : c', '(a ? b : c)'],
      ['a ? b : c ? d : e', '(a ? b : (c ? d : e))'],
      ['a ? b ? c : d : e', '(a ? (b ? c : d) : e)'],
      ['a || b ? c + d : e', '((a || b) ? (c + d) : e)'],
    ]);
  });
});

describe('terms', () => {
  it('are literals and names', () => {
    trees([
      ['12', '12'],
      ['1.50', '1.5'],
      ['1e3', '1000'],
      ['true', 'true'],
      ['null', 'null'],
      ['foo-bar', 'foo-bar'],
      ['for', 'for'],
      ['"a\\tb"', '"a\\tb"'],
    ]);
  });

  it('are lists, whose line ends count for nothing', () => {
    trees([
      ['[]', '[]'],
      ['[a]', '[a]'],
      ['[a, b,]', '[a, b]'],
      ['[\n a # x\n ,\n b\n]', '[a, b]'],
      ['[[a], [b]]', '[[a], [b]]'],
    ]);
  });

  it('are objects, whose items end with lines or commas', () => {
    trees([
      ['{}', '{}'],
      ['{ a = 1 }', '{key:a = 1}'],
      ['{ a = 1, b : 2 }', '{key:a = 1, key:b = 2}'],
      ['{\n a = 1\n\n b = 2,\n # x\n c = 3\n}', '{key:a = 1, key:b = 2, key:c = 3}'],
      ['{ (a) = 1 }', '{(a) = 1}'],
      ['{ "a" = 1, "${b}" = 2 }', '{"a" = 1, wrap(b) = 2}'],
      ['{ a.b = 1 }', '{key(a.b) = 1}'],
      ['{ a[b] = 1 }', '{a[b] = 1}'],
      ['{ true = 1, null = 2, 3 = 3 }', '{key:true = 1, key:null = 2, 3 = 3}'],
      ['({ a = 1\n b = 2 })', '({key:a = 1, key:b = 2})'],
      ['{ a = (\n 1 +\n 2\n) }', '{key:a = ((1 + 2))}'],
    ]);
  });

  it('are for-expressions', () => {
    trees([
      ['[for x in y : z]', '<for x in y : z>'],
      ['[for k, v in y: z if k]', '<for k, v in y : z if k>'],
      ['{for x in y : x => z}', '<for x in y : x => z>'],
      ['{for k, v in y : k => v... if v}', '<for k, v in y : k => v... if v>'],
      ['[\n  for x in y :\n  z\n]', '<for x in y : z>'],
      ['{\n  for x in y : x\n  => z\n}', '<for x in y : x => z>'],
      ['[(for), a]', '[(for), a]'],
      ['{ "for" = 1 }', '{"for" = 1}'],
      ['{ a = 1, for = 2 }', '{key:a = 1, key:for = 2}'],
      ['[for x in y ? a : b : z]', '<for x in (y ? a : b) : z>'],
    ]);
  });

  it('are function calls, with name spaces', () => {
    trees([
      ['f()', 'f()'],
      ['f(a, b)', 'f(a, b)'],
      ['f(a, b,)', 'f(a, b)'],
      ['f(a...)', 'f(a...)'],
      ['f(\n a,\n b\n)', 'f(a, b)'],
      ['a::b::c(1)', 'a::b::c(1)'],
      ['f(g(a))', 'f(g(a))'],
      ['f(a).b[0]', 'f(a).b[0]'],
    ]);
  });
});

describe('access', () => {
  it('goes by attributes and indices, fixed or computed', () => {
    trees([
      ['a.b.c', 'a.b.c'],
      ['a[0]', 'a[0]'],
      ['a["b"]', 'a["b"]'],
      ['a[b.c]', 'a[b.c]'],
      ['a[b][c].d', 'a[b][c].d'],
      ['a[\n  0\n]', 'a[0]'],
      ['a.0.b', 'a.0.b'],
      ['a["${b}"]', 'a[wrap(b)]'],
      ['a[1 + 1]', 'a[(1 + 1)]'],
      ['(a).b', '(a).b'],
      ['[a][0]', '[a][0]'],
      ['"${a}".b', 'wrap(a).b'],
    ]);
  });

  it('goes through all elements by splats', () => {
    trees([
      ['a[*]', 'a[*]'],
      ['a.*', 'a.*'],
      ['a[*].b[0].c', 'a[*].b[0].c'],
      ['a.*.b.c[0]', 'a.*.b.c[0]'],
      ['a.*.b.0.c', 'a.*.b.0.c'],
      ['a[*].b[*].c', 'a[*].b[*].c'],
    ]);
  });
});

describe('templates', () => {
  it('have literal text and interpolations', () => {
    trees([
      ['"a${b}c"', 'T("a" b "c")'],
      ['"${a}${b}"', 'T(a b)'],
      ['"${a}"', 'wrap(a)'],
      ['"${"a"}"', 'wrap("a")'],
      ['"$${a} %%{b}"', '"${a} %{b}"'],
      ['"${a\n+\nb}"', 'wrap((a + b))'],
      ['"${ {\n a = 1 } }"', 'wrap({key:a = 1})'],
    ]);
  });

  it('have directives, which may be nested', () => {
    trees([
      ['"%{ if a }b%{ endif }"', 'T(if(a T("b") T("")))'],
      ['"%{ if a }b%{ else }c%{ endif }"', 'T(if(a T("b") T("c")))'],
      ['"x%{ for k, v in a }${v}%{ endfor }y"', 'T("x" for(k, v in a T(v)) "y")'],
      ['"%{ for v in a }%{ if v }b%{ endif }%{ endfor }"', 'T(for(v in a T(if(v T("b") T("")))))'],
      ['"%{ if a }%{ else }%{ endif }"', 'T(if(a T("") T("")))'],
    ]);
  });

  it('lose white space at trim marks, within a line of the source', () => {
    trees([
      ['"a ${~ b ~} c"', 'T("a" b "c")'],
      ['"a ${~ b } c"', 'T("a" b " c")'],
      ['"a\\n ${~ b ~}\\n c"', 'T("a" b "c")'],
      ['"a %{ if b ~} c %{~ endif } d"', 'T("a " if(b T("c") T("")) " d")'],
      ['<<E\na\n  ${~ b ~}\n  c\nE\n', 'T("a\\n" b "  c\\n")'],
    ]);
  });

  it('in heredocs keep line ends, and lose common indentation after <<-', () => {
    trees([
      ['<<E\n a\n\tb\nE\n', '" a\\n\\tb\\n"'],
      ['<<E\nE\n', '""'],
      ['<<-E\n    a\n      b\n    E\n', '"a\\n  b\\n"'],
      ['<<-E\n    a\n\n  b\n    E\n', '"  a\\n\\nb\\n"'],
      ['<<-E\n  \n    a\n  E\n', '"  \\na\\n"'],
      ['<<-E\n    ${a}\n      b\n  E\n', 'T("" a "\\n  b\\n")'],
      ['<<-E\n${a}\n  b\n  E\n', 'T(a "\\n  b\\n")'],
      ['<<-E\n\t\ta\n\t\t\tb\n\tE\n', '"a\\n\\tb\\n"'],
      ['<<-E\n    a ${\n  b\n}\n    E\n', 'T("a " b "\\n")'],
      ['<<E\na\\nb "c"\nE\n', '"a\\\\nb \\"c\\"\\n"'],
      ['<<E\r\na\r\nE\r\n', '"a\\r\\n"'],
      ['[<<E\na\nE\n, b]', '["a\\n", b]'],
    ]);
  });

  it('fill whole files', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['', '""'],
      ['a\n', '"a\\n"'],
      ['${a}', 'wrap(a)'],
      ['a "b" \\n ${c}', 'T("a \\"b\\" \\\\n " c)'],
      ['%{ for x in y ~}\n${x}\n%{ endfor ~}\n', 'T(for(x in y T("" x "\\n")) "")'],
      ['$', '"$"'],
      ['100%', '"100%"'],
    ];
    for (const [text, expected] of cases) {
      const { value, diagnostics } = parseTemplate(text, 'test.tpl');
      assert.deepEqual(diagnostics, [], text);
      assert.equal(treeText(value.node), expected, text);
    }
  });
});

describe('bodies', () => {
  function body(text: string): string {
    const { value, diagnostics } = parseConfig(text, 'test.hcl');
    assert.deepEqual(
      diagnostics.map(({ detail }) => detail),
      [],
      text,
    );
    return bodyText(value.node)
      .map((line) => line.trim())
      .join(' ');
  }

  it('have arguments and blocks in order', () => {
    assert.equal(body(''), '');
    assert.equal(body('\n\n# c\n'), '');
    assert.equal(body('a = 1\nb = 2'), 'a = 1 b = 2');
    assert.equal(body('a = 1 # c\n/* d */ b = 2 // e\n'), 'a = 1 b = 2');
    assert.equal(body('x {\n  a = 1\n\n  y {\n  }\n}\nz = 1\n'), 'x { a = 1 y { } } z = 1');
    assert.equal(body('\ufeffa = 1\r\nb = 2\r\n'), 'a = 1 b = 2');
  });

  it('have blocks with labels in quotes or without', () => {
    assert.equal(body('x "a b" c "d\\"" {\n}\n'), 'x "a b" "c" "d\\"" { }');
    assert.equal(body('x "$${a}" {}\n'), 'x "${a}" { }');
  });

  it('have blocks in one line, with one argument at most', () => {
    assert.equal(body('x {}\n'), 'x { }');
    assert.equal(body('x { a = 1 }\n'), 'x { a = 1 }');
    assert.equal(body('x { a = [\n1,\n2\n] }'), 'x { a = [1, 2] }');
    assert.equal(body('x { # c\n  a = 1\n}\n'), 'x { a = 1 }');
  });

  it('have arguments with heredocs', () => {
    assert.equal(body('a = <<E\nx\nE\nb = 1\n'), 'a = "x\\n" b = 1');
    assert.equal(body('a = <<E\nx\nE'), 'a = "x\\n"');
  });
});

describe('places', () => {
  it('are those of what is written', () => {
    const text = 'x "lä" {\n  größe = "日本${var.a}" # c\n}\n';
    const { attributes, blocks } = parseConfig(text, 'f.hcl').value.everything();
    assert.equal(attributes.size, 0);
    const block = blocks[0]!;
    assert.equal(rangeText(block.typeRange), 'f.hcl:1,1-2');
    assert.deepEqual(block.labelRanges.map(rangeText), ['f.hcl:1,3-7']);
    assert.equal(rangeText(block.headerRange), 'f.hcl:1,1-7');
    assert.equal(rangeText(block.body.range), 'f.hcl:1,8-3,2');
    const attribute = block.body.everything().attributes.get('größe')!;
    assert.equal(rangeText(attribute.nameRange), 'f.hcl:2,3-8');
    assert.equal(rangeText(attribute.range), 'f.hcl:2,3-23');
    assert.deepEqual(
      attribute.expression.variables().map(({ range }) => rangeText(range)),
      ['f.hcl:2,16-21'],
    );
  });

  it('count a character with its marks, and a whole emoji, as one column', () => {
    const { diagnostics } = parseConfig('a = "e\u0301👩‍👩‍👧" @\n', 'f.hcl');
    assert.deepEqual(
      diagnostics.map(({ subject }) => rangeText(subject)),
      ['f.hcl:1,10-11'],
    );
  });

  it('of children lie inside of their parents and follow each other', () => {
    const texts = [
      ...corpus().map(({ input }) => input),
      ...Array.from({ length: 200 }, (_, seed) => randomDocument(seed)),
    ];
    for (const text of texts) {
      const { value, diagnostics } = parseConfig(text, 'f.hcl');
      if (hasErrors(diagnostics)) continue;
      walk(value.node, (node) => {
        assert.ok(node.start <= node.end, text);
        let at = node.start;
        for (const child of childrenOf(node)) {
          assert.ok(child.start >= at && child.end <= node.end, `${node.kind} ${child.kind} in ${text}`);
          at = child.end;
        }
        return true;
      });
    }
  });
});

it('a walk visits parents first, and nothing below where it is told not to', () => {
  const seen: SyntaxNode['kind'][] = [];
  walk(parseConfig('a = f(1, [2])\nb {\n  c = 3\n}\n', 'f.hcl').value.node, (node) => {
    seen.push(node.kind);
    return node.kind !== 'call';
  });
  assert.deepEqual(seen, ['body', 'attribute', 'call', 'block', 'body', 'attribute', 'literal']);
});

describe('paths', () => {
  it('are names with attributes and fixed indices', () => {
    const { value, diagnostics } = parseTraversal('a.b["c"][0].d', 'f.hcl');
    assert.deepEqual(diagnostics, []);
    assert.equal(value?.root, 'a');
    assert.deepEqual(
      value.steps.map((step) => (step.kind === 'attribute' ? step.name : step.kind)),
      ['b', 'index', 'index', 'd'],
    );
  });

  it('are nothing else', () => {
    for (const text of ['a[b]', 'a.*', 'a[*]', '"a"', 'f()', 'a + b', '(a)', '', 'a.']) {
      const { value, diagnostics } = parseTraversal(text, 'f.hcl');
      assert.equal(value, undefined, text);
      assert.ok(hasErrors(diagnostics), text);
    }
  });
});

describe('bytes', () => {
  it('are read as UTF-8, and the first that are not are told', () => {
    const text = Buffer.from('a = "ä"\n');
    assert.deepEqual(parseConfig(text, 'f.hcl').diagnostics, []);
    const broken = Buffer.concat([
      text,
      Buffer.from('b = "'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"\nc = 3\n'),
    ]);
    const { value, diagnostics } = parseConfig(broken, 'f.hcl');
    assert.deepEqual(
      diagnostics.map(({ subject, summary }) => `${rangeText(subject)} ${summary}`),
      ['f.hcl:2,6-7 Invalid character encoding'],
    );
    assert.deepEqual([...value.everything().attributes.keys()], ['a', 'b', 'c']);
    const cut = Buffer.concat([Buffer.from('a = 1 # '), Buffer.from([0xe2, 0x82])]);
    assert.deepEqual(
      parseConfig(cut, 'f.hcl').diagnostics.map(({ subject }) => rangeText(subject)),
      ['f.hcl:1,9-10'],
    );
    assert.deepEqual(
      parseConfig(Buffer.from('a = "\ufffd"\n'), 'f.hcl').diagnostics,
      [],
      'the replacement character itself is one',
    );
  });
});
