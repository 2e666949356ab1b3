import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QemuHardware } from '../../plan/qemu-source.ts';
import { qemuSource } from '../testing/qemu-source.ts';
import { type QemuCommand, qemuCommandLine, withoutHostCpu, withoutKvm } from './command-line.ts';

const disk = { path: '/out/thing', format: 'qcow2' };

function command(hardware: Partial<QemuHardware> = {}, changes: Partial<QemuCommand> = {}): QemuCommand {
  return {
    name: 'thing',
    hardware: qemuSource({ hardware }).hardware,
    accelerator: 'tcg',
    disks: [disk],
    cds: [],
    bootFromCd: false,
    firmware: { kind: 'bios' },
    forward: { address: '127.0.0.1', hostPort: 3252, guestPort: 22 },
    vnc: { address: '127.0.0.1', port: 5938, password: false },
    overrides: [],
    ...changes,
  };
}

/** Options as lines: `-m 512M`. */
function lines(argv: readonly string[]): string[] {
  const result: string[] = [];
  for (const word of argv) {
    if (word.startsWith('-') || result.length === 0) result.push(word);
    else result[result.length - 1] += ` ${word}`;
  }
  return result;
}

/**
 * What Packer 1.6.6 was seen to pass for the same templates (PACKER_LOG=1), in its own words. Kiln differs on
 * purpose in caching, in the accelerator's own option, in binding the forwarded port to the loopback address only,
 * in never guessing a format, and follows later versions of Packer's builder in always saying `-smp`.
 */
const seenFromPacker: readonly {
  readonly name: string;
  readonly command: QemuCommand;
  readonly packer: readonly string[];
}[] = [
  {
    name: 'a disk image',
    command: command(),
    packer: [
      '-device virtio-net,netdev=user.0',
      '-drive file=/out/thing,if=virtio,cache=writeback,discard=ignore,format=qcow2',
      '-boot c',
      '-name thing',
      '-machine type=pc,accel=tcg',
      '-netdev user,id=user.0,hostfwd=tcp::3252-:22',
      '-vnc 127.0.0.1:38',
      '-m 512M',
    ],
  },
  {
    name: 'virtio-scsi, two disks and chosen caching',
    command: command(
      { diskInterface: 'virtio-scsi', diskCache: 'none', diskDiscard: 'unmap', diskDetectZeroes: 'unmap' },
      { disks: [disk, { path: '/out/thing-1', format: 'qcow2' }] },
    ),
    packer: [
      '-m 512M',
      '-device virtio-scsi-pci,id=scsi0',
      '-device scsi-hd,bus=scsi0.0,drive=drive0',
      '-device scsi-hd,bus=scsi0.0,drive=drive1',
      '-device virtio-net,netdev=user.0',
      '-drive if=none,file=/out/thing,id=drive0,cache=none,discard=unmap,format=qcow2,detect-zeroes=unmap',
      '-drive if=none,file=/out/thing-1,id=drive1,cache=none,discard=unmap,format=qcow2,detect-zeroes=unmap',
      '-boot c',
      '-name thing',
      '-machine type=pc,accel=tcg',
      '-netdev user,id=user.0,hostfwd=tcp::3252-:22',
      '-vnc 127.0.0.1:38',
    ],
  },
  {
    name: 'qemuargs',
    command: command(
      {},
      {
        overrides: [
          ['-m', '1024M'],
          ['-device', 'virtio-rng-pci'],
          ['-netdev', 'user,id=user.0,', 'hostfwd=tcp::2919-:22'],
          ['-serial', 'file:/out/thing.log'],
          ['-no-reboot', ''],
        ],
      },
    ),
    packer: [
      '-serial file:/out/thing.log',
      '-no-reboot',
      '-machine type=pc,accel=tcg',
      '-device virtio-rng-pci',
      '-device virtio-net,netdev=user.0',
      '-netdev user,id=user.0,hostfwd=tcp::2919-:22',
      '-boot c',
      '-name thing',
      '-vnc 127.0.0.1:38',
      '-m 1024M',
      '-drive file=/out/thing,if=virtio,cache=writeback,discard=ignore,format=qcow2',
    ],
  },
  {
    name: 'an installer, a floppy and a CD drive on IDE',
    command: command(
      { cdromInterface: 'ide' },
      { cds: ['/iso/install.iso'], bootFromCd: true, floppy: '/tmp/packer202694774' },
    ),
    packer: [
      '-name thing',
      '-machine type=pc,accel=tcg',
      '-netdev user,id=user.0,hostfwd=tcp::3252-:22',
      '-fda /tmp/packer202694774',
      '-device virtio-net,netdev=user.0',
      '-drive file=/out/thing,if=virtio,cache=writeback,discard=ignore,format=qcow2',
      '-drive file=/iso/install.iso,if=ide,index=0,id=cdrom0,media=cdrom',
      '-boot once=d',
      '-vnc 127.0.0.1:38',
      '-m 512M',
    ],
  },
  {
    name: 'a raw disk, another network card, a VNC password',
    command: command(
      { netDevice: 'e1000' },
      {
        disks: [{ path: '/out/thing', format: 'raw' }],
        cds: ['/iso/install.iso'],
        bootFromCd: true,
        vnc: { address: '127.0.0.1', port: 5907, password: true },
        qmpSocket: '/out/thing.monitor',
      },
    ),
    packer: [
      '-m 512M',
      '-name thing',
      '-machine type=pc,accel=tcg',
      '-vnc 127.0.0.1:7,password',
      '-device e1000,netdev=user.0',
      '-drive file=/out/thing,if=virtio,cache=writeback,discard=ignore,format=raw',
      '-drive file=/iso/install.iso,media=cdrom',
      '-boot once=d',
      '-netdev user,id=user.0,hostfwd=tcp::3252-:22',
      '-qmp unix:/out/thing.monitor,server,nowait',
    ],
  },
];

/** The same option in the words both agree on. */
function common(line: string): string {
  return line
    .replace(',accel=tcg', '')
    .replace(/cache=(writeback|unsafe)/, 'cache=DEFAULT')
    .replace('hostfwd=tcp:127.0.0.1:', 'hostfwd=tcp::')
    .replace(',password=on', ',password')
    .replace(',server=on,wait=off', ',server,nowait')
    .replace(',media=cdrom,format=raw,readonly=on', ',media=cdrom')
    .replace(/^-drive file=(.*),if=floppy,format=raw$/, '-fda $1');
}

for (const { name, command: asked, packer } of seenFromPacker) {
  test(`the command line for ${name} gives the guest what Packer's gives it`, () => {
    const own = lines(qemuCommandLine(asked))
      .filter((line) => line !== '-smp 1' && !line.startsWith('-accel '))
      .map(common);
    assert.deepEqual(own.sort(), packer.map(common).sort());
  });
}

test('the whole command line of a plain build', () => {
  assert.deepEqual(
    lines(qemuCommandLine(command({ cpus: 2, cpuModel: 'max', vga: 'std' }, { aio: 'io_uring' }))),
    [
      '-name thing',
      '-machine type=pc',
      '-accel tcg,thread=multi',
      '-cpu max',
      '-m 512M',
      '-smp 2',
      '-boot c',
      '-netdev user,id=user.0,hostfwd=tcp:127.0.0.1:3252-:22',
      '-device virtio-net,netdev=user.0',
      '-drive file=/out/thing,if=virtio,cache=unsafe,discard=ignore,format=qcow2,aio=io_uring',
      '-vga std',
      '-vnc 127.0.0.1:38',
    ],
  );
});

test('the whole command line of a UEFI machine with a TPM, a bridge and a seed', () => {
  const { forward: _without, ...base } = command(
    { machineType: 'q35', netBridge: 'br0', tpm: { device: 'tpm-tis', version1: false } },
    {
      accelerator: 'kvm',
      firmware: { kind: 'efi', code: '/fw/CODE.fd', vars: '/out/efivars.fd' },
      tpmSocket: '/run/tpm.sock',
      seed: ['-smbios', 'type=11,value=x'],
      vnc: { address: '::1', port: 5900, password: false },
    },
  );
  assert.deepEqual(lines(qemuCommandLine(base)), [
    '-name thing',
    '-machine type=q35',
    '-accel kvm',
    '-m 512M',
    '-smp 1',
    '-netdev bridge,id=user.0,br=br0',
    '-device virtio-net,netdev=user.0,romfile=',
    '-device tpm-tis,tpmdev=tpm0',
    '-drive file=/out/thing,if=virtio,cache=unsafe,discard=ignore,format=qcow2',
    '-drive file=/fw/CODE.fd,if=pflash,unit=0,format=raw,readonly=on',
    '-drive file=/out/efivars.fd,if=pflash,unit=1,format=raw',
    '-chardev socket,id=vtpm,path=/run/tpm.sock',
    '-tpmdev emulator,id=tpm0,chardev=vtpm',
    '-vnc [::1]:0',
    '-smbios type=11,value=x',
  ]);
});

const diskInterfaces: readonly (readonly [QemuHardware['diskInterface'], readonly string[]])[] = [
  ['ide', ['-drive file=/out/thing,if=ide,cache=unsafe,discard=ignore,format=qcow2']],
  [
    'scsi',
    [
      '-device lsi53c895a,id=lsi0',
      '-device scsi-hd,bus=lsi0.0,drive=drive0',
      '-drive if=none,file=/out/thing,id=drive0,cache=unsafe,discard=ignore,format=qcow2',
    ],
  ],
  ['none', ['-drive if=none,file=/out/thing,id=drive0,cache=unsafe,discard=ignore,format=qcow2']],
  [
    'sata',
    [
      '-device ich9-ahci,id=sata0',
      '-device ide-hd,bus=sata0.0,drive=drive0',
      '-drive if=none,file=/out/thing,id=drive0,cache=unsafe,discard=ignore,format=qcow2',
    ],
  ],
];
for (const [diskInterface, expected] of diskInterfaces) {
  test(`a disk on ${diskInterface} is attached`, () => {
    const argv = lines(qemuCommandLine(command({ diskInterface, netDevice: 'none' })));
    assert.deepEqual(
      argv.filter((line) => /^-(drive|device) /.test(line)),
      expected,
    );
  });
}

test('CDs share a controller or an interface with the disks', () => {
  const cds = ['/a.iso', '/b.iso'];
  const drives = (hardware: Partial<QemuHardware>) =>
    lines(qemuCommandLine(command({ netDevice: 'none', ...hardware }, { cds }))).filter((line) =>
      /^-(drive|device) /.test(line),
    );
  assert.deepEqual(drives({ diskInterface: 'ide', cdromInterface: 'ide' }).slice(1), [
    '-drive file=/a.iso,if=ide,index=1,id=cdrom0,media=cdrom,format=raw,readonly=on',
    '-drive file=/b.iso,if=ide,index=2,id=cdrom1,media=cdrom,format=raw,readonly=on',
  ]);
  assert.deepEqual(drives({ diskInterface: 'virtio-scsi', cdromInterface: 'virtio-scsi' }), [
    '-device virtio-scsi-pci,id=scsi0',
    '-device scsi-hd,bus=scsi0.0,drive=drive0',
    '-device scsi-cd,bus=scsi0.0,drive=cdrom0',
    '-device scsi-cd,bus=scsi0.0,drive=cdrom1',
    '-drive if=none,file=/out/thing,id=drive0,cache=unsafe,discard=ignore,format=qcow2',
    '-drive file=/a.iso,if=none,id=cdrom0,media=cdrom,format=raw,readonly=on',
    '-drive file=/b.iso,if=none,id=cdrom1,media=cdrom,format=raw,readonly=on',
  ]);
});

const topologies: readonly (readonly [Partial<QemuHardware>, string])[] = [
  [{ cpus: 4 }, '4'],
  [{ cpus: 8, sockets: 2, cores: 2 }, '4,sockets=2,cores=2'],
  [{ cpus: 2, cores: 4 }, '2,cores=4'],
  [{ cpus: 4, sockets: 1, cores: 2, threads: 2 }, '4,sockets=1,cores=2,threads=2'],
];
for (const [hardware, expected] of topologies) {
  test(`the topology ${JSON.stringify(hardware)} is ${expected}`, () => {
    const argv = qemuCommandLine(command(hardware));
    assert.equal(argv[argv.indexOf('-smp') + 1], expected);
  });
}

test('an option in qemuargs replaces all of that name, and repeats as often as it is given', () => {
  const argv = lines(
    qemuCommandLine(
      command(
        {},
        {
          overrides: [
            ['-drive', 'file=/a,if=virtio'],
            ['-drive', 'file=/b,if=virtio'],
            ['-device', 'virtio-net-pci,netdev=user.0'],
            ['-boot', 'd'],
          ],
        },
      ),
    ),
  );
  assert.deepEqual(
    argv.filter((line) => line.startsWith('-drive')),
    ['-drive file=/a,if=virtio', '-drive file=/b,if=virtio'],
  );
  assert.deepEqual(
    argv.filter((line) => line.startsWith('-device')),
    ['-device virtio-net-pci,netdev=user.0'],
  );
  assert.ok(argv.includes('-boot d'));
});

test('an accelerator named in qemuargs takes the place of the chosen one', () => {
  for (const overrides of [
    [['-machine', 'type=q35,accel=hvf:tcg']],
    [['-accel', 'whpx']],
    [['-enable-kvm', '']],
  ]) {
    const argv = qemuCommandLine(command({}, { overrides }));
    assert.ok(!argv.includes('tcg,thread=multi'), argv.join(' '));
  }
  assert.ok(qemuCommandLine(command({}, { overrides: [['-machine', 'q35']] })).includes('-accel'));
});

test('commas in paths are doubled, as QEMU wants them', () => {
  const argv = qemuCommandLine(command({}, { disks: [{ path: '/a,b/c', format: 'raw' }] }));
  assert.ok(argv.some((word) => word.startsWith('file=/a,,b/c,if=virtio')));
});

test('KVM is taken out of qemuargs where it does not work, and every change is told', () => {
  const { overrides, changes } = withoutKvm([
    ['-machine', 'type=pc,', 'accel=kvm'],
    ['-M', 'q35,accel=kvm:tcg,smm=on'],
    ['-accel', 'kvm,dirty-ring-size=1024'],
    ['-enable-kvm'],
    ['-cpu', 'host,+vmx'],
    ['-device', 'kvm-looking'],
  ]);
  assert.deepEqual(overrides, [
    ['-machine', 'type=pc,accel=tcg'],
    ['-M', 'q35,accel=tcg,smm=on'],
    ['-accel', 'tcg,thread=multi'],
    ['-accel', 'tcg,thread=multi'],
    ['-cpu', 'max,+vmx'],
    ['-device', 'kvm-looking'],
  ]);
  assert.equal(changes.length, 5);
  assert.deepEqual(withoutKvm([['-machine', 'accel=tcg']]).changes, []);
  assert.equal(withoutHostCpu('host-model-like'), 'host-model-like');
});
