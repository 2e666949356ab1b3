import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type HostBench, openBench, until } from '../testing/host-bench.ts';
import { launchQemu, type RunningQemu } from './launch.ts';
import { Qmp, type QmpEvent } from './qmp.ts';

let bench: HostBench;
let qemu: RunningQemu;
beforeEach(async () => {
  bench = await openBench();
  qemu = await launchQemu({
    binary: 'qemu-system-x86_64',
    argv: ['-S', '-nodefaults', '-machine', 'none', '-display', 'none'],
    scratch: bench.run.folder,
    run: bench.run,
  });
});
afterEach(async () => {
  await qemu.kill();
  await bench.close();
});

test('the greeting tells the version, and commands have values', async () => {
  assert.ok(qemu.qmp.version.major >= 5);
  const reply = await qemu.qmp.execute<{ running: boolean }>('query-status');
  assert.deepEqual(reply.ok && reply.value.running, false);
});

test('a refusal is a value with its class and words', async () => {
  const reply = await qemu.qmp.execute('no-such-command');
  assert.equal(reply.ok, false);
  if (reply.ok) return;
  assert.equal(reply.class, 'CommandNotFound');
  assert.match(reply.description, /no-such-command/);
  await assert.rejects(qemu.qmp.expect('device_add', { driver: 'nothing' }), {
    code: 'qemu-failed',
    message: /QEMU refuses "device_add": /,
  });
});

test('answers find their commands when many are sent at once', async () => {
  const replies = await Promise.all([
    qemu.qmp.expect<{ name?: string }>('query-name'),
    qemu.qmp.expect<{ status: string }>('query-status'),
    qemu.qmp.execute('nonsense'),
    qemu.qmp.expect<{ present: boolean }>('query-kvm'),
  ]);
  assert.equal(replies[1].status, 'prelaunch');
  assert.equal(replies[2].ok, false);
  assert.equal(typeof replies[3].present, 'boolean');
});

test('events reach those who listen, until they stop', async () => {
  const events: QmpEvent[] = [];
  const stop = qemu.qmp.onEvent((event) => events.push(event));
  await qemu.qmp.expect('cont');
  await until(() => events.length > 0);
  assert.equal(events[0]!.event, 'RESUME');
  stop();
  await qemu.qmp.expect('stop');
  assert.equal(events.length, 1);
});

test('commands that wait fail at once when QEMU dies, and later ones too', async () => {
  process.kill(qemu.pid, 'SIGSTOP');
  const waiting = qemu.qmp.execute('query-status');
  process.kill(qemu.pid, 'SIGKILL');
  await assert.rejects(waiting, { code: 'qemu-failed' });
  await qemu.qmp.closed;
  await assert.rejects(qemu.qmp.execute('query-status'), { code: 'qemu-failed', message: /broke/ });
  assert.equal((await qemu.ended).signal, 'SIGKILL');
});

test('somebody who is not QEMU is recognised', async () => {
  const path = join(bench.folder, 'other.sock');
  for (const [words, message] of [
    ['{"hello":1}\n', /is not QEMU's control socket/],
    ['nonsense\n', /hung up without a greeting/],
  ] as const) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(words);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await assert.rejects(Qmp.connect(path), { code: 'qemu-failed', message });
    await new Promise((resolve) => server.close(resolve));
  }
});

test('connecting can be cancelled while nobody answers', async () => {
  const path = join(bench.folder, 'silent.sock');
  const server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const stop = new AbortController();
  const connecting = Qmp.connect(path, stop.signal);
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(connecting, { code: 'cancelled' });
  await new Promise((resolve) => server.close(resolve));
});
