import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Plan } from '../plan/plan.ts';
import { changedParts, readLastBuild, writeLastBuild } from './last-build.ts';

test('what differs is said in words', () => {
  const before = { a: '1', environment: '1', qemuArgs: '1', 'scripts/setup.sh': '1', 'source image': '1' };
  const cases: readonly (readonly [change: Record<string, string | undefined>, words: string | undefined])[] =
    [
      [{}, undefined],
      [{ environment: '2' }, 'environment'],
      [{ qemuArgs: '2' }, 'qemu args'],
      [{ 'scripts/setup.sh': '2' }, 'scripts/setup.sh'],
      [{ 'scripts/setup.sh': undefined }, 'scripts/setup.sh'],
      [{ 'source image': '2', environment: '2' }, 'environment and source image'],
      [{ executeCommand: '1' }, 'execute command'],
      [{ a: '2', environment: '2', qemuArgs: '2' }, 'a, environment and qemu args'],
      [
        { a: '2', environment: '2', qemuArgs: '2', 'scripts/setup.sh': '2', 'source image': '2' },
        'a, environment, qemu args and 2 more',
      ],
      [{ 'Makefile.BIG': '1' }, 'Makefile.BIG'],
    ];
  for (const [change, words] of cases) {
    const now = Object.fromEntries(
      Object.entries({ ...before, ...change }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    );
    assert.equal(changedParts(before, now), words);
    assert.equal(changedParts(now, before)?.split(' ').length, words?.split(' ').length);
  }
});

test('a note of a build is for its own template and build, and nobody else may read it', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'kiln-last-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const plan = (file: string): Plan => ({
    kind: 'plan',
    origin: { file, folder: '/work', dialect: 'test' },
    builds: [],
    machines: [],
    secrets: [],
  });
  const last = {
    machine: { cpus: '1' },
    steps: [{ label: 'step 1 of 1: use s3cret', parts: { 's3cret.sh': '1' } }],
  };
  await writeLastBuild(home, plan('a.json'), 'web', last, (text) => text.replaceAll('s3cret', '…'));
  assert.deepEqual(await readLastBuild(home, plan('a.json'), 'web'), {
    schema: 1,
    machine: { cpus: '1' },
    steps: [{ label: 'step 1 of 1: use …', parts: { '….sh': '1' } }],
  });
  assert.equal(await readLastBuild(home, plan('b.json'), 'web'), undefined);
  assert.equal(await readLastBuild(home, plan('a.json'), 'db'), undefined);
  const [name] = await readdir(join(home, 'checkpoints', 'last'));
  const path = join(home, 'checkpoints', 'last', name!);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.ok(!(await readFile(path, 'utf8')).includes('s3cret'));
  for (const broken of ['', '{"schema":1', '{"schema":2}', 'null']) {
    await writeFile(path, broken);
    assert.equal(await readLastBuild(home, plan('a.json'), 'web'), undefined, broken);
  }
});
