import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { KilnError } from '../../base/errors.ts';
import { exists } from '../../base/files.ts';
import { writingDisk } from '../testing/boot-sectors.ts';
import { type HostBench, openBench, processesNaming, until } from '../testing/host-bench.ts';
import { endedUnexpectedly, launchQemu } from './launch.ts';

const binary = 'qemu-system-x86_64';
const paused = ['-S', '-nodefaults', '-machine', 'none', '-display', 'none'];

let bench: HostBench;
const cleanups: (() => Promise<void>)[] = [];
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  for (const end of cleanups.splice(0)) await end();
  assert.deepEqual(await processesNaming(bench.folder), []);
  await bench.close();
});

test('a started QEMU is in the journal of its run and ends with it', async () => {
  const { run } = bench;
  const qemu = await launchQemu({ binary, argv: paused, scratch: run.folder, run });
  assert.match(await readFile(join(run.folder, 'journal'), 'utf8'), new RegExp(`"pid":${qemu.pid}\\b`));
  assert.deepEqual(await processesNaming(run.folder), [qemu.pid]);
  await run.close();
  assert.equal((await qemu.ended).signal, 'SIGKILL');
});

test('killing twice is harmless and removes the control socket', async () => {
  const qemu = await launchQemu({ binary, argv: paused, scratch: bench.run.folder, run: bench.run });
  await Promise.all([qemu.kill(), qemu.kill()]);
  await qemu.kill();
  assert.equal(await exists(qemu.qmpSocket), false);
});

const refusals: readonly (readonly [readonly string[], RegExp])[] = [
  [['-device', 'bogus'], /^QEMU refuses -device bogus: 'bogus' is not a valid device model name$/],
  [['-machine', 'bogus'], /^QEMU refuses .*bogus|unsupported machine type/],
  [
    ['-drive', 'file=/no/such/file,format=raw'],
    /^QEMU refuses -drive file=\/no\/such\/file,format=raw: Could not open/,
  ],
  [['-no-such-option'], /^QEMU refuses -no-such-option: invalid option$/],
];
for (const [argv, message] of refusals) {
  test(`QEMU's refusal of ${argv.join(' ')} is told in its own words`, async () => {
    const launch = { binary, argv: ['-display', 'none', ...argv], scratch: bench.run.folder, run: bench.run };
    await assert.rejects(launchQemu(launch), (error: KilnError) => {
      assert.equal(error.code, 'qemu-failed');
      assert.match(error.message, message);
      return true;
    });
  });
}

test('a program that is not QEMU but ends at once is an error with what it said', async () => {
  const program = join(bench.folder, 'qemu-fake');
  await writeFile(program, '#!/bin/sh\necho cannot go on >&2\nexit 3\n', { mode: 0o755 });
  await assert.rejects(launchQemu({ binary: program, argv: [], scratch: bench.run.folder, run: bench.run }), {
    code: 'qemu-failed',
    message: /qemu-fake did not start: cannot go on/,
  });
});

test('a start can be cancelled while QEMU says nothing', async () => {
  const program = join(bench.folder, 'qemu-silent');
  await writeFile(program, '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
  const { signal } = bench.stop;
  const starting = launchQemu({
    binary: program,
    argv: [],
    scratch: bench.run.folder,
    run: bench.run,
    signal,
  });
  setTimeout(() => bench.stop.abort(), 50);
  await assert.rejects(starting, { code: 'cancelled' });
});

test('a missing QEMU is named with what to install', async () => {
  const launch = { binary: 'qemu-system-i386-missing', argv: [], scratch: bench.run.folder, run: bench.run };
  await assert.rejects(launchQemu(launch), { code: 'tool-missing', message: /"qemu-system-i386-missing"/ });
});

test('a folder whose path is too long for a socket is refused with a hint', async () => {
  const scratch = join(bench.folder, 'x'.repeat(100));
  await assert.rejects(launchQemu({ binary, argv: paused, scratch, run: bench.run }), {
    code: 'qemu-failed',
    hint: /shorter path/,
  });
});

/** A Kiln that starts a QEMU, says its pid and waits. */
async function startInChild(owned: boolean): Promise<{ pid: number; end: () => Promise<void> }> {
  const script = `
    import { launchQemu } from ${JSON.stringify(new URL('./launch.ts', import.meta.url).href)};
    const qemu = await launchQemu({
      binary: ${JSON.stringify(binary)}, argv: ${JSON.stringify(paused)}, scratch: process.env.SCRATCH,
      ${owned ? 'run: { ownProcess() {} },' : ''}
    });
    console.log(qemu.pid);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Not on the command line, which must not name the folder as QEMU's does.
    env: { ...process.env, SCRATCH: bench.run.folder },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const pid = await new Promise<number>((resolve, reject) => {
    child.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
    void exited.then(() => reject(new Error('the child ended before it had started QEMU')));
  });
  const end = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  cleanups.push(end);
  return { pid, end };
}

test("a build's QEMU dies with a Kiln that is killed", async () => {
  const { pid, end } = await startInChild(true);
  assert.deepEqual(await processesNaming(bench.run.folder), [pid]);
  await end();
  await until(async () => (await processesNaming(bench.run.folder)).length === 0);
});

test('a machine without a run outlives Kiln', async () => {
  const { pid, end } = await startInChild(false);
  await end();
  assert.deepEqual(await processesNaming(bench.run.folder), [pid]);
  process.kill(pid, 'SIGKILL');
  await until(async () => (await processesNaming(bench.run.folder)).length === 0);
});

test('a machine that finds the host’s disk full is ended, and that is said', async () => {
  const { run } = bench;
  const disk = join(run.folder, 'disk');
  await writeFile(disk, writingDisk());
  const rules = join(run.folder, 'rules');
  await writeFile(rules, '[inject-error]\nevent = "write_aio"\nerrno = "28"\n');
  const argv = [
    ...['-accel', 'tcg', '-m', '16M', '-nodefaults', '-display', 'none'],
    ...['-drive', `if=ide,format=raw,file=blkdebug:${rules}:${disk}`],
  ];
  const qemu = await launchQemu({ binary, argv, scratch: run.folder, run });
  const error = endedUnexpectedly(await qemu.ended);
  assert.equal(error.code, 'disk-full');
  assert.match(error.message, /no space left on this host's disk/);
});
