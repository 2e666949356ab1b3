import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentAnswers, agentGuest } from '../agent-guest.ts';
import type { GuestCommand, GuestExit } from '../guest.ts';
import { startImpostor, startSlot } from './agent.testing.ts';
import { AgentProgram } from './agent-program.ts';
import { AgentAbsent, type AgentSite } from './agent-session.ts';

interface Ran {
  readonly exit: GuestExit;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(site: AgentSite, command: string, more: Partial<GuestCommand> = {}): Promise<Ran> {
  const lines = { stdout: [] as string[], stderr: [] as string[] };
  const exit = await agentGuest(site).exec({
    command,
    onLine: (line, stream) => lines[stream].push(line),
    ...more,
  });
  return { exit, stdout: lines.stdout.join('\n'), stderr: lines.stderr.join('\n') };
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('a command has its output, its complaints and its exit code apart', async (t) => {
  const site = await startSlot(t);
  assert.deepEqual(await run(site, 'echo out; echo err >&2; exit 3'), {
    exit: { kind: 'exited', code: 3 },
    stdout: 'out',
    stderr: 'err',
  });
  assert.deepEqual((await run(site, 'kill -KILL $$')).exit, { kind: 'signalled', signal: 'SIGKILL' });
});

test('to see whether an agent answers runs nothing', async (t) => {
  assert.equal(await agentAnswers(await startSlot(t)), true);
});

test('a command of several lines arrives as it is', async (t) => {
  const site = await startSlot(t);
  const command = `  printf '[%s]' "a  b" 'c\\n' "$0"\ncat <<END\nit's \\here\nEND\n`;
  const { stdout } = await run(site, command);
  assert.equal(stdout, "[a  b][c\\n][/bin/sh]it's \\here");
});

test('every byte goes in and comes out again, and what looks like a mark is none', async (t) => {
  const site = await startSlot(t);
  const token = Buffer.from(`\xff${'0'.repeat(32)} e\n`, 'latin1');
  const bytes = Buffer.concat([randomBytes(300_000), Buffer.alloc(70_000, 255), token, randomBytes(10)]);
  const program = await AgentProgram.start(site, { command: 'cat', user: 'login', input: true });
  const output = bytesOf(program.stdout);
  program.stdin.end(bytes);
  assert.deepEqual(await program.ended, { kind: 'exited', code: 0 });
  assert.ok((await output).equals(bytes));
});

test('a command that does not want its input ends all the same', async (t) => {
  const site = await startSlot(t);
  const { exit, stdout } = await run(site, 'head -c 3', { input: 'abc'.repeat(500_000) });
  assert.deepEqual([exit, stdout], [{ kind: 'exited', code: 0 }, 'abc']);
});

test('signals reach what a command has started, and none of them is ignored', async (t) => {
  const site = await startSlot(t);
  const command = 'trap "echo got it; exit 5" INT; echo ready; sleep 30 & wait';
  const program = await AgentProgram.start(site, { command, user: 'login', input: false });
  program.stdout.once('data', () => program.kill('INT'));
  const output = bytesOf(program.stdout);
  assert.deepEqual(await program.ended, { kind: 'exited', code: 5 });
  assert.equal((await output).toString(), 'ready\ngot it\n');
  assert.equal((await run(site, 'sh -c "kill -INT \\$\\$"; echo $?')).stdout, '130');
});

test('what a command leaves running holds nobody up', async (t) => {
  const site = await startSlot(t);
  const started = performance.now();
  const { exit, stdout } = await run(site, 'sleep 20 & echo done');
  assert.deepEqual([exit, stdout], [{ kind: 'exited', code: 0 }, 'done']);
  assert.ok(performance.now() - started < 15_000);
});

test('a raised signal ends a command and all it has started', async (t) => {
  const site = await startSlot(t);
  const stop = new AbortController();
  const mark = `${3600 + Math.random()}`;
  const running = run(site, `sleep ${mark} & echo $!; sleep ${mark}`, {
    signal: stop.signal,
    onLine: () => stop.abort(),
  });
  await assert.rejects(running, { code: 'cancelled' });
  await gone(mark);
});

test('a command ends when its host does', async (t) => {
  const site = await startSlot(t);
  const mark = `${7200 + Math.random()}`;
  const command = `echo started; sleep ${mark}`;
  const program = await AgentProgram.start(site, { command, user: 'login', input: false });
  program.stdout.once('data', () => program.abandon());
  assert.deepEqual(await program.ended, { kind: 'disconnected' });
  await gone(mark);
});

test('files and folders go in and out', async (t) => {
  const site = await startSlot(t);
  const guest = agentGuest(site);
  const { folder } = site;
  await mkdir(join(folder, 'tree/inner'), { recursive: true });
  const bytes = randomBytes(150_000);
  await writeFile(join(folder, 'tree/inner/file'), bytes, { mode: 0o640 });
  await symlink('inner/file', join(folder, 'tree/link'));
  await guest.uploadTree(join(folder, 'tree'), join(folder, 'there'));
  await guest.downloadTree(`${join(folder, 'there/tree')}/`, join(folder, 'back'));
  assert.ok((await readFile(join(folder, 'back/link'))).equals(bytes));
  await guest.upload({
    from: { kind: 'bytes', bytes: Buffer.from('text') },
    to: join(folder, 'one'),
    mode: 0o600,
  });
  await guest.download(join(folder, 'one'), join(folder, 'two'));
  assert.equal(await readFile(join(folder, 'two'), 'utf8'), 'text');
  await assert.rejects(guest.download(join(folder, 'none'), join(folder, 'three')), { code: 'step-failed' });
});

test('a machine that has the ports but no agent is left for another way, and nothing is started', async (t) => {
  const site = await startImpostor(t, () => {});
  await assert.rejects(run(site, 'true'), AgentAbsent);
  assert.equal(await agentAnswers(site), false);
});

test('a machine that talks without end is not listened to', async (t) => {
  const site = await startImpostor(t, ({ output, complaints }) => {
    const noise = Buffer.alloc(1 << 16, 255);
    for (const socket of [output, complaints]) {
      const talk = () => {
        while (socket.writable && socket.write(noise));
        socket.once('drain', talk);
      };
      talk();
    }
  });
  const before = process.memoryUsage().rss;
  await assert.rejects(run(site, 'true'), AgentAbsent);
  assert.ok(process.memoryUsage().rss - before < 200_000_000);
});

test('a machine that claims an end and goes on is believed the end', async (t) => {
  const site = await startImpostor(t, ({ output, complaints }, token) => {
    const mark = (words: string) => complaints.write(Buffer.from(`\xff${token} ${words}\n`, 'latin1'));
    mark('r');
    output.once('data', () => {
      mark('b');
      mark('x 0');
    });
  });
  const { exit } = await run(site, 'true');
  assert.deepEqual(exit, { kind: 'exited', code: 0 });
});

/** Waits until no process has the word in its command line. */
async function gone(word: string): Promise<void> {
  const { readdir } = await import('node:fs/promises');
  for (let waited = 0; ; waited += 50) {
    const lines = await Promise.all(
      (await readdir('/proc'))
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    if (!lines.some((line) => line.startsWith('sleep') && line.includes(word))) return;
    assert.ok(waited < 10_000, `a process with ${word} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
