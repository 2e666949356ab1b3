import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sleep } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { excludePatterns } from './exclude-patterns.ts';
import { followChanges } from './follow-changes.ts';
import { folderScene } from './testing/folder-scene.ts';
import { TreeWatcher } from './watch-tree.ts';

const skip = process.getuid?.() !== 0 && 'files with other owners take root';

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > deadline) assert.fail(`it did not come about that ${what}`);
    await sleep(10);
  }
}

async function following(t: TestContext) {
  const scene = await folderScene(t, 'gnu');
  const { services, record, folder, guest } = scene;
  const stop = new AbortController();
  let opened = 0;
  let ready = false;
  const broken = new Set<number>();
  const following = followChanges(
    { ...services, signal: stop.signal },
    {
      record,
      spec: { folders: [{ ...folder, rsync: { ...folder.rsync, exclude: ['node_modules/'] } }] },
      notify: true,
      onReady: () => {
        ready = true;
      },
      // Connections to one machine; what they are connected to outlives them.
      open: async () => {
        const number = ++opened;
        return {
          kind: guest.kind,
          exec: (command) =>
            broken.has(number) ? Promise.resolve({ kind: 'disconnected' } as const) : guest.exec(command),
          upload: (file) => guest.upload(file),
          uploadTree: (from, to, options) => guest.uploadTree(from, to, options),
          download: (from, to, options) => guest.download(from, to, options),
          downloadTree: (from, to, options) => guest.downloadTree(from, to, options),
          close: async () => {},
        };
      },
    },
  );
  following.catch(() => {});
  await until('everything is copied', () => ready);
  const end = async () => {
    stop.abort();
    await assert.rejects(following, (error) => error instanceof KilnError && error.code === 'cancelled');
  };
  const there = (path: string) => join(scene.tree, 'srv/my app', path);
  const content = (path: string) => (existsSync(there(path)) ? readFileSync(there(path), 'utf8') : undefined);
  return { ...scene, there, content, end, breakConnection: () => broken.add(opened) };
}

test('changes on the host follow into the machine until they need not any more', { skip }, async (t) => {
  const { source, content, there, end, said } = await following(t);
  await writeFile(join(source, 'one.txt'), 'new');
  await until('a file has changed', () => content('one.txt') === 'new');
  await mkdir(join(source, 'deep/er'), { recursive: true });
  await writeFile(join(source, 'deep/er/file'), 'there');
  await until('a new folder is there', () => content('deep/er/file') === 'there');
  await writeFile(join(source, 'deep/er/file'), 'THERE');
  await until('what is in a new folder is watched, too', () => content('deep/er/file') === 'THERE');
  await mkdir(join(source, 'node_modules'));
  await writeFile(join(source, 'node_modules/x'), '');
  await rename(join(source, 'deep'), join(source, 'moved'));
  await until('a folder has moved', () => content('moved/er/file') === 'THERE' && !existsSync(there('deep')));
  await rm(join(source, 'moved'), { recursive: true });
  await until('a folder is gone', () => !existsSync(there('moved')));
  assert.ok(!existsSync(there('node_modules')));
  assert.match(said.join('\n'), /\/srv\/my app: 1 copied/);
  await end();
});

test('a machine that was away gets what it missed', { skip }, async (t) => {
  const { source, content, end, said, breakConnection } = await following(t);
  breakConnection();
  await writeFile(join(source, 'one.txt'), 'missed');
  await until('the change is there', () => content('one.txt') === 'missed');
  assert.match(said.join('\n'), /the connection broke; waiting for the machine/);
  await writeFile(join(source, 'one.txt'), 'again');
  await until('changes follow again', () => content('one.txt') === 'again');
  await end();
});

test('what is left out is not watched', async (t) => {
  const { source } = await folderScene(t, 'gnu');
  await mkdir(join(source, 'node_modules/deep'), { recursive: true });
  const seen: string[] = [];
  const watcher = await TreeWatcher.start(source, {
    excluded: excludePatterns(['node_modules/']),
    onChange: (path) => seen.push(path),
    onError: assert.fail,
  });
  await writeFile(join(source, 'node_modules/deep/file'), '');
  await writeFile(join(source, 'lib/inner/new'), '');
  await until('a change is seen', () => seen.includes('lib/inner/new'));
  assert.ok(!seen.some((path) => path.startsWith('node_modules')));
  watcher.close();
});
