import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { KilnError } from '../../base/errors.ts';
import { exists } from '../../base/files.ts';
import { echoDisk, idleDisk, turnOffDisk } from '../testing/boot-sectors.ts';
import { type HostBench, openBench, processesNaming, until } from '../testing/host-bench.ts';
import { qemuSource } from '../testing/qemu-source.ts';
import { diskInfo } from './disks.ts';
import { qemuHost } from './qemu-host.ts';

let bench: HostBench;
/** Where facts about this host are remembered: asking QEMU anew for each test would take longer than the tests. */
let facts: string;
before(async () => {
  facts = await mkdtemp(join(tmpdir(), 'kiln-facts-'));
});
after(() => rm(facts, { recursive: true, force: true }));
let out: string;
beforeEach(async () => {
  bench = await openBench();
  out = join(bench.folder, 'out');
});
afterEach(async () => {
  assert.deepEqual(await processesNaming(bench.folder), [], 'processes were left behind');
  await bench.close();
});

async function diskFile(content: Buffer): Promise<{ kind: 'file'; path: string }> {
  const path = join(bench.folder, 'source.raw');
  await writeFile(path, content);
  return { kind: 'file', path };
}

test('a machine that turns itself off becomes one flat disk in the output directory', async () => {
  const disk = await diskFile(turnOffDisk());
  const source = qemuSource({
    disk,
    result: { directory: out, diskSize: 8 << 20, additionalDiskSizes: [2 << 20] },
  });
  const host = qemuHost(facts);
  assert.deepEqual(await host.check(source), []);
  const machine = await host.start(source, bench.context);
  assert.equal(machine.guest.kind, 'none');
  const artifact = await machine.finish();
  assert.equal(artifact.builderId, 'transcend.qemu');
  assert.equal(artifact.id, 'VM');
  assert.equal(artifact.description, `VM files in directory: ${out}`);
  assert.deepEqual(artifact.files, [join(out, 'machine'), join(out, 'machine-1')]);
  const info = await diskInfo(join(out, 'machine'));
  assert.deepEqual([info.format, info.virtualSize, info.backing], ['qcow2', 8 << 20, undefined]);
  assert.equal((await diskInfo(join(out, 'machine-1'))).virtualSize, 2 << 20);
  assert.deepEqual(await readFile(disk.path), turnOffDisk(), 'the source was written to');

  await bench.run.close();
  assert.equal(await exists(join(out, 'machine')), true, 'the result must outlive the run');
  await artifact.destroy();
  assert.equal(await exists(out), false);
});

test('formats, compression and backing files come out as asked for', async () => {
  const disk = await diskFile(turnOffDisk());
  const build = async (name: string, result: object) => {
    const directory = join(bench.folder, name);
    const source = qemuSource({ disk, result: { directory, ...result } });
    const context = { ...bench.context, scratch: join(bench.run.folder, name) };
    await (await qemuHost(facts).start(source, context)).finish();
    return diskInfo(join(directory, 'machine'), { trusted: true, format: name === 'raw' ? 'raw' : 'qcow2' });
  };
  assert.equal((await build('raw', { format: 'raw' })).format, 'raw');
  assert.equal((await build('compressed', { compress: true })).backing, undefined);
  assert.equal((await build('skipped', { skipCompaction: true })).backing, undefined);
  assert.equal((await build('layer', { useBackingFile: true })).backing?.path, disk.path);
});

test('without an output directory the disk is handed over as a layer and nothing is copied', async () => {
  const disk = await diskFile(turnOffDisk());
  const machine = await qemuHost(facts).start(qemuSource({ disk }), bench.context);
  const artifact = await machine.finish();
  assert.equal(artifact.disk?.path, join(bench.context.scratch, 'machine'));
  assert.equal(artifact.disk?.base, undefined, 'a file is not an image of the store');
  assert.deepEqual(artifact.disk?.firmware, ['bios']);
  assert.equal((await diskInfo(artifact.disk!.path, { trusted: true })).backing?.path, disk.path);
});

test('the boot command is typed, after the machine is told what its holes hold', async () => {
  const source = qemuSource({
    disk: await diskFile(echoDisk()),
    hardware: { qemuArgs: [['-serial', 'file:{{ .OutputDir }}/{{ .Name }}.log']] },
    // What is typed before the firmware is ready is lost, so it is typed until the machine has had enough.
    boot: {
      command: Array.from({ length: 100 }, () => ({
        kind: 'template',
        source: '<wait1>{{ .Name }} {{ .HTTPIP }}:{{ .HTTPPort }}<enter>',
      })),
    },
    media: { http: { content: { '/x': 'y' }, portMin: 0, portMax: 0, bindAddress: '127.0.0.1' } },
    result: { directory: out },
  });
  const machine = await qemuHost(facts).start(source, bench.context);
  await machine.finish();
  const port = machine.values['PackerHTTPPort'];
  assert.equal(machine.values['PackerHTTPAddr'], `10.0.2.2:${port}`);
  const typed = await readFile(join(out, 'machine.log'), 'latin1');
  assert.match(typed, /^>.*\r$/);
  assert.ok(`machine 10.0.2.2:${port}\r`.endsWith(typed.slice(1)), typed);
});

test('an option that QEMU refuses is named, and nothing is left behind', async () => {
  const source = qemuSource({
    disk: await diskFile(idleDisk()),
    hardware: { qemuArgs: [['-device', 'no-such-device']] },
    result: { directory: out },
  });
  await assert.rejects(qemuHost(facts).start(source, bench.context), (error: KilnError) => {
    assert.equal(error.code, 'qemu-failed');
    assert.match(error.message, /refuses -device no-such-device: .*not a valid device model/);
    return true;
  });
  assert.equal(await exists(out), false);
});

test('an output directory that exists is left alone unless the build is forced', async () => {
  await mkdir(out);
  await writeFile(join(out, 'precious'), 'old');
  const source = qemuSource({ disk: await diskFile(turnOffDisk()), result: { directory: out } });
  const host = qemuHost(facts);
  await assert.rejects(host.start(source, bench.context), { code: 'already-exists' });
  assert.equal(await readFile(join(out, 'precious'), 'utf8'), 'old');
  const machine = await host.start(source, { ...bench.context, force: true });
  await machine.finish();
  assert.deepEqual(await readdir(out), ['machine']);
});

test('a disk is never made smaller than its image', async () => {
  const source = qemuSource({
    disk: await diskFile(idleDisk()),
    result: { directory: out, diskSize: 512 << 10 },
  });
  await assert.rejects(qemuHost(facts).start(source, bench.context), {
    code: 'unsupported',
    message: /disk_size is 512 KB, but the image already holds a disk of 1\.0 MB/,
  });
  assert.equal(await exists(out), false);
});

test('cancelling while the machine is awaited ends QEMU and removes everything', async () => {
  const source = qemuSource({ disk: await diskFile(idleDisk()), result: { directory: out } });
  const machine = await qemuHost(facts).start(source, bench.context);
  const finishing = machine.finish();
  bench.stop.abort();
  await assert.rejects(finishing, { code: 'cancelled' });
  assert.equal(await exists(out), false);
});

/** A machine whose start goes on until something ends it: its boot command takes an hour. */
async function startTyping() {
  const source = qemuSource({
    disk: await diskFile(idleDisk()),
    boot: { command: ['<wait1h>'] },
    result: { directory: out },
  });
  const starting = qemuHost(facts).start(source, bench.context);
  starting.catch(() => {});
  await until(() => bench.said.includes('Typing the boot command'));
  return { starting };
}

test('cancelling while the boot command is typed ends QEMU and removes everything', async () => {
  const { starting } = await startTyping();
  bench.stop.abort();
  await assert.rejects(starting, { code: 'cancelled' });
  assert.equal(await exists(out), false);
});

test('a QEMU that is killed meanwhile is reported as that', async () => {
  const { starting } = await startTyping();
  for (const pid of await processesNaming(bench.run.folder)) process.kill(pid, 'SIGKILL');
  await assert.rejects(starting, { code: 'qemu-failed', message: /SIGKILL/ });
  assert.equal(await exists(out), false);
});

test('a machine that does not turn itself off in time is an error', async () => {
  const source = qemuSource({
    disk: await diskFile(idleDisk()),
    result: { directory: out },
    shutdown: { timeout: 1 },
  });
  const machine = await qemuHost(facts).start(source, bench.context);
  await assert.rejects(machine.finish(), {
    code: 'guest-unreachable',
    message: /did not turn itself off within 1 ms/,
  });
  assert.equal(await exists(out), false);
});

test('an abandoned machine is gone with its disks, or keeps them when asked to', async () => {
  const disk = await diskFile(idleDisk());
  const host = qemuHost(facts);
  const gone = await host.start(qemuSource({ disk, result: { directory: out } }), bench.context);
  await gone.abandon({ keep: false });
  assert.equal(await exists(out), false);

  const kept = await host.start(qemuSource({ disk, result: { directory: out } }), bench.context);
  await kept.abandon({ keep: true });
  assert.deepEqual(await readdir(out), ['machine']);
  assert.match(bench.said.at(-1)!, new RegExp(`kept in ${out}$`));

  const loose = await host.start(qemuSource({ disk }), bench.context);
  await loose.abandon({ keep: true });
  const folder = bench.said.at(-1)!.replace(/^.* kept in /, '');
  await bench.run.close();
  assert.deepEqual(await readdir(folder), ['machine'], 'kept disks must outlive the run');
  assert.equal(await exists(join(out, 'machine')), true);
});

test('every mistake that can be known before is reported, each by name', async () => {
  const missing = join(bench.folder, 'missing');
  const problems = await qemuHost(facts).check(
    qemuSource({
      disk: { kind: 'file', path: missing },
      hardware: { machineType: 'q53', netDevice: 'virtio-nett', netBridge: 'no-such-bridge' },
      boot: { command: ['<wait0>'] },
      media: {
        http: { directory: missing, portMin: 8000, portMax: 9000, bindAddress: '127.0.0.1' },
        cd: { files: [`${missing}/*`], content: {}, label: 'cd' },
        floppy: { files: [missing], directories: [], content: {}, label: 'f' },
      },
    }),
  );
  const expected = [
    /^machine_type: .* has no "q53"; did you mean "q35"\?/,
    /^net_device: .* has no "virtio-nett"; did you mean "virtio-net"\?/,
    /^disk: there is no file .*missing/,
    /^http_directory: there is no file .*missing/,
    /^cd_files: .*missing\/\* matches no file/,
    /^floppy_files: .*missing does not exist/,
    /^the bridge "no-such-bridge" does not exist/,
    /^boot_command: <wait0> does not wait/,
  ];
  assert.equal(problems.length, expected.length, problems.join('\n'));
  for (const [at, pattern] of expected.entries()) assert.match(problems[at]!, pattern);
});

test('a QEMU that is not installed is named with what to install', async () => {
  const source = qemuSource({ hardware: { binary: 'qemu-system-x86_65' } });
  assert.match((await qemuHost(facts).check(source))[0]!, /"qemu-system-x86_65".*is not installed/);
  await assert.rejects(qemuHost(facts).start(source, bench.context), { code: 'tool-missing' });
});
