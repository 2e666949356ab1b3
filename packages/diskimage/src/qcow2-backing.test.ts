import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setQcow2BackingFile } from './qcow2-backing.ts';
import { readQcow2Header } from './qcow2-header.ts';

const folder = mkdtempSync(join(tmpdir(), 'kiln-backing-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd: folder, encoding: 'utf8' });
}

test('a disk stands on another file under a new name, longer or shorter, and QEMU reads through it', async () => {
  run('qemu-img', 'create', '-q', '-f', 'qcow2', 'base', '8M');
  run('qemu-io', '-c', 'write -P 0x5a 0 1M', 'base');
  run('qemu-img', 'create', '-q', '-f', 'qcow2', '-b', 'base', '-F', 'qcow2', 'top');
  run('qemu-io', '-c', 'write -P 0xa5 2M 1M', 'top');
  const path = join(folder, 'top');
  for (const name of [join(folder, 'base'), 'base', `./${'./'.repeat(400)}base`]) {
    await setQcow2BackingFile(path, name);
    assert.equal((await readQcow2Header(path)).backingFile, name);
    assert.equal((await readQcow2Header(path)).backingFormat, 'qcow2');
    assert.match(run('qemu-io', '-r', '-c', 'read -P 0x5a 0 1M', 'top'), /read 1048576/);
    assert.doesNotMatch(run('qemu-io', '-r', '-c', 'read -P 0xa5 2M 1M', 'top'), /verification failed/);
    run('qemu-img', 'check', '-q', 'top');
  }
});

test('what stands on nothing, or is no such disk, is refused and stays as it is', async () => {
  run('qemu-img', 'create', '-q', '-f', 'qcow2', 'alone', '8M');
  await assert.rejects(setQcow2BackingFile(join(folder, 'alone'), 'base'), /stands on no other file/);
  run('qemu-img', 'create', '-q', '-f', 'raw', 'raw', '1M');
  await assert.rejects(setQcow2BackingFile(join(folder, 'raw'), 'base'), /does not start like/);
  await assert.rejects(setQcow2BackingFile(join(folder, 'alone'), 'x'.repeat(1024)), /1 to 1023 bytes/);
});
