import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from './graph.ts';

function order(needs: Readonly<Record<string, readonly string[]>>) {
  const circles: string[] = [];
  const nodes = Object.entries(needs).map(([name, names]) => ({ name, needs: names }));
  const ordered = inOrder(nodes, (way) => circles.push(way.map(({ name }) => name).join(' ')));
  return { ordered: ordered.map(({ name }) => name).join(' '), circles };
}

test('what is needed comes first', () => {
  assert.deepEqual(order({ a: ['c', 'b'], b: ['c'], c: [], d: ['a', 'elsewhere'] }), {
    ordered: 'c b a d',
    circles: [],
  });
});

test('a circle is told once, with its way, and what is outside of it goes on', () => {
  assert.deepEqual(order({ x: [], a: ['b'], b: ['c', 'x'], c: ['a'], d: ['x'] }), {
    ordered: 'x d',
    circles: ['a b c a'],
  });
  assert.deepEqual(order({ a: ['a'] }), { ordered: '', circles: ['a a'] });
});

test('a long chain is no trouble', () => {
  const needs = Object.fromEntries(
    Array.from({ length: 2000 }, (_, index) => [`n${index}`, [`n${index + 1}`]] as const),
  );
  assert.equal(order(needs).ordered.split(' ').length, 2000);
});
