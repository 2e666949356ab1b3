import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fuzzSyntax } from '../testing/syntax-fuzz.ts';

it('broken texts are read to their end, every character of them, and told at places inside of them', () => {
  const faults = fuzzSyntax({ from: 0, cases: 800 });
  assert.deepEqual(
    faults.map(({ seed, text, fault }) => `seed ${seed}: ${JSON.stringify(text)}: ${fault}`),
    [],
  );
});
