import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Guest } from '../guests/guest.ts';
import { connectTo } from '../guests/testing/connect.ts';
import { startSshd, type TestSshd } from '../guests/testing/sshd.ts';
import { copyingScene, pathsIn } from './testing/copying-scene.ts';

let server: TestSshd;
let guest: Guest;
let programs: string;

before(async () => {
  // Whoever runs the tests may not be root, and need not have sudo: what matters is what it is asked to do.
  programs = await mkdtemp(join(tmpdir(), 'kiln-sudo-'));
  await writeFile(join(programs, 'sudo'), '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
  server = await startSshd({ path: `${programs}:/usr/bin:/bin` });
  guest = await connectTo(server);
});

after(async () => {
  await guest?.close();
  await server?.stop();
  await rm(programs, { recursive: true, force: true });
});

const me = userInfo();

test('as root files go into new folders, and belong to whom they should', async (t) => {
  const { there, run } = await copyingScene(t, guest);
  const owner = me.username;
  await run({ sources: ['two'], destination: `${there}/new/deep/name`, asRoot: true, owner, mode: 0o600 });
  await run({ sources: ['one file'], destination: `${there}/new/`, asRoot: true, owner });
  await run({ content: 'text', destination: `${there}/new/note`, asRoot: true, owner });
  assert.deepEqual(await pathsIn(there), ['new', 'new/deep', 'new/deep/name', 'new/note', 'new/one file']);
  assert.equal((await stat(join(there, 'new/deep/name'))).mode & 0o777, 0o600);
  assert.equal((await stat(join(there, 'new/one file'))).mode & 0o777, 0o755);
  assert.equal((await stat(join(there, 'new/note'))).mode & 0o777, 0o644);
  assert.equal((await stat(join(there, 'new/note'))).uid, me.uid);
  assert.equal(await readFile(join(there, 'new/note'), 'utf8'), 'text');
});

test('as root a folder’s content goes into a folder that is there, which stays as it is', async (t) => {
  const { here, there, run } = await copyingScene(t, guest);
  await chmod(there, 0o711);
  await writeFile(join(here, 'tree', '.hidden'), '');
  const tree = { asRoot: true, owner: me.username, mode: 0o640 };
  await run({ sources: ['tree/'], destination: there, ...tree });
  await run({ sources: ['tree'], destination: `${there}/`, ...tree });
  assert.deepEqual(await pathsIn(there), [
    '.hidden',
    'sub',
    'sub/leaf',
    'tree',
    'tree/.hidden',
    'tree/sub',
    'tree/sub/leaf',
  ]);
  assert.equal((await stat(there)).mode & 0o777, 0o711);
  assert.equal((await stat(join(there, 'sub/leaf'))).mode & 0o777, 0o640);
  assert.notEqual((await stat(join(there, 'sub'))).mode & 0o100, 0);
});

test('as root a file goes into a folder of its name, and nothing stays behind when it cannot be placed', async (t) => {
  const { there, run } = await copyingScene(t, guest);
  await mkdir(join(there, 'two'));
  await run({ sources: ['two'], destination: `${there}/two`, asRoot: true, owner: me.username });
  assert.deepEqual(await pathsIn(there), ['two', 'two/two']);
  const before = await staged();
  const wrong = { sources: ['two'], destination: `${there}/two/two/no`, asRoot: true, owner: me.username };
  await assert.rejects(run(wrong), { code: 'step-failed', message: /could not be put in place/ });
  assert.deepEqual(await staged(), before);
});

async function staged(): Promise<string[]> {
  return (await readdir('/tmp')).filter((name) => name.startsWith('kiln-copy-'));
}
