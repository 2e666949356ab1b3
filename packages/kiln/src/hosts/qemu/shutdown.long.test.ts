import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { connectSsh } from '../../guests/connect-ssh.ts';
import type { Guest } from '../../guests/guest.ts';
import { noGuest } from '../../guests/no-guest.ts';
import { startSshd, type TestSshd } from '../../guests/testing/sshd.ts';
import { sshDefaults } from '../../plan/communicator.ts';
import { idleDisk } from '../testing/boot-sectors.ts';
import { type HostBench, openBench } from '../testing/host-bench.ts';
import { guardGuest } from './connect-guest.ts';
import { launchQemu, type RunningQemu } from './launch.ts';
import { pullThePlug, type Shutdown, shutDown } from './shutdown.ts';

// The guest is this host, over its own SSH server: a command there can do to QEMU what a guest does from inside.
let sshd: TestSshd;
let bench: HostBench;
let qemu: RunningQemu;
let guest: Guest;
before(async () => {
  sshd = await startSshd();
});
after(() => sshd.stop());
beforeEach(async () => {
  bench = await openBench();
  const disk = join(bench.folder, 'idle.raw');
  await writeFile(disk, idleDisk());
  qemu = await launchQemu({
    binary: 'qemu-system-x86_64',
    argv: ['-display', 'none', '-nographic', '-serial', 'none', '-drive', `file=${disk},format=raw,if=ide`],
    scratch: bench.run.folder,
    run: bench.run,
  });
  const own = await connectSsh({
    communicator: { ...sshDefaults, username: sshd.username },
    host: '127.0.0.1',
    port: sshd.port,
    privateKeys: [sshd.key.privateKey],
  });
  guest = guardGuest(own, qemu);
});
afterEach(async () => {
  await guest.close();
  await qemu.kill();
  await bench.close();
});

function how(changes: Partial<Shutdown>): Shutdown {
  return {
    acpi: false,
    timeout: 60_000,
    wait: false,
    signal: bench.stop.signal,
    onLine: () => {},
    ...changes,
  };
}

test('a command that turns the machine off is waited for, and its output is passed on', async () => {
  const lines: string[] = [];
  // SIGTERM makes QEMU end in order, as a machine that turns itself off does.
  const command = `echo going down; kill -TERM ${qemu.pid}`;
  await shutDown(qemu, guest, how({ command, onLine: (line) => lines.push(line) }));
  assert.deepEqual(lines, ['going down']);
  assert.equal((await qemu.ended).code, 0);
});

test('a command whose connection breaks when the machine goes down is as good', async () => {
  await shutDown(qemu, guest, how({ command: `(sleep 0.3; kill -TERM ${qemu.pid}) & sleep 1000` }));
  assert.equal((await qemu.ended).code, 0);
});

test('a command that does not exist in the machine fails at once, and the machine still runs', async () => {
  await assert.rejects(shutDown(qemu, guest, how({ command: 'no-such-poweroff -P now' })), {
    code: 'step-failed',
    message: /cannot be run in the machine \(exit code 127\): no-such-poweroff -P now/,
  });
  assert.equal((await qemu.qmp.expect<{ running: boolean }>('query-status')).running, true);
});

test('a machine that goes on after the command is an error when the time is over', async () => {
  await assert.rejects(shutDown(qemu, guest, how({ command: 'true', timeout: 300 })), {
    code: 'guest-unreachable',
    message: /within 300 ms/,
  });
});

test('waiting for the machine can be cancelled', async () => {
  const waiting = shutDown(qemu, guest, how({ acpi: true }));
  setTimeout(() => bench.stop.abort(), 50);
  await assert.rejects(waiting, { code: 'cancelled' });
});

test('without a command the plug is pulled, and QEMU ends in order', async () => {
  await shutDown(qemu, noGuest('test'), how({}));
  assert.equal((await qemu.ended).code, 0);
});

test('a QEMU that does not listen is killed after the grace', async () => {
  process.kill(qemu.pid, 'SIGSTOP');
  await pullThePlug(qemu, 100);
  assert.equal((await qemu.ended).signal, 'SIGKILL');
});

test('QEMU killed while a command runs is told as that; a machine that turned itself off is not', async () => {
  const { pid } = qemu;
  await assert.rejects(guest.exec({ command: `kill -KILL ${pid}; sleep 1000` }), {
    code: 'qemu-failed',
    message: /SIGKILL/,
  });
});

test('a machine that turned itself off leaves the judgement to the step', async () => {
  const exit = await guest.exec({ command: `kill -TERM ${qemu.pid}; sleep 0.5; exit 3` });
  assert.deepEqual(exit, { kind: 'exited', code: 3 });
  const later = { code: 'guest-disconnected', message: /has been turned off/ };
  await assert.rejects(guest.exec({ command: 'true' }), later);
  await assert.rejects(guest.upload({ from: { kind: 'bytes', bytes: new Uint8Array(1) }, to: '/x' }), later);
});

test('a call that waits for a machine that has been turned off does not wait for ever', async () => {
  await assert.rejects(guest.exec({ command: `kill -TERM ${qemu.pid}; sleep 1000` }), {
    code: 'guest-disconnected',
  });
});
