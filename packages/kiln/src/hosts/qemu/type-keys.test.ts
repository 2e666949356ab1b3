import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { exists } from '../../base/files.ts';
import { echoDisk, slowEchoDisk } from '../testing/boot-sectors.ts';
import { type HostBench, openBench, until } from '../testing/host-bench.ts';
import { parseBootCommand } from './boot-command.ts';
import { launchQemu, type RunningQemu } from './launch.ts';
import { typeKeys } from './type-keys.ts';

let bench: HostBench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

async function startEcho(disk: Buffer): Promise<{ qemu: RunningQemu; heard: () => Promise<string> }> {
  const path = join(bench.folder, 'echo.raw');
  const log = join(bench.folder, 'serial.log');
  await writeFile(path, disk);
  const argv = ['-machine', 'pc', '-display', 'none', '-m', '16', '-serial', `file:${log}`];
  const qemu = await launchQemu({
    binary: 'qemu-system-x86_64',
    argv: [...argv, '-drive', `file=${path},format=raw,if=ide`],
    scratch: bench.run.folder,
    run: bench.run,
  });
  const heard = () => readFile(log, 'latin1');
  await until(async () => (await exists(log)) && (await heard()).includes('>'));
  return { qemu, heard };
}

/** Everything that a US keyboard can type. */
const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join('');

test('a machine hears every character that a US keyboard has', async () => {
  const { qemu, heard } = await startEcho(echoDisk());
  const text = printable.replace('<', '').replace('>', '');
  const actions = parseBootCommand(
    `${text}<<>x<tab><leftShiftOn>ab<leftShiftOff>c<aOn><aOff><spacebar><wait10ms>`,
  );
  await typeKeys(qemu.qmp, actions, { interval: 1, signal: bench.stop.signal });
  await until(async () => (await heard()).endsWith('a '));
  assert.equal(await heard(), `>${text}<<>x\tABca `);
  await qemu.kill();
});

test('no key is lost in a machine that is slow to take them', async () => {
  const { qemu, heard } = await startEcho(slowEchoDisk());
  const text = 'the quick brown fox jumps over the lazy dog';
  await typeKeys(qemu.qmp, parseBootCommand(text), { interval: 0, signal: bench.stop.signal });
  await until(async () => (await heard()).endsWith('dog'));
  assert.equal(await heard(), `>${text}`);
  await qemu.kill();
});

test('typing stops when it is cancelled', async () => {
  const { qemu } = await startEcho(echoDisk());
  const typing = typeKeys(qemu.qmp, parseBootCommand('a<wait1h>b'), { signal: bench.stop.signal });
  setTimeout(() => bench.stop.abort(), 20);
  await assert.rejects(typing, { code: 'cancelled' });
  await qemu.kill();
});

test('the environment sets the pace as for Packer', async () => {
  const { qemu } = await startEcho(echoDisk());
  process.env['PACKER_KEY_INTERVAL'] = '60ms';
  try {
    const before = performance.now();
    await typeKeys(qemu.qmp, parseBootCommand('ab'), { signal: bench.stop.signal });
    assert.ok(performance.now() - before >= 4 * 59);
  } finally {
    delete process.env['PACKER_KEY_INTERVAL'];
    await qemu.kill();
  }
});
