import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { connectTo } from './testing/connect.ts';
import { descendants, type SshdOptions, startSshd, type TestSshd } from './testing/sshd.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

async function sshd(test: TestContext, options: SshdOptions = {}): Promise<TestSshd> {
  const server = await startSshd(options);
  test.after(() => server.stop());
  return server;
}

/** Ends every connection of a server, not the server itself. */
async function cutSessions(server: TestSshd): Promise<void> {
  for (const pid of await descendants(server.pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended with its parent.
    }
  }
}

suite('connections that break', { concurrency: 4 }, () => {
  test('a command that runs while the connection breaks ends as disconnected', async (t) => {
    const server = await sshd(t);
    const guest = await connectTo(server);
    t.after(() => guest.close());
    const lines: string[] = [];
    const running = guest.exec({
      command: 'echo begun; exec sleep 1000',
      onLine: (line) => {
        lines.push(line);
        void cutSessions(server);
      },
    });
    assert.deepEqual(await running, { kind: 'disconnected' });
    assert.deepEqual(lines, ['begun']);
  });

  test('after a reboot the next calls wait for the machine and share one new connection', async (t) => {
    const server = await sshd(t);
    const said: string[] = [];
    const guest = await connectTo(server, {}, { onMessage: (text) => said.push(text) });
    t.after(() => guest.close());
    await server.kill();
    const calls = [1, 2, 3].map((code) => guest.exec({ command: `exit ${code}` }));
    const to = join(await temporaryFolder(t), 'copy');
    const upload = guest.upload({ from: { kind: 'bytes', bytes: Buffer.from('x') }, to });
    await sshd(t, { like: server, port: server.port });
    assert.deepEqual(
      await Promise.all(calls),
      [1, 2, 3].map((code) => ({ kind: 'exited', code })),
    );
    await upload;
    assert.equal(said.filter((text) => /connecting again/.test(text)).length, 1);
  });

  test('a machine that does not come back is told after the time for that', async (t) => {
    const server = await sshd(t);
    const guest = await connectTo(server, {}, { reconnectTimeout: 500 });
    t.after(() => guest.close());
    await server.kill();
    await assert.rejects(guest.exec({ command: 'true' }), { code: 'guest-unreachable' });
  });

  test('waiting for a machine to come back can be cancelled, and another call waits on', async (t) => {
    const server = await sshd(t);
    const guest = await connectTo(server);
    t.after(() => guest.close());
    await server.kill();
    const cancel = new AbortController();
    const impatient = guest.exec({ command: 'true', signal: cancel.signal });
    const patient = guest.exec({ command: 'exit 7' });
    setTimeout(() => cancel.abort(), 300);
    await assert.rejects(impatient, { code: 'cancelled' });
    await sshd(t, { like: server, port: server.port });
    assert.deepEqual(await patient, { kind: 'exited', code: 7 });
  });

  for (const fileTransfer of ['scp', 'sftp'] as const) {
    test(`a copy by ${fileTransfer} during which the connection breaks is made again`, async (t) => {
      const server = await sshd(t);
      const to = join(await temporaryFolder(t), 'copy');
      const guest = await connectTo(server, { fileTransfer });
      t.after(() => guest.close());
      let cut = false;
      await guest.upload({
        from: { kind: 'bytes', bytes: Buffer.alloc(20_000_000, 'copied ') },
        to,
        onProgress: () => {
          if (!cut) void cutSessions(server);
          cut = true;
        },
      });
      assert.ok((await readFile(to)).equals(Buffer.alloc(20_000_000, 'copied ')));
    });
  }

  test('a machine that breaks every connection is an error in the end', async (t) => {
    const server = await sshd(t, { config: ['ForceCommand kill -9 $PPID; sleep 1000'] });
    const guest = await connectTo(server);
    t.after(() => guest.close());
    const to = join(await temporaryFolder(t), 'copy');
    const copying = guest.upload({ from: { kind: 'bytes', bytes: Buffer.alloc(10) }, to });
    await assert.rejects(copying, { code: 'guest-disconnected' });
  });

  test('a connection on which nothing arrives for the read timeout counts as broken', async (t) => {
    const server = await sshd(t);
    const guest = await connectTo(server, { readWriteTimeout: 400, keepAliveInterval: 0 });
    t.after(() => guest.close());
    assert.deepEqual(await guest.exec({ command: 'sleep 1000' }), { kind: 'disconnected' });
  });

  test('keep-alives hold a silent connection open', async (t) => {
    const server = await sshd(t);
    const guest = await connectTo(server, { readWriteTimeout: 1000, keepAliveInterval: 100 });
    t.after(() => guest.close());
    assert.deepEqual(await guest.exec({ command: 'sleep 2' }), { kind: 'exited', code: 0 });
  });

  test('a connection that stays silent while the machine greets new ones counts as broken', async (t) => {
    const server = await sshd(t);
    const frozen = new Set<Socket>();
    let freeze = false;
    // Like QEMU's user network around a restart: old connections stay open and carry nothing.
    const forward = createServer((socket) => {
      const inner = connect(server.port, '127.0.0.1');
      socket.on('error', () => {}).on('close', () => inner.destroy());
      inner.on('error', () => {}).on('close', () => socket.destroy());
      socket.on('data', (bytes) => (frozen.has(socket) ? undefined : inner.write(bytes)));
      inner.on('data', (bytes) => (frozen.has(socket) ? undefined : socket.write(bytes)));
      if (!freeze) connections.push(socket);
    });
    const connections: Socket[] = [];
    await new Promise<void>((resolve) => forward.listen(0, '127.0.0.1', resolve));
    t.after(() => forward.close());
    const port = (forward.address() as AddressInfo).port;
    const guest = await connectTo({ ...server, port }, { keepAliveInterval: 100 });
    t.after(() => guest.close());
    const exit = await guest.exec({
      command: 'echo running; exec sleep 1000',
      onLine: () => {
        freeze = true;
        for (const socket of connections) frozen.add(socket);
      },
    });
    assert.deepEqual(exit, { kind: 'disconnected' });
    assert.deepEqual(await guest.exec({ command: 'true' }), { kind: 'exited', code: 0 });
  });
});
