import assert from 'node:assert/strict';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Guest } from '../guests/guest.ts';
import { connectTo } from '../guests/testing/connect.ts';
import { startSshd, type TestSshd } from '../guests/testing/sshd.ts';
import { copyingScene, pathsIn } from './testing/copying-scene.ts';

let server: TestSshd;
let guest: Guest;

before(async () => {
  server = await startSshd();
  guest = await connectTo(server);
});

after(async () => {
  await guest?.close();
  await server?.stop();
});

test('a file goes to the name it is given, with its mode', async (t) => {
  const { there, run } = await copyingScene(t, guest);
  const { said } = await run({ sources: ['one file'], destination: `${there}/new name` });
  assert.equal(await readFile(join(there, 'new name'), 'utf8'), 'one');
  assert.equal((await stat(join(there, 'new name'))).mode & 0o777, 0o755);
  assert.deepEqual(said, [`Uploading one file to ${there}/new name`]);
});

test('several files go into a destination with a slash at its end', async (t) => {
  const { there, run } = await copyingScene(t, guest);
  await run({ sources: ['one file', 'two'], destination: `${there}/` });
  assert.deepEqual(await pathsIn(there), ['one file', 'two']);
});

test('holes in source and destination are filled', async (t) => {
  const { there, run } = await copyingScene(t, guest);
  const template = (source: string) => ({ kind: 'template', source }) as const;
  await run({ sources: [template('{{ lower "TWO" }}')], destination: template('{{ .Where }}/x') });
  assert.equal(await readFile(join(there, 'x'), 'utf8'), 'two');
});

test('a folder goes as a whole, or with a slash only what is in it', async (t) => {
  const { there, run } = await copyingScene(t, guest);
  await run({ sources: ['tree'], destination: `${there}/a` });
  await run({ sources: ['tree/'], destination: `${there}/b` });
  assert.deepEqual(await pathsIn(there), [
    'a',
    'a/tree',
    'a/tree/sub',
    'a/tree/sub/leaf',
    'b',
    'b/sub',
    'b/sub/leaf',
  ]);
});

test('content is written as a file', async (t) => {
  const { there, run } = await copyingScene(t, guest);
  await run({
    content: { kind: 'template', source: 'at {{ .Where }}\n' },
    destination: `${there}/motd`,
    mode: 0o600,
  });
  assert.equal(await readFile(join(there, 'motd'), 'utf8'), `at ${there}\n`);
  assert.equal((await stat(join(there, 'motd'))).mode & 0o777, 0o600);
  await assert.rejects(run({ content: 'x', destination: `${there}/` }), {
    code: 'step-failed',
    message: /must name a file/,
  });
});

test('mode and owner are set on what was uploaded, and on nothing else', async (t) => {
  const { here, there, run } = await copyingScene(t, guest);
  await writeFile(join(there, 'bystander'), '');
  await chmod(join(there, 'bystander'), 0o644);
  const owner = userInfo().username;
  await run({ sources: ['two'], destination: `${there}/two`, mode: 0o640, owner });
  assert.equal((await stat(join(there, 'two'))).mode & 0o777, 0o640);
  await run({ sources: ['tree/'], destination: there, mode: 0o400, owner });
  assert.equal((await stat(join(there, 'sub', 'leaf'))).mode & 0o777, 0o400);
  assert.equal((await stat(join(there, 'sub'))).mode, (await stat(join(here, 'tree', 'sub'))).mode);
  assert.equal((await stat(join(there, 'bystander'))).mode & 0o777, 0o644);
  await assert.rejects(run({ sources: ['two'], destination: `${there}/two`, owner: "no'body here" }), {
    code: 'step-failed',
    message: /owner/,
  });
});

test('a missing local file is an error that names it', async (t) => {
  const { there, run } = await copyingScene(t, guest);
  await assert.rejects(run({ sources: ['two', 'three'], destination: `${there}/` }), {
    code: 'file-missing',
    message: /three/,
  });
});

test('files come out of the machine, into new folders too', async (t) => {
  const { here, there, run } = await copyingScene(t, guest);
  const direction = 'download';
  await run({ direction, sources: [`${here}/one file`], destination: '../there/new/name' });
  await run({ direction, sources: [`${here}/one file`, `${here}/two`], destination: '../there/into/' });
  await run({ direction, sources: [`${here}/tree/`], destination: '../there/tree' });
  assert.deepEqual(await pathsIn(there), [
    'into',
    'into/one file',
    'into/two',
    'new',
    'new/name',
    'tree',
    'tree/sub',
    'tree/sub/leaf',
  ]);
  assert.equal(await readFile(join(there, 'new', 'name'), 'utf8'), 'one');
  await assert.rejects(run({ direction, sources: [`${here}/none`], destination: '../there/none' }), {
    code: 'step-failed',
    message: /none/,
  });
});
