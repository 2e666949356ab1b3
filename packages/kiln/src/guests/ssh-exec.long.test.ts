import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Guest } from './guest.ts';
import { connectTo } from './testing/connect.ts';
import { startSshd, type TestSshd, terminalsWork } from './testing/sshd.ts';

let server: TestSshd;
let guest: Guest;

before(async () => {
  server = await startSshd();
  guest = await connectTo(server);
});

after(async () => {
  await guest?.close();
  await server?.stop();
});

async function run(command: string, input?: string) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const exit = await guest.exec({
    command,
    ...(input === undefined ? {} : { input }),
    onLine: (line, stream) => (stream === 'stdout' ? stdout : stderr).push(line),
  });
  return { exit, stdout, stderr };
}

suite('commands', { concurrency: 4 }, () => {
  test('a command gives its lines by stream and its exit code', async () => {
    const { exit, stdout, stderr } = await run('echo one; echo two; echo bad >&2; printf last; exit 3');
    assert.deepEqual(exit, { kind: 'exited', code: 3 });
    assert.deepEqual(stdout, ['one', 'two', 'last']);
    assert.deepEqual(stderr, ['bad']);
  });

  test('a command reads the input it is given, and an empty one otherwise', async () => {
    assert.deepEqual((await run('cat; echo end', 'a\nb\n')).stdout, ['a', 'b', 'end']);
    assert.deepEqual((await run('cat; echo end')).stdout, ['end']);
  });

  test('a megabyte of input and output goes through unharmed', async () => {
    const line = 'ä'.repeat(99);
    const text = `${line}\n`.repeat(6000);
    const { stdout } = await run('cat', text);
    assert.equal(stdout.length, 6000);
    assert.ok(stdout.every((one) => one === line));
  });

  test('a command that is ended by a signal says so', async () => {
    assert.deepEqual((await run('kill -KILL $$')).exit, { kind: 'signalled', signal: 'SIGKILL' });
  });

  test('many commands at once share a connection that allows only ten', async () => {
    const results = await Promise.all(Array.from({ length: 40 }, (_, i) => run(`echo ${i}; sleep 0.05`)));
    assert.deepEqual(
      results.map((result) => result.stdout[0]),
      Array.from({ length: 40 }, (_, i) => String(i)),
    );
  });

  test('cancelling ends the call, and the connection goes on', async () => {
    const cancel = new AbortController();
    const lines: string[] = [];
    const running = guest.exec({
      command: 'echo $$; exec sleep 1000',
      onLine: (line) => {
        lines.push(line);
        cancel.abort();
      },
      signal: cancel.signal,
    });
    await assert.rejects(running, { code: 'cancelled' });
    // A server that runs without privilege separation, as OpenSSH does for root, does not pass signals on.
    assert.deepEqual((await run(`kill ${lines[0]} 2>/dev/null; true`)).exit, { kind: 'exited', code: 0 });
  });

  test('a signal that was raised before starts nothing', async () => {
    await assert.rejects(guest.exec({ command: 'true', signal: AbortSignal.abort() }), { code: 'cancelled' });
  });

  test('a program left running in the background does not hold the command for ever', async () => {
    const { exit, stdout } = await run('sleep 300 & echo $!');
    assert.deepEqual(exit, { kind: 'exited', code: 0 });
    await run(`kill ${stdout[0]}`);
  });

  test('with pty the command has a terminal', {
    skip: !terminalsWork() && 'sshd cannot make terminals here',
  }, async () => {
    const terminal = await connectTo(server, { pty: true });
    try {
      const lines: string[] = [];
      const exit = await terminal.exec({
        command: 'test -t 0 && test -t 1 && echo yes; exit 4',
        onLine: (line) => lines.push(line),
      });
      assert.deepEqual(exit, { kind: 'exited', code: 4 });
      assert.deepEqual(lines, ['yes']);
      assert.equal(terminal.terminal, true);
    } finally {
      await terminal.close();
    }
  });
});
