import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHome } from '../test-home.ts';
import { soak } from './soak.ts';

test('builds that are interrupted at random moments leave nothing behind', async (t) => {
  const { faults } = await soak({ runs: 5, seed: 20, home: testHome(), onRun: (line) => t.diagnostic(line) });
  assert.deepEqual(faults, []);
});
