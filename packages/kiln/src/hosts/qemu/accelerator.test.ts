import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { run } from '../../base/processes.ts';
import { type HostBench, openBench } from '../testing/host-bench.ts';
import { chooseAccelerator, kvmVerdict } from './accelerator.ts';
import {
  parseDevices,
  parseMachineTypes,
  parseVersion,
  parseWords,
  qemuCapabilities,
} from './capabilities.ts';
import { rememberedFact } from './host-facts.ts';
import { probeGuest, probeGuestExitCode } from './probe-guest.ts';

const binary = 'qemu-system-x86_64';

let bench: HostBench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

test('the guest that tries accelerators out runs to its end under emulation', async () => {
  const disk = join(bench.folder, 'probe.raw');
  await writeFile(disk, probeGuest());
  const args = [
    '-nodefaults',
    '-display',
    'none',
    '-no-reboot',
    '-machine',
    'pc',
    '-accel',
    'tcg',
    '-m',
    '16',
  ];
  const exitDevice = ['-device', 'isa-debug-exit,iobase=0xf4,iosize=1'];
  const { code, stderr } = await run(binary, [
    ...args,
    ...exitDevice,
    '-drive',
    `file=${disk},format=raw,if=ide`,
  ]);
  assert.equal(code, probeGuestExitCode, stderr);
});

test('the verdict on KVM has a reason, is the same again, and decides what auto means', async () => {
  const options = { binary, home: bench.home };
  const verdict = await kvmVerdict(options);
  assert.ok(verdict.reason.length > 10);
  assert.deepEqual(await kvmVerdict(options), verdict);
  const { accelerator } = await chooseAccelerator('auto', options);
  assert.equal(accelerator, verdict.works ? 'kvm' : 'tcg');
  const named = await chooseAccelerator('kvm', options);
  assert.equal(named.accelerator, accelerator);
  assert.equal(named.warning === undefined, verdict.works);
});

test('an accelerator that this QEMU lacks is refused with those it has', async () => {
  const options = { binary, home: bench.home };
  await assert.rejects(chooseAccelerator('whpx', options), {
    code: 'unsupported',
    message: /accelerator "whpx"/,
    hint: /tcg/,
  });
  assert.deepEqual(await chooseAccelerator('none', options), { accelerator: 'none' });
});

test('KVM is not tried for machines of another architecture', async () => {
  const verdict = await kvmVerdict({ binary: 'qemu-system-s390x', home: bench.home });
  assert.equal(verdict.works, false);
});

test('what QEMU offers is asked once and remembered', async () => {
  const capabilities = await qemuCapabilities(binary, bench.home);
  assert.match(capabilities.version, /^\d+\.\d+/);
  for (const name of ['pc', 'q35', 'none']) assert.ok(capabilities.machineTypes.includes(name), name);
  for (const name of ['virtio-net', 'virtio-net-pci', 'e1000'])
    assert.ok(capabilities.devices.includes(name), name);
  assert.ok(capabilities.netdevs.includes('user'));
  assert.ok(capabilities.accelerators.includes('tcg'));
  assert.deepEqual(await qemuCapabilities(binary, bench.home), capabilities);
});

test('lists of QEMU are read without their headings and sentences', () => {
  assert.equal(parseVersion('QEMU emulator version 9.1.0 (v9.1.0)\nCopyright'), '9.1.0');
  assert.deepEqual(
    parseMachineTypes(
      'Supported machines are:\npc                   Standard PC (alias of pc-i440fx-7.2)\nx-remote Experimental\n',
    ),
    ['pc', 'x-remote'],
  );
  assert.deepEqual(parseDevices('Network devices:\nname "virtio-net-pci", bus PCI, alias "virtio-net"\n\n'), [
    'virtio-net-pci',
    'virtio-net',
  ]);
  assert.deepEqual(
    parseWords('Available display backend types:\nnone\negl-headless\n\nSome display backends\n'),
    ['none', 'egl-headless'],
  );
});

test('a remembered fact is found out again when its key changes or its file is damaged', async () => {
  let asked = 0;
  const isNumber = (value: unknown): value is number => typeof value === 'number';
  const ask = (key: string) => rememberedFact(bench.home, 'n', key, isNumber, async () => ++asked);
  assert.deepEqual([await ask('a'), await ask('a'), await ask('b')], [1, 1, 2]);
  const file = join(bench.home, 'host', 'n.json');
  assert.match(await readFile(file, 'utf8'), /"b"/);
  await writeFile(file, '{"key": "b", "fa');
  assert.equal(await ask('b'), 3);
  await writeFile(file, '{"key": "b", "fact": "text"}');
  assert.equal(await ask('b'), 4);
});
