import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scanDirectory, type TreeEntry } from '@kiln/diskimage';
import { workFolder } from '../testing/make-disk.ts';
import { treeDigests } from './tree-digests.ts';

const of = (algorithm: string, bytes: string | Buffer) => createHash(algorithm).update(bytes).digest('hex');

/** The tree's entries, with a list of those whose content is opened. */
async function watch(root: string): Promise<{ readonly entries: TreeEntry[]; readonly opened: string[] }> {
  const opened: string[] = [];
  const entries = await scanDirectory(root, { keepXattr: () => false });
  return {
    opened,
    entries: entries.map((entry) => {
      if (entry.kind !== 'file') return entry;
      const open = () => {
        opened.push(entry.path);
        return entry.content.open();
      };
      return { ...entry, content: { open } };
    }),
  };
}

function makeFiles(t: TestContext): {
  readonly root: string;
  readonly memory: string;
  readonly large: Buffer;
} {
  const folder = workFolder(t);
  const root = join(folder, 'root');
  const large = Buffer.alloc(2_500_000, 'large ');
  mkdirSync(join(root, 'sub'), { recursive: true });
  writeFileSync(join(root, 'small'), 'small\n');
  writeFileSync(join(root, 'empty'), '');
  writeFileSync(join(root, 'sub', 'large'), large);
  linkSync(join(root, 'small'), join(root, 'sub', 'again'));
  return { root, memory: join(folder, 'kept', 'digests.json'), large };
}

test('digests of small, empty and large files are what they are', async (t) => {
  const { root, large } = makeFiles(t);
  const { entries } = await watch(root);
  assert.deepEqual(Object.fromEntries(await treeDigests(root, entries)), {
    empty: { sha1: of('sha1', ''), sha256: of('sha256', '') },
    small: { sha1: of('sha1', 'small\n'), sha256: of('sha256', 'small\n') },
    'sub/large': { sha1: of('sha1', large), sha256: of('sha256', large) },
  });
});

test('only what has changed is read again, also when its time of change is hidden', async (t) => {
  const { root, memory } = makeFiles(t);
  const first = await watch(root);
  const digests = await treeDigests(root, first.entries, memory);
  assert.deepEqual(first.opened, ['empty', 'small', 'sub/large']);
  const second = await watch(root);
  assert.deepEqual(await treeDigests(root, second.entries, memory), digests);
  assert.deepEqual(second.opened, []);
  // Another content of the same size, with the modification time that it had.
  writeFileSync(join(root, 'small'), 'SMALL\n');
  utimesSync(join(root, 'small'), 1, 1);
  const third = await watch(root);
  const changed = await treeDigests(root, third.entries, memory);
  assert.deepEqual(third.opened, ['small']);
  assert.equal(changed.get('small')?.sha256, of('sha256', 'SMALL\n'));
  renameSync(join(root, 'sub'), join(root, 'moved'));
  const fourth = await watch(root);
  await treeDigests(root, fourth.entries, memory);
  assert.deepEqual(fourth.opened, [], 'files of a folder that has another name are the same files');
});

test('what cleaning has emptied has the digest of nothing', async (t) => {
  const { root, memory } = makeFiles(t);
  const { entries } = await watch(root);
  await treeDigests(root, entries, memory);
  const nothing = { open: () => ({ read: () => 0, close: () => undefined }) };
  const emptied = entries.map((entry) =>
    entry.path === 'small' && entry.kind === 'file' ? { ...entry, size: 0, content: nothing } : entry,
  );
  assert.equal((await treeDigests(root, emptied, memory)).get('small')?.sha256, of('sha256', ''));
});

test('a damaged memory is made anew', async (t) => {
  const { root, memory } = makeFiles(t);
  const { entries } = await watch(root);
  const digests = await treeDigests(root, entries, memory);
  for (const damage of ['', '{', '[]', '{"schema": 2, "files": {}}']) {
    writeFileSync(memory, damage);
    assert.deepEqual(await treeDigests(root, entries, memory), digests);
    assert.match(readFileSync(memory, 'utf8'), /^\{"schema":1,/);
  }
});
