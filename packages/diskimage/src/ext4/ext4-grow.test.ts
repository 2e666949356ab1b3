import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertClean, cannotMount, mounted, writeImage } from '../testing/ext4-tools.ts';
import { plainDirectory, plainFile, randomTree } from '../testing/random-tree.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';

const folder = temporaryFolder('ext4-grow');
const noTools = missing('e2fsck', 'resize2fs', 'debugfs');
const mebibyte = 1024 * 1024;

/** The kernel wants a capability for it that root does not always have. */
function cannotGrow(): string | false {
  const capabilities = /^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  return (
    ((BigInt(`0x${capabilities}`) >> 24n) & 1n) === 0n && 'growing what is mounted needs CAP_SYS_RESOURCE'
  );
}

test('resize2fs grows an image that is not mounted', { skip: noTools }, () => {
  const tree = randomTree({ seed: 31 });
  for (const [from, to] of [
    [64, 200],
    [300, 5000],
  ] as const) {
    writeImage(join(folder, 'grow.img'), tree, { size: from * mebibyte });
    truncateSync(join(folder, 'grow.img'), to * mebibyte);
    run(folder, 'e2fsck', '-fp', 'grow.img');
    assert.match(run(folder, 'resize2fs', 'grow.img'), new RegExp(`is now ${(to * mebibyte) / 4096} `));
    assertClean(folder, 'grow.img');
  }
});

test('the kernel grows a mounted root to many times its size, as a machine does at its first boot', {
  skip: noTools || cannotMount() || cannotGrow(),
}, async () => {
  writeImage(join(folder, 'online.img'), randomTree({ seed: 32 }), { size: 300 * mebibyte });
  await mounted(folder, 'online.img', 'rw', (mountPoint, device) => {
    truncateSync(join(folder, 'online.img'), 40_000 * mebibyte);
    run(folder, 'losetup', '--set-capacity', device);
    run(folder, 'resize2fs', device);
    const { blocks, bsize } = statfsSync(mountPoint);
    assert.ok(blocks * bsize > 39_000 * mebibyte);
    writeFileSync(join(mountPoint, 'after'), 'grown');
  });
  assertClean(folder, 'online.img');
});

test('the kernel writes to it, through its journal, and leaves it sound', {
  skip: noTools || cannotMount(),
}, async () => {
  const tree = [
    plainDirectory('d'),
    ...Array.from({ length: 400 }, (_, n) => plainFile(`d/some-file-${n}`, `${n}`)),
  ];
  writeImage(join(folder, 'write.img'), tree, { size: 100 * mebibyte });
  await mounted(folder, 'write.img', 'rw', (mountPoint) => {
    for (let number = 0; number < 1500; number++)
      writeFileSync(join(mountPoint, `d/another-${number}`), 'x'.repeat(number));
    for (let number = 0; number < 400; number += 3) rmSync(join(mountPoint, `d/some-file-${number}`));
    mkdirSync(join(mountPoint, 'd/below'));
    writeFileSync(join(mountPoint, 'd/below/large'), Buffer.alloc(20 * mebibyte, 7));
    run(mountPoint, 'sync');
  });
  assertClean(folder, 'write.img');
  assert.match(run(folder, 'dumpe2fs', '-h', 'write.img'), /journal_checksum_v3|Journal features: +\S/);
  await mounted(folder, 'write.img', 'ro', (mountPoint) => {
    assert.equal(readFileSync(join(mountPoint, 'd/another-1200')).length, 1200);
    assert.equal(readFileSync(join(mountPoint, 'd/some-file-1'), 'utf8'), '1');
  });
});

test('e2fsck can mend a filesystem of ours from a copy of its superblock', { skip: noTools }, () => {
  writeImage(join(folder, 'mend.img'), [plainFile('a', 'kept')], { size: 200 * mebibyte });
  const bytes = readFileSync(join(folder, 'mend.img'));
  bytes.fill(0, 1024, 8192);
  writeFileSync(join(folder, 'mend.img'), bytes);
  // e2fsck ends with 1 after it has mended something.
  assert.throws(() => run(folder, 'e2fsck', '-fy', '-b', '32768', 'mend.img'), /ended with 1/);
  assertClean(folder, 'mend.img');
  assert.equal(run(folder, 'debugfs', '-R', 'cat a', 'mend.img').includes('kept'), true);
});
