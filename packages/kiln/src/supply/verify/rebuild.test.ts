import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestFile } from '../../base/files.ts';
import { attestImage } from '../attest/attest-image.ts';
import { workFolder, writeFilesystem } from '../testing/make-disk.ts';
import { imageFiles, makeImage, makeStore } from '../testing/make-image.ts';
import { makeTree, type TreeFile } from '../testing/make-tree.ts';
import { checkRebuild, type RebuildImage, type RebuildRequest } from './rebuild.ts';

const signal = new AbortController().signal;
const supply = { profile: 'os: debian/12\n', lock: '{"lock": 1}\n' };

/** Builds by putting these files into a filesystem, as the image's were, and through another store. */
function builder(
  t: TestContext,
  files: Readonly<Record<string, TreeFile>>,
  requests: RebuildRequest[] = [],
): RebuildImage {
  return async (request) => {
    requests.push(request);
    const store = makeStore(t);
    const { id } = await makeImage(t, store, 'web', files);
    return {
      disk: store.diskPath(await store.getImage('web')),
      digest: id,
      close: async () => rmSync(store.home, { recursive: true }),
    };
  };
}

test('an image that is built again from what was kept is the same, bit for bit', async (t) => {
  const store = makeStore(t);
  const record = await attestImage(store, await makeImage(t, store, 'web'), { supply, env: {} });
  const requests: RebuildRequest[] = [];
  const check = await checkRebuild(store, record, builder(t, imageFiles, requests), signal);
  assert.deepEqual([check.result, check.text], ['good', 'building it again gave the same disk, bit for bit']);
  assert.deepEqual([requests[0]?.profile, requests[0]?.lock], [supply.profile, supply.lock]);
});

test('when it is not, the files that differ are named', async (t) => {
  const store = makeStore(t);
  const before: Readonly<Record<string, TreeFile>> = {
    ...imageFiles,
    'srv/same': 'same',
    'srv/content': 'one',
    'srv/size': 'short',
    'srv/mode': { text: 'x', mode: 0o600 },
    'srv/owner': { text: 'x', uid: 7 },
    'srv/time': { text: 'x', mtime: 1 },
    'srv/link': { symlink: 'a' },
    'srv/kind': 'file',
    'srv/gone': 'x',
  };
  const now: Readonly<Record<string, TreeFile>> = {
    ...imageFiles,
    'srv/same': 'same',
    'srv/content': 'two',
    'srv/size': 'longer',
    'srv/mode': { text: 'x', mode: 0o644 },
    'srv/owner': { text: 'x', uid: 8 },
    'srv/time': { text: 'x', mtime: 61 },
    'srv/link': { symlink: 'b' },
    'srv/kind': { symlink: 'file' },
    'srv/new': 'x',
  };
  const record = await attestImage(store, await makeImage(t, store, 'web', before), { supply, env: {} });
  const check = await checkRebuild(store, record, builder(t, now), signal);
  assert.equal(check.text, 'building it again gave another disk, 9 files differ');
  assert.deepEqual(check.details, [
    '/srv/content: content',
    '/srv/gone: only before',
    '/srv/kind: file and symlink',
    '/srv/link: target',
    '/srv/mode: mode 0600 and 0644',
    '/srv/new: only now',
    '/srv/owner: owner 7:0 and 8:0',
    '/srv/size: size 5 and 6',
    '/srv/time: time 1970-01-01T00:00:01 and 1970-01-01T00:01:01',
  ]);
});

test('disks with the same files are told apart by their blocks', async (t) => {
  const store = makeStore(t);
  const record = await attestImage(store, await makeImage(t, store, 'web'), { supply, env: {} });
  const disk = join(workFolder(t), 'other.raw');
  writeFilesystem(disk, makeTree(imageFiles), '99999999-9999-4999-8999-999999999999');
  const other: RebuildImage = async () => ({ disk, digest: await digestFile(disk), close: async () => {} });
  const check = await checkRebuild(store, record, other, signal);
  assert.equal(check.text, 'building it again gave another disk, with the same files in it');
  assert.match(check.details!.join(), /^\d+ blocks of 64 KiB differ, the first one at byte 0$/);
});

test('an image that cannot be built again is said to be one', async (t) => {
  const store = makeStore(t);
  const record = await makeImage(t, store, 'web');
  const check = await checkRebuild(store, record, async () => undefined, signal);
  assert.equal(check.result, 'note');
});
