import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import {
  newerPackages,
  ResolveBench,
  skipResolving as skip,
  webPackages,
} from '../../sources/packages/testing/resolve-bench.ts';
import { smallSystem } from '../../sources/packages/testing/test-archive.ts';
import { lockWorkshop } from './testing/lock-workshop.ts';

let bench: ResolveBench;

before(async () => {
  if (!skip) bench = await ResolveBench.open();
});

after(async () => {
  if (!skip) await bench.close();
});

test('a lock is made once; while it fits, neither apt nor the network is asked', { skip }, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const { path, settle } = lockWorkshop(bench);
  const first = await settle({ wishes: ['nginx', 'sudo-'] });
  assert.deepEqual([first.isNew, first.written], [true, true]);
  const text = readFileSync(path, 'utf8');
  const before = bench.archive.requests.length;
  bench.archive.publishDebian([...smallSystem, ...newerPackages], 1_780_100_000);
  for (const frozen of [false, true]) {
    const again = await settle({ wishes: ['sudo-', 'nginx'] }, { frozen });
    assert.deepEqual([again.written, again.changes, again.reasons], [false, [], []]);
    assert.deepEqual(again.locked, first.locked);
  }
  assert.equal(bench.archive.requests.length, before);
  assert.equal(readFileSync(path, 'utf8'), text);
});

test('a damaged lock is neither used nor written over', { skip }, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const { path, settle } = lockWorkshop(bench);
  await settle({ wishes: ['nginx'] });
  const damaged = readFileSync(path, 'utf8').replace(/ {8}- libc6 .*\n/, '');
  writeFileSync(path, damaged);
  await assert.rejects(settle({ wishes: ['nginx'] }), {
    code: 'template-invalid',
    message: /the lock of "web" is not whole: it has 8 packages, and 9 when Kiln wrote it/,
  });
  assert.equal(readFileSync(path, 'utf8'), damaged);
});
