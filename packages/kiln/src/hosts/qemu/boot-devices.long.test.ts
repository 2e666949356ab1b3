import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { runOrFail } from '../../base/processes.ts';
import type { QemuHardware } from '../../plan/qemu-source.ts';
import { turnOffDisk } from '../testing/boot-sectors.ts';
import { type HostBench, openBench, processesNaming } from '../testing/host-bench.ts';
import { qemuSource } from '../testing/qemu-source.ts';
import { qemuHost } from './qemu-host.ts';

let bench: HostBench;
/** Where facts about this host are remembered: asking QEMU anew for each test would take longer than the tests. */
let facts: string;
before(async () => {
  facts = await mkdtemp(join(tmpdir(), 'kiln-facts-'));
});
after(() => rm(facts, { recursive: true, force: true }));
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  assert.deepEqual(await processesNaming(bench.folder), []);
  await bench.close();
});

// Each machine turns itself off as soon as it has started from the medium; one that does not start is never done.

const disks: readonly QemuHardware['diskInterface'][] = ['ide', 'sata', 'scsi', 'virtio', 'virtio-scsi'];
for (const diskInterface of disks) {
  test(`a machine starts from a disk on ${diskInterface}`, async () => {
    const path = join(bench.folder, 'source.raw');
    await writeFile(path, turnOffDisk());
    const source = qemuSource({ disk: { kind: 'file', path }, hardware: { diskInterface } });
    await (await qemuHost(facts).start(source, bench.context)).finish();
  });
}

for (const cdromInterface of [undefined, 'ide', 'scsi', 'virtio-scsi']) {
  test(`a machine starts from an installer in a drive on ${cdromInterface ?? 'the default interface'}`, async () => {
    const tree = join(bench.folder, 'tree');
    await mkdir(tree);
    await writeFile(join(tree, 'boot.bin'), turnOffDisk().subarray(0, 2048));
    const path = join(bench.folder, 'installer.iso');
    const boot = ['-b', 'boot.bin', '-no-emul-boot', '-boot-load-size', '4'];
    await runOrFail('xorriso', ['-as', 'mkisofs', '-quiet', ...boot, '-o', path, tree]);
    const source = {
      ...qemuSource({
        result: { diskSize: 1 << 20 },
        hardware: cdromInterface === undefined ? {} : { cdromInterface },
      }),
      installer: { kind: 'file', path } as const,
    };
    await (await qemuHost(facts).start(source, bench.context)).finish();
  });
}

test('a machine with a VNC password and a floppy starts, and the password is asked for', async () => {
  const path = join(bench.folder, 'source.raw');
  await writeFile(path, turnOffDisk());
  const floppy = { files: [], directories: [], content: { 'answer.txt': 'x' }, label: 'f' };
  const vnc = { disabled: false, bindAddress: '127.0.0.1', usePassword: true, portMin: 5900, portMax: 6900 };
  const host = qemuHost(facts);
  const disk = { kind: 'file', path } as const;
  await (await host.start(qemuSource({ disk, boot: { vnc }, media: { floppy } }), bench.context)).finish();
  assert.match(bench.said.join('\n'), /vnc:\/\/127\.0\.0\.1:\d+, password \w{8}$/m);

  const chosen = { ...vnc, password: 'secret' };
  const context = { ...bench.context, scratch: join(bench.run.folder, 'c') };
  await (await host.start(qemuSource({ disk, boot: { vnc: chosen } }), context)).finish();
  assert.doesNotMatch(bench.said.join('\n'), /secret/);
});

test('a machine with UEFI firmware starts with variables of its own', async () => {
  const out = join(bench.folder, 'out');
  const path = join(bench.folder, 'source.raw');
  await writeFile(path, turnOffDisk());
  for (const dropVars of [false, true]) {
    const source = qemuSource({
      disk: { kind: 'file', path },
      hardware: { firmware: { kind: 'efi', dropVars }, machineType: 'q35' },
      result: { directory: out },
      communicator: { kind: 'none' },
      shutdown: { acpi: false },
    });
    const context = { ...bench.context, force: true, scratch: join(bench.run.folder, String(dropVars)) };
    const machine = await qemuHost(facts).start(source, context);
    for (const pid of await processesNaming(bench.run.folder)) process.kill(pid, 'SIGTERM');
    const artifact = await machine.finish();
    const names = artifact.files.map((file) => file.slice(out.length + 1));
    assert.deepEqual(names, dropVars ? ['machine'] : ['efivars.fd', 'machine']);
    assert.deepEqual(artifact.disk?.firmware, ['efi']);
  }
});
