import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readExt4 } from '../ext4/read-ext4.ts';
import { openRaw } from '../raw/raw-reader.ts';
import { scanDirectory } from '../tree/scan-directory.ts';
import type { TreeEntry } from '../tree/tree-entry.ts';
import { identity } from './ext4-tools.ts';
import { assertSameTree } from './same-tree.ts';
import { run } from './tools.ts';

/** A directory with what any user may make. */
export function localTree(folder: string): string {
  const root = mkdtempSync(join(folder, 'tree-'));
  mkdirSync(join(root, 'many'));
  for (let number = 0; number < 700; number++)
    symlinkSync(`to ${number}`, join(root, `many/${'n'.repeat(number % 60)}${number}`));
  mkdirSync(join(root, 'a/b/c'), { recursive: true });
  writeFileSync(join(root, 'a/empty'), '');
  writeFileSync(join(root, 'a/tiny'), 'in the inode');
  writeFileSync(join(root, 'a/small'), 'behind the inode too '.repeat(5));
  writeFileSync(join(root, 'a/block'), 'x'.repeat(4096));
  writeFileSync(join(root, 'a/large'), Buffer.from(Array.from({ length: 600_000 }, (_, n) => n % 251)));
  writeFileSync(join(root, 'a/holes'), 'start');
  truncateSync(join(root, 'a/holes'), 50_000_000);
  writeFileSync(join(root, 'a/holes'), 'end', { flag: 'a' });
  linkSync(join(root, 'a/large'), join(root, 'a/b/again'));
  symlinkSync('x'.repeat(59), join(root, 'a/short'));
  symlinkSync('y'.repeat(60), join(root, 'a/long'));
  symlinkSync('z'.repeat(900), join(root, 'a/longer'));
  writeFileSync(join(Buffer.from(root).toString(), 'caf\u00e9'), 'name');
  run(root, 'setfattr', '-n', 'user.short', '-v', 'value', 'a/tiny');
  run(root, 'setfattr', '-n', 'user.long', '-v', 'v'.repeat(700), 'a/tiny');
  run(root, 'setfattr', '-n', 'user.empty', 'a/b');
  return root;
}

/** Has mke2fs make a filesystem of a directory, and compares what our reader sees in it with the directory. */
export async function readsWhatMke2fsMakes(
  folder: string,
  root: string,
  options: readonly string[],
): Promise<void> {
  const name = 'made.img';
  const what = options.join(' ');
  writeFileSync(join(folder, name), '');
  truncateSync(join(folder, name), 120 * 1024 * 1024);
  run(folder, 'mke2fs', '-q', '-d', root, ...options, '-U', identity.uuid, '-L', 'made', name);
  const disk = await openRaw(join(folder, name));
  try {
    const filesystem = await readExt4(disk);
    const { uuid, label, features } = filesystem.info;
    assert.deepEqual([uuid, label], [identity.uuid, 'made'], what);
    const printed = /^Filesystem features: +(.*)$/m.exec(run(folder, 'dumpe2fs', '-h', name))![1]!;
    assert.deepEqual([...features].sort(), printed === '(none)' ? [] : printed.split(' ').sort(), what);
    const found: TreeEntry<unknown>[] = [];
    // mke2fs gives the root its own time.
    for await (const entry of filesystem.entries()) if (entry.path !== '') found.push(entry);
    const expected = (await scanDirectory(root))
      .filter(({ path }) => path !== '')
      .map((entry) => (features.includes('ext_attr') ? entry : { ...entry, xattrs: new Map() }));
    await assertSameTree(found as TreeEntry[], expected as TreeEntry[], what);
  } finally {
    await disk.close();
  }
}
