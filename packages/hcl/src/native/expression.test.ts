import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Traversal } from '../body.ts';
import { toHclText } from '../values/hcl-text.ts';
import { parseExpression } from './parse.ts';

function expression(text: string) {
  const { value, diagnostics } = parseExpression(text, 'test.hcl');
  assert.deepEqual(diagnostics, [], text);
  return value;
}

function path({ root, steps }: Traversal): string {
  const tail = steps.map((step) => {
    return step.kind === 'attribute'
      ? `.${step.name}`
      : step.kind === 'index'
        ? `[${toHclText(step.key)}]`
        : '[*]';
  });
  return root + tail.join('');
}

describe('an expression tells', () => {
  it('which variables it needs, with the fixed path after them', () => {
    const cases: readonly (readonly [text: string, variables: string])[] = [
      ['1 + 2', ''],
      ['a', 'a'],
      ['a.b["c"][0].d', 'a.b["c"][0].d'],
      ['a[b.c].d', 'a b.c'],
      ['a.b[*].c', 'a.b'],
      ['a.*.b', 'a'],
      ['a[*].b[c]', 'a c'],
      ['a + b * c', 'a b c'],
      ['a ? b : c', 'a b c'],
      ['f(a, b...)', 'a b'],
      ['"x${a}y${b}"', 'a b'],
      ['"%{ if a }${b}%{ else }${c}%{ endif }"', 'a b c'],
      ['[a, [b]]', 'a b'],
      ['{ a = b, (c) = d, "${e}" = f }', 'b c d e f'],
      ['{ a.b = 1 }', 'a.b'],
      ['(a.b).c', 'a.b'],
      ['f(a).b[c]', 'a c'],
      ['!a', 'a'],
      ['true', ''],
    ];
    for (const [text, variables] of cases) {
      assert.equal(expression(text).variables().map(path).join(' '), variables, text);
    }
  });

  it('which it needs from outside, not those that "for" makes', () => {
    const cases: readonly (readonly [text: string, variables: string])[] = [
      ['[for x in a : x]', 'a'],
      ['[for x in x : x]', 'x'],
      ['[for k, v in a : k + v + w]', 'a w'],
      ['{for k, v in a : k => v if v && w}', 'a w'],
      ['[for x in a : [for y in x : x + y + z]]', 'a z'],
      ['[[for x in a : x], x]', 'a x'],
      ['"%{ for x in a }${x}${y}%{ endfor }${x}"', 'a y x'],
    ];
    for (const [text, variables] of cases) {
      assert.equal(expression(text).variables().map(path).join(' '), variables, text);
    }
  });

  it('whether it is a fixed path', () => {
    for (const text of ['a', 'a.b', 'a["b"].c[0]', 'a.0', 'true', 'null.a']) {
      assert.ok(expression(text).asTraversal(), text);
    }
    for (const text of ['a[b]', 'a.*', 'a[*]', '(a)', '"a"', '1', 'f()', '"${a}"', 'a + b', '[a][0]']) {
      assert.equal(expression(text).asTraversal(), undefined, text);
    }
  });

  it('whether it is a lone word', () => {
    assert.equal(expression('a').asKeyword(), 'a');
    assert.equal(expression('true').asKeyword(), 'true');
    for (const text of ['a.b', '"a"', '(a)', 'f()'])
      assert.equal(expression(text).asKeyword(), undefined, text);
  });

  it('the elements, items, arguments and parts that are written out', () => {
    assert.equal(expression('[a, 1]').asList()?.length, 2);
    assert.equal(expression('a').asList(), undefined);
    const items = expression('{ a = b, (c) = 1 }').asMap();
    assert.deepEqual(
      items?.map(({ key }) => key.asKeyword()),
      ['a', undefined],
    );
    assert.deepEqual(
      items?.map(({ key }) => toHclText(key.evaluate({ variables: new Map() }).value)),
      ['"a"', '<unknown>'],
    );
    const call = expression('a::f(1, x)').asCall();
    assert.equal(call?.name, 'a::f');
    assert.equal(call.nameRange.end.column, 5);
    assert.equal(call.arguments[1]?.asKeyword(), 'x');
    assert.equal(expression('"x${a}"').asTemplate()?.length, 2);
    assert.equal(expression('"${a}"').asTemplate()?.[0]?.asKeyword(), 'a');
    assert.equal(expression('"x"').asTemplate(), undefined);
  });
});
