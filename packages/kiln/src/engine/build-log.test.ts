import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BuildLog, logName, makeLogFolder } from './build-log.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-logs-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('the newest fifty log folders stay, and what is no log folder', async (t) => {
  const logs = await makeFolder(t);
  await mkdir(join(logs, 'mine'));
  for (let day = 1; day <= 60; day++)
    await makeLogFolder(logs, `run${day}`, new Date(Date.UTC(2030, 0, day)));
  const names = (await readdir(logs)).sort();
  assert.equal(names.length, 51);
  assert.equal(names[0], '2030-01-11T000000Z-run11');
  assert.ok(names.includes('mine'));
});

test('a log is for its owner’s eyes', async (t) => {
  const folder = await makeFolder(t);
  const log = BuildLog.open(folder, 'web');
  log?.write({ kind: 'output', build: 'web', stream: 'stderr', line: 'oops' });
  log?.close();
  const path = join(folder, 'web.log');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.match(await readFile(path, 'utf8'), /^\S+Z ! oops\n$/);
});

test('a log that cannot be written, or no further, is told once, and the build goes on', async (t) => {
  const folder = await makeFolder(t);
  const told: string[] = [];
  const tell = (text: string) => told.push(text);
  assert.equal(BuildLog.open('/nonexistent', 'web', tell), undefined);
  await symlink('/dev/full', join(folder, 'full.log'));
  const full = BuildLog.open(folder, 'full', tell);
  for (const line of ['a', 'b']) full?.write({ kind: 'output', build: 'full', stream: 'stdout', line });
  assert.equal(told.length, 2);
  assert.match(told[1] ?? '', /full\.log ends early: ENOSPC/);
});

test('a build’s name cannot lead its log out of the folder', () => {
  for (const name of ['../../etc/passwd', '..', '.', '', 'a/b', 'ü\n']) {
    assert.match(logName(name), /^(?!\.*$)[\w.+@-]+$/, name);
  }
  assert.equal(logName('web-1.2_x'), 'web-1.2_x');
  const alike = ['a b', 'a/b', 'a_b', '', '.', '..', `${'x'.repeat(100)}1`, `${'x'.repeat(100)}2`];
  assert.equal(new Set(alike.map(logName)).size, alike.length, 'every name has a log of its own');
});
