import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { tarMembers } from './tar-members.ts';

const long = `etc/${'folder-with-a-name/'.repeat(8)}file`;

function makeTree(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'kiln-members-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const path of ['etc/one', 'etc/ünïcode', long]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `text of ${path}\n`);
  }
  writeFileSync(join(root, 'etc/empty'), '');
  writeFileSync(join(root, 'etc/block'), 'b'.repeat(512));
  linkSync(join(root, 'etc/one'), join(root, 'etc/same'));
  symlinkSync('one', join(root, 'etc/link'));
  return root;
}

function pack(root: string, format: string, names: readonly string[]): Buffer {
  return execFileSync('tar', ['-cf', '-', `--format=${format}`, '-C', root, '--', ...names]);
}

function textsOf(archive: Uint8Array): Record<string, string> {
  return Object.fromEntries(
    [...tarMembers(archive)].map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]),
  );
}

for (const format of ['gnu', 'ustar', 'pax']) {
  test(`members of a tar archive of the format ${format} have their paths and contents`, (t) => {
    const names = ['etc/one', 'etc/same', 'etc/link', 'etc/ünïcode', long, 'etc/empty', 'etc/block'];
    assert.deepEqual(textsOf(pack(makeTree(t), format, names)), {
      '/etc/one': 'text of etc/one\n',
      '/etc/same': 'text of etc/one\n',
      '/etc/ünïcode': 'text of etc/ünïcode\n',
      [`/${long}`]: `text of ${long}\n`,
      '/etc/empty': '',
      '/etc/block': 'b'.repeat(512),
    });
  });
}

test('archives one behind the other are read to the end', (t) => {
  const root = makeTree(t);
  const both = Buffer.concat([pack(root, 'gnu', ['etc/one']), pack(root, 'gnu', ['etc/block'])]);
  assert.deepEqual(Object.keys(textsOf(both)), ['/etc/one', '/etc/block']);
});

test('an archive that is cut off or damaged gives what is before', (t) => {
  const whole = pack(makeTree(t), 'gnu', ['etc/one', 'etc/block']);
  assert.deepEqual(Object.keys(textsOf(whole.subarray(0, 3 * 512 + 100))), ['/etc/one']);
  const damaged = Buffer.from(whole);
  damaged.write('not a size', 2 * 512 + 124);
  assert.deepEqual(Object.keys(textsOf(damaged)), ['/etc/one']);
  assert.deepEqual(textsOf(Buffer.from('no archive at all'.repeat(100))), {});
});
