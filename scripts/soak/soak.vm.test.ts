import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHome } from '../test-home.ts';
import { soak } from './soak.ts';
import { soakStates } from './soak-states.ts';

test('builds that are interrupted at random moments leave nothing behind', async (t) => {
  const { faults } = await soak({ runs: 2, seed: 20, home: testHome(), onRun: (line) => t.diagnostic(line) });
  assert.deepEqual(faults, []);
});

test('after kills while states are kept the next build is right and the store is whole', async (t) => {
  const options = { runs: 2, seed: 3, home: testHome(), onRun: (line: string) => t.diagnostic(line) };
  assert.deepEqual((await soakStates(options)).faults, []);
});
