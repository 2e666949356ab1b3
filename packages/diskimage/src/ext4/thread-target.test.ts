import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { identity, writeImage } from '../testing/ext4-tools.ts';
import { plainFile, randomTree } from '../testing/random-tree.ts';
import { temporaryFolder } from '../testing/tools.ts';
import { FilesystemFullError } from './filesystem-full.ts';
import { threadTarget } from './thread-target.ts';
import { writeExt4 } from './write-ext4.ts';

const folder = temporaryFolder('thread');
const size = 64 * 1024 * 1024;

test('a thread writes the same bytes, at the same offset', () => {
  const tree = [
    ...randomTree({ seed: 81, entries: 500 }),
    plainFile('large', Buffer.alloc(9_000_000, 'large ')),
  ];
  writeImage(join(folder, 'plain.img'), tree, { size });
  const file = openSync(join(folder, 'thread.img'), 'w');
  ftruncateSync(file, size + 5000);
  writeExt4(threadTarget(file, 5000), tree, { ...identity, size });
  closeSync(file);
  const written = readFileSync(join(folder, 'thread.img'));
  assert.ok(written.subarray(0, 5000).every((byte) => byte === 0));
  assert.ok(written.subarray(5000).equals(readFileSync(join(folder, 'plain.img'))));
});

test('a write that fails in the thread is thrown as the system’s error', () => {
  const file = openSync('/dev/full', 'w');
  try {
    assert.throws(() => writeExt4(threadTarget(file), [plainFile('a', 'x')], { ...identity, size }), {
      code: 'ENOSPC',
      syscall: 'write',
    });
  } finally {
    closeSync(file);
  }
});

test('a thread that is no longer needed can be disposed of', () => {
  const file = openSync(join(folder, 'full.img'), 'w');
  try {
    using target = threadTarget(file);
    const large = plainFile('large', Buffer.alloc(3_000_000, 1));
    assert.throws(() => writeExt4(target, [large], { ...identity, size: 1_000_000 }), FilesystemFullError);
  } finally {
    closeSync(file);
  }
});
