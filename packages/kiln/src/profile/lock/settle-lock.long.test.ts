import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { KilnError } from '../../base/errors.ts';
import { isCached } from '../../sources/digest-cache.ts';
import {
  newerPackages,
  ResolveBench,
  skipResolving as skip,
  webPackages,
} from '../../sources/packages/testing/resolve-bench.ts';
import { smallSystem } from '../../sources/packages/testing/test-archive.ts';
import { readLock } from './read-lock.ts';
import { lockWorkshop } from './testing/lock-workshop.ts';

let bench: ResolveBench;

before(async () => {
  if (!skip) bench = await ResolveBench.open();
});

after(async () => {
  if (!skip) await bench.close();
});

const words = (changes: readonly object[]) => changes.map((one) => Object.values(one).join(' '));

test('a profile that asks for something else moves only what it must, and says why', { skip }, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const { path, settle } = lockWorkshop(bench);
  await settle({ wishes: ['nginx', 'postfix'] });
  bench.archive.publishDebian([...smallSystem, ...webPackages, ...newerPackages], 1_780_100_000);
  const before = readFileSync(path, 'utf8');
  const reasons = [
    'the profile asks for the package curl, which is not in it',
    'the profile does not ask for the package postfix any more',
  ];
  await assert.rejects(settle({ wishes: ['nginx', 'curl'] }, { frozen: true }), (error: KilnError) => {
    assert.equal(error.code, 'lock-unfit');
    assert.equal(error.message, `kiln.lock does not fit "web": ${reasons.join('; ')}`);
    assert.match(error.hint!, /kiln profile lock/);
    return true;
  });
  const dry = await settle({ wishes: ['nginx', 'curl'] }, { dryRun: true });
  assert.equal(dry.written, false);
  assert.equal(readFileSync(path, 'utf8'), before);
  const settled = await settle({ wishes: ['nginx', 'curl'] });
  assert.deepEqual(settled.reasons, reasons);
  assert.deepEqual(words(settled.changes), ['added curl 8.0', 'removed postfix 3.7']);
  assert.deepEqual(settled.locked, dry.locked);
  assert.deepEqual((await readLock(path, 'kiln.lock'))?.profiles.get('web'), settled.locked);
});

test('an update moves the packages that it names, or all', { skip }, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const { settle } = lockWorkshop(bench);
  await settle({ wishes: ['nginx'] });
  const passwd = { name: 'passwd', version: '1:4.14', fields: { Priority: 'required' } };
  bench.archive.publishDebian([...smallSystem, ...webPackages, ...newerPackages, passwd], 1_780_100_000);
  const nginx = ['nginx', 'nginx-common'].map((name) => `changed ${name} 1.22.1-9 1.22.1-10 newer`);
  const one = await settle({ wishes: ['nginx'] }, { update: ['nginx'], dryRun: true });
  assert.deepEqual(words(one.changes), nginx);
  const all = await settle({ wishes: ['nginx'] }, { update: 'all' });
  assert.deepEqual(words(all.changes), [...nginx, 'changed passwd 1:4.13 1:4.14 newer']);
  assert.deepEqual((await settle({ wishes: ['nginx'] }, { update: 'all' })).changes, []);
  await assert.rejects(settle({ wishes: ['nginx'] }, { update: ['ngix'] }), {
    code: 'not-found',
    message: 'kiln.lock has no package ngix for "web"',
    hint: 'did you mean "nginx"?',
  });
});

test('profiles of one file do not disturb each other, and other things that were fetched count too', {
  skip,
}, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const { path, settle } = lockWorkshop(bench);
  const base = { url: 'https://example.org/base.yaml', sha256: 'a'.repeat(64) };
  await Promise.all([settle({ wishes: ['nginx'] }, {}, [base]), settle({ wishes: [] }, {}, [], 'bare')]);
  assert.deepEqual([...(await readLock(path, 'kiln.lock'))!.profiles.keys()], ['bare', 'web']);
  await assert.rejects(
    settle({ wishes: ['nginx'] }, { frozen: true }, [{ ...base, sha256: 'b'.repeat(64) }]),
    {
      message:
        'kiln.lock does not fit "web": https://example.org/base.yaml has another content than the locked one',
    },
  );
  await assert.rejects(settle({}, { frozen: true }, [], 'other'), {
    code: 'lock-unfit',
    message: 'kiln.lock has no lock of "other"',
  });
});

test('making a lock downloads no package', { skip }, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const { context, settle } = lockWorkshop(bench);
  const { locked } = await settle({ wishes: ['nginx'] });
  for (const one of locked.resolved.packages) assert.equal(await isCached(context.layout, one), false);
});
