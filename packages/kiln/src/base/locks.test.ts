import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { acquireLock, removeDeadLock, withLock } from './locks.ts';

const folder = mkdtempSync(join(tmpdir(), 'kiln-locks-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const freshPath = () => join(folder, `${count++}`, 'lock');

test('a lock is had by one at a time, and names its owner to the others', async () => {
  const path = freshPath();
  const lock = await acquireLock(path, { what: 'the thing' });
  await assert.rejects(acquireLock(path, { what: 'the thing' }), {
    code: 'locked',
    message: `the thing is in use by process ${process.pid}`,
  });
  const waited: number[] = [];
  const second = acquireLock(path, { what: 'it', wait: 60_000, onWait: (owner) => waited.push(owner.pid) });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await lock.release();
  await (await second).release();
  assert.deepEqual(waited, [process.pid]);
  assert.deepEqual(readdirSync(join(path, '..')), []);
});

test('waiting can be cancelled', async () => {
  const path = freshPath();
  const lock = await acquireLock(path, { what: 'it' });
  const abort = new AbortController();
  const waiting = acquireLock(path, { what: 'it', wait: 60_000, signal: abort.signal });
  abort.abort();
  await assert.rejects(waiting, { code: 'cancelled' });
  await lock.release();
});

test('the lock of a dead process, and what is no lock, is taken over', async () => {
  for (const place of [
    (path: string) => symlinkSync(`${process.pid} 1 ab`, path),
    (path: string) => symlinkSync('nonsense', path),
    (path: string) => writeFileSync(path, 'an ordinary file'),
  ]) {
    const path = freshPath();
    await (await acquireLock(path, { what: 'it' })).release();
    place(path);
    const lock = await acquireLock(path, { what: 'it' });
    await lock.release();
    assert.deepEqual(readdirSync(join(path, '..')), []);
  }
});

test('only dead locks are removed', async () => {
  const path = freshPath();
  const lock = await acquireLock(path, { what: 'it' });
  await removeDeadLock(path);
  assert.deepEqual(readdirSync(join(path, '..')), ['lock']);
  await lock.release();
  symlinkSync(`${process.pid} 1 ab`, path);
  await removeDeadLock(path);
  await removeDeadLock(path);
  assert.deepEqual(readdirSync(join(path, '..')), []);
});

test('a lock that was taken over is not released by its former owner', async () => {
  const path = freshPath();
  const lock = await acquireLock(path, { what: 'it' });
  rmSync(path);
  const other = await acquireLock(path, { what: 'it' });
  await lock.release();
  await assert.rejects(acquireLock(path, { what: 'it' }), { code: 'locked' });
  await other.release();
});

test('processes that are killed while they hold it do not let two others in', async () => {
  const path = freshPath();
  const counter = join(folder, 'counter');
  writeFileSync(counter, '0');
  // Each adds one, in a way that loses counts when two do it at once; every second one dies with the lock.
  const script = `
    const { acquireLock } = await import(${JSON.stringify(new URL('./locks.ts', import.meta.url).href)});
    const { readFileSync, writeFileSync } = await import('node:fs');
    const [path, counter, dies] = process.argv.slice(1);
    for (let turn = 0; turn < 10; turn++) {
      const lock = await acquireLock(path, { what: 'it', wait: 60000 });
      const before = Number(readFileSync(counter, 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, 2));
      writeFileSync(counter, String(before + 1));
      if (dies === 'yes' && turn === 9) process.kill(process.pid, 'SIGKILL');
      await lock.release();
    }
  `;
  await Promise.all(
    ['yes', 'no', 'yes', 'no'].map((dies) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, path, counter, dies], {
        stdio: 'inherit',
      });
      return new Promise((resolve) => child.once('close', resolve));
    }),
  );
  assert.equal(readFileSync(counter, 'utf8'), '40');
  assert.equal(await withLock(path, { what: 'it' }, async () => 'mine'), 'mine');
});
