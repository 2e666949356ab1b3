import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  type Asked,
  newerPackages,
  ResolveBench,
  skipResolving as skip,
  webPackages,
} from '../../sources/packages/testing/resolve-bench.ts';
import { smallSystem } from '../../sources/packages/testing/test-archive.ts';
import type { FetchedFile } from './lock.ts';
import { type SettleOptions, settleLock } from './settle-lock.ts';

let bench: ResolveBench;
let count = 0;

before(async () => {
  if (!skip) bench = await ResolveBench.open();
});

after(async () => {
  if (!skip) await bench.close();
});

/** A lock file that is not there yet, and what settles it. */
function workshop() {
  const path = join(bench.folder, `kiln-${count++}.lock`);
  const context = bench.context();
  const settle = (
    asked: Asked,
    options: SettleOptions = {},
    fetched: readonly FetchedFile[] = [],
    name = 'web',
  ) => settleLock({ path, shown: 'kiln.lock', name }, bench.request(asked), fetched, context, options);
  return { path, context, settle };
}

test('a lock is made once; while it fits, neither apt nor the network is asked', { skip }, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const { path, settle } = workshop();
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
  const { path, settle } = workshop();
  await settle({ wishes: ['nginx'] });
  const damaged = readFileSync(path, 'utf8').replace(/ {8}- libc6 .*\n/, '');
  writeFileSync(path, damaged);
  await assert.rejects(settle({ wishes: ['nginx'] }), {
    code: 'template-invalid',
    message: /the lock of "web" is not whole: it has 8 packages, and 9 when Kiln wrote it/,
  });
  assert.equal(readFileSync(path, 'utf8'), damaged);
});
