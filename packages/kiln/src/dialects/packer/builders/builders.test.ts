import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { QemuSource } from '../../../plan/qemu-source.ts';
import { buildsOf, complaints, readTemplate } from '../testing.ts';

const least = { type: 'qemu', iso_url: 'disk.img', iso_checksum: 'none', ssh_username: 'root' };

function qemu(more: Readonly<Record<string, unknown>>): QemuSource {
  const [build] = buildsOf(readTemplate({ builders: [{ ...least, ...more }] }));
  assert.ok(build?.source.kind === 'qemu');
  return build.source;
}

/** The value at a path such as `boot.vnc.portMin`. */
function pick(source: QemuSource, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => Object(value)[name], source);
}

const M = 2 ** 20;
const G = 2 ** 30;

const mapped: readonly (readonly [
  options: Readonly<Record<string, unknown>>,
  path: string,
  value: unknown,
])[] = [
  [{}, 'installer', { kind: 'file', path: '/project/disk.img' }],
  [{}, 'disk', { kind: 'empty' }],
  [{}, 'result.diskSize', 40_960 * M],
  [{}, 'result.machineName', 'packer-qemu'],
  [{}, 'result.directory', '/project/output-qemu'],
  [{}, 'hardware.memory', 512 * M],
  [{}, 'hardware.cpus', 1],
  [{}, 'hardware.accelerator', 'auto'],
  [{}, 'hardware.netDevice', 'virtio-net'],
  [{}, 'hardware.diskInterface', 'virtio'],
  [{}, 'boot.wait', 10_000],
  [{}, 'boot.headless', false],
  [{}, 'shutdown.timeout', 300_000],
  [{}, 'communicator.timeout', 300_000],
  [{}, 'communicator.handshakeAttempts', 10],
  [{}, 'media', {}],
  [{ accelerator: 'kvm' }, 'hardware.accelerator', 'kvm'],
  [
    { boot_command: ['<tab> {{ .HTTPIP }}', '<enter>'] },
    'boot.command',
    [{ kind: 'template', source: '<tab> {{ .HTTPIP }}' }, '<enter>'],
  ],
  [{ boot_steps: [['a<enter>', 'first'], ['b']] }, 'boot.command', ['a<enter>', 'b']],
  [{ boot_wait: '-1s' }, 'boot.wait', 0],
  [{ boot_key_interval: '10ms' }, 'boot.keyInterval', 10],
  [{ boot_keygroup_interval: '1s' }, 'boot.keyGroupInterval', 1_000],
  [
    { cd_content: { '/user-data': '#cloud-config' }, cd_label: 'cidata' },
    'media.cd',
    { files: [], content: { '/user-data': '#cloud-config' }, label: 'cidata' },
  ],
  [{ floppy_content: { a: 'b' } }, 'media.floppy.content', { a: 'b' }],
  [
    { http_content: { '/p': 'key {{ .SSHPublicKey }}' } },
    'media.http.content',
    { '/p': { kind: 'template', source: 'key {{ .SSHPublicKey }}' } },
  ],
  [{ http_content: { '/p': 'x' }, http_port_min: 8100, http_port_max: '8200' }, 'media.http.portMax', 8200],
  [{ http_content: { '/p': 'x' } }, 'media.http.bindAddress', '0.0.0.0'],
  [{ cdrom_interface: 'virtio-scsi' }, 'hardware.cdromInterface', 'virtio-scsi'],
  [{ communicator: 'none' }, 'communicator', { kind: 'none' }],
  [
    { communicator: 'none', shutdown_command: 'x' },
    'shutdown',
    { acpi: false, timeout: 300_000, disabled: true },
  ],
  [{ cpus: 4, sockets: 1, cores: 2 }, 'hardware.cpus', 2],
  [{ cores: 2, threads: 2 }, 'hardware.cpus', 4],
  [{ cpu_model: 'host' }, 'hardware.cpuModel', 'host'],
  [{ disk_additional_size: ['1G', '512M'] }, 'result.additionalDiskSizes', [G, 512 * M]],
  [{ disk_cache: 'none' }, 'hardware.diskCache', 'none'],
  [{ disk_compression: true }, 'result.compress', true],
  [{ disk_compression: true, format: 'raw' }, 'result.compress', false],
  [{ disk_detect_zeroes: 'unmap' }, 'hardware.diskDetectZeroes', 'unmap'],
  [{ disk_discard: 'unmap' }, 'hardware.diskDiscard', 'unmap'],
  [{ disk_image: true }, 'disk', { kind: 'file', path: '/project/disk.img' }],
  [{ disk_image: true, skip_resize_disk: true }, 'result.diskSize', undefined],
  [{ disk_image: true, use_backing_file: true }, 'result.skipCompaction', true],
  [{ disk_interface: 'sata' }, 'hardware.diskInterface', 'sata'],
  [{ disk_size: 5000 }, 'result.diskSize', 5000 * M],
  [{ disk_size: '20g' }, 'result.diskSize', 20 * G],
  [{ display: 'gtk,gl=on' }, 'boot.display', 'gtk,gl=on'],
  [{ use_default_display: true, display: 'sdl' }, 'boot.display', 'none'],
  [{ efi_boot: true }, 'hardware.firmware', { kind: 'efi', dropVars: false }],
  [
    { efi_firmware_code: '/c.fd', efi_drop_efivars: true },
    'hardware.firmware',
    { kind: 'efi', code: '/c.fd', dropVars: true },
  ],
  [
    { firmware: '/bios.bin', use_pflash: true },
    'hardware.firmware',
    { kind: 'bios', file: '/bios.bin', pflash: true },
  ],
  [{ format: 'raw' }, 'result.skipCompaction', true],
  [{ headless: 'true' }, 'boot.headless', true],
  [{ host_port_min: 3000, host_port_max: 3000 }, 'boot.hostPortMin', 3000],
  [
    { iso_target_path: 'x.iso', iso_url: 'https://e.example/x.iso' },
    'installer',
    {
      kind: 'url',
      urls: ['https://e.example/x.iso'],
      checksum: { kind: 'none' },
      targetPath: '/project/x.iso',
    },
  ],
  [
    { iso_url: undefined, iso_urls: ['http://a.example/x', 'http://b.example/x'] },
    'installer.urls',
    ['http://a.example/x', 'http://b.example/x'],
  ],
  [{ iso_url: 'file:///images/a%20b.iso' }, 'installer.path', '/images/a b.iso'],
  [{ machine_type: 'q35' }, 'hardware.machineType', 'q35'],
  [{ net_bridge: 'br0' }, 'hardware.netBridge', 'br0'],
  [{ output_directory: 'out/' }, 'result.directory', '/project/out'],
  [{ qemu_binary: 'qemu-kvm' }, 'hardware.binary', 'qemu-kvm'],
  [
    { qemu_img_args: { convert: ['-o', 'x'], resize: '-q' } },
    'result.imgArgs',
    { convert: ['-o', 'x'], create: [], resize: ['-q'] },
  ],
  [
    {
      qemuargs: [
        ['-m', '1G'],
        ['-name', '{{ .Name }}'],
      ],
    },
    'hardware.qemuArgs',
    [
      ['-m', '1G'],
      ['-name', { kind: 'template', source: '{{ .Name }}' }],
    ],
  ],
  [{ qmp_enable: true }, 'boot.qmpSocketPath', '/project/output-qemu/packer-qemu.monitor'],
  [
    { shutdown_command: 'poweroff', shutdown_timeout: '1m' },
    'shutdown',
    { command: 'poweroff', acpi: false, timeout: 60_000, disabled: false },
  ],
  [{ skip_compaction: true }, 'result.skipCompaction', true],
  [{ skip_nat_mapping: true }, 'boot.skipNatMapping', true],
  [{ vga: 'std' }, 'hardware.vga', 'std'],
  [{ vm_name: 'web.qcow2' }, 'result.machineName', 'web.qcow2'],
  [{ vnc_bind_address: '0.0.0.0', vnc_port_min: 5950 }, 'boot.vnc.portMin', 5950],
  [{ vnc_use_password: true, vnc_password: 'x' }, 'boot.vnc.password', 'x'],
  [{ disable_vnc: true }, 'boot.vnc.disabled', true],
  [{ vtpm: true, use_tpm1: true }, 'hardware.tpm', { device: 'tpm-tis', version1: true }],
  [{ ssh_port: 2200 }, 'communicator.port', 2200],
  [{ ssh_pty: true }, 'communicator.pty', true],
  [{ ssh_timeout: '20m' }, 'communicator.timeout', 1_200_000],
  [{ ssh_keep_alive_interval: '-1s' }, 'communicator.keepAliveInterval', -1_000],
  [{ ssh_read_write_timeout: '5m' }, 'communicator.readWriteTimeout', 300_000],
  [{ ssh_file_transfer_method: 'sftp' }, 'communicator.fileTransfer', 'sftp'],
  [{ ssh_agent_auth: true }, 'communicator.agentAuth', true],
  [{ ssh_clear_authorized_keys: true }, 'communicator.clearAuthorizedKeys', true],
  [{ ssh_ciphers: ['aes128-ctr'] }, 'communicator.ciphers', ['aes128-ctr']],
  [
    { temporary_key_pair_type: 'rsa', temporary_key_pair_bits: 2048 },
    'communicator.temporaryKey',
    { type: 'rsa', bits: 2048 },
  ],
  [{ ssh_remote_tunnels: ['9090:localhost:80'] }, 'communicator.remoteTunnels', ['9090:localhost:80']],
  [{ ssh_proxy_host: 'p' }, 'communicator.proxy', { host: 'p', port: 1080 }],
  [
    { ssh_bastion_host: 'b', ssh_bastion_username: 'u', ssh_bastion_password: 'x' },
    'communicator.bastion',
    { host: 'b', port: 22, username: 'u', password: 'x', agentAuth: false, interactive: false },
  ],
  [{ pause_before_connecting: '10s' }, 'communicator.pauseBeforeConnecting', 10_000],
];

test('the options of the qemu builder are found in the plan', () => {
  for (const [options, path, value] of mapped) {
    assert.deepEqual(pick(qemu(options), path), value, `${JSON.stringify(options)} → ${path}`);
  }
});

const old: readonly (readonly [options: Readonly<Record<string, unknown>>, path: string, value: unknown])[] =
  [
    [{ ssh_wait_timeout: '7m' }, 'communicator.timeout', 420_000],
    [{ ssh_host_port_min: 3001, ssh_host_port_max: 3002 }, 'boot.hostPortMin', 3001],
    [{ ssh_disable_agent: true }, 'communicator.disableAgentForwarding', true],
    [{ ssh_skip_nat_mapping: true }, 'boot.skipNatMapping', true],
    [
      { iso_checksum: undefined, iso_md5: 'a'.repeat(32) },
      'installer.checksum',
      { kind: 'digest', algorithm: 'md5', hex: 'a'.repeat(32) },
    ],
    [
      { iso_checksum: 'B'.repeat(64), iso_checksum_type: 'sha256' },
      'installer.checksum',
      { kind: 'digest', algorithm: 'sha256', hex: 'b'.repeat(64) },
    ],
    [
      { iso_checksum: undefined, iso_checksum_url: 'sums', iso_checksum_type: 'sha256' },
      'installer.checksum',
      { kind: 'from', location: '/project/sums' },
    ],
  ];

test('old spellings still work, with a warning', () => {
  for (const [options, path, value] of old) {
    const result = readTemplate({ builders: [{ ...least, ...options }] });
    assert.deepEqual(pick(qemu(options), path), value, JSON.stringify(options));
    assert.match(complaints(result).join(), /warning: "\w+" is an old name/, JSON.stringify(options));
  }
  assert.deepEqual(complaints(readTemplate({ builders: [{ ...least, run_once: true }] })), []);
});

const checksums: readonly (readonly [written: string, checksum: unknown])[] = [
  ['a'.repeat(32), { kind: 'digest', algorithm: 'md5', hex: 'a'.repeat(32) }],
  ['a'.repeat(40), { kind: 'digest', algorithm: 'sha1', hex: 'a'.repeat(40) }],
  ['a'.repeat(128), { kind: 'digest', algorithm: 'sha512', hex: 'a'.repeat(128) }],
  [`SHA256:${'F'.repeat(64)}`, { kind: 'digest', algorithm: 'sha256', hex: 'f'.repeat(64) }],
  ['file:https://e.example/SHA256SUMS', { kind: 'from', location: 'https://e.example/SHA256SUMS' }],
  ['file:./sums.txt', { kind: 'from', location: '/project/sums.txt' }],
  ['file:file://./sums.txt', { kind: 'from', location: '/project/sums.txt' }],
  ['file:///sums.txt', { kind: 'from', location: '/sums.txt' }],
];

test('checksums are read in all forms', () => {
  for (const [written, checksum] of checksums) {
    assert.deepEqual(pick(qemu({ iso_checksum: written }), 'installer.checksum'), checksum, written);
  }
});

const refused: readonly (readonly [options: Readonly<Record<string, unknown>>, message: RegExp])[] = [
  [
    { communicator: 'winrm', winrm_username: 'a' },
    /does not speak WinRM \(let the installation of Windows add its OpenSSH server, .*set communicator to ssh/,
  ],
  [{ communicator: 'telnet' }, /ssh or none, not "telnet"/],
  [{ iso_skip_cache: true }, /Kiln does not do "iso_skip_cache"/],
  [{ ssh_private_key: 'x' }, /Kiln does not do "ssh_private_key"/],
  [{ disk_interface: 'sd' }, /Kiln does not do "disk_interface": "sd"/],
  [{ http_network_protocol: 'unix', http_content: { '/a': 'b' } }, /does not serve files on a Unix socket/],
  [{ iso_url: 's3::https://e.example/x' }, /does not fetch s3::/],
  [{ iso_checksum: 'abc' }, /"abc" is not a checksum/],
  [{ iso_checksum: 'sha256:abc' }, /not a checksum of kind sha256/],
  [{ iso_checksum: 'crc:abc' }, /"crc" is no kind of checksum/],
  [{ iso_checksum: undefined }, /"iso_checksum" is missing/],
  [{ iso_url: undefined }, /"iso_url" is missing/],
  [{ iso_urls: ['x'] }, /only one of "iso_url" and "iso_urls"/],
  [{ accelerator: 'kmv' }, /"accelerator" is one of .*did you mean "kvm"/],
  [{ format: 'vmdk' }, /"format" is one of qcow2, raw/],
  [{ disk_size: '10X' }, /"10X" is not a disk size/],
  [{ use_backing_file: true }, /needs "disk_image": true/],
  [{ skip_resize_disk: true }, /needs "disk_image": true/],
  [{ boot_command: ['a'], boot_steps: [['b']] }, /only one of "boot_command" and "boot_steps"/],
  [{ boot_command: ['a'], disable_vnc: true }, /cannot be typed when VNC is disabled/],
  [{ boot_command: ['{{ .HTTPip }}'] }, /\.HTTPip \}\} has no value here.*did you mean "HTTPIP"/],
  [{ vnc_port_min: 5000 }, /cannot be below 5900/],
  [{ vnc_port_min: 6001 }, /must not be above "vnc_port_max"/],
  [{ host_port_min: 5000 }, /must not be above "host_port_max"/],
  [{ http_directory: '/nowhere', http_content: { '/a': 'b' } }, /only one of "http_directory"/],
  [{ cpus: -1 }, /must be a positive number/],
  [{ cpus: [1] }, /"cpus" must be a whole number, not a list/],
  [{ headless: 'yes' }, /"headless" must be true or false/],
  [{ boot_wait: '10' }, /"boot_wait" must be a duration/],
  [{ ssh_bastion_host: 'b' }, /nothing says how to log in at the bastion/],
  [{ ssh_local_tunnels: ['x'] }, /not of the form port:host:port/],
  [{ ssh_certificate_file: '/dev/null' }, /needs "ssh_private_key_file"/],
  [{ ssh_private_key_file: '~/nowhere' }, /key file ~\/nowhere does not exist/],
  [{ floppy_files: ['nowhere'], cd_files: ['neither'] }, /floppy disk nowhere does not exist/],
  [{ qemu_img_args: { convrt: [] } }, /"qemu_img_args" has no option "convrt".*did you mean "convert"/],
  [{ shutdown_comand: 'x' }, /has no option "shutdown_comand".*did you mean "shutdown_command"/],
  [{ vm_name: '{{ build `ID` }}' }, /\{\{ build … \}\} has no value here/],
];

test('wrong options of the qemu builder are refused with the reason', () => {
  for (const [options, message] of refused) {
    const result = readTemplate({ builders: [{ ...least, ...options }] });
    assert.equal(result.plan, undefined, JSON.stringify(options));
    assert.match(complaints(result).join('\n'), message, JSON.stringify(options));
  }
});

test('files for the machine must exist unless they have wildcards', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'kiln-packer-'));
  t.after(() => rm(cwd, { recursive: true }));
  await writeFile(join(cwd, 'key'), '');
  const builder = {
    ...least,
    cd_files: ['key', 'conf/*'],
    floppy_dirs: ['.'],
    ssh_private_key_file: 'key',
    http_directory: '.',
  };
  const [build] = buildsOf(readTemplate({ builders: [builder] }, { cwd }));
  assert.ok(build?.source.kind === 'qemu' && build.source.communicator.kind === 'ssh');
  assert.deepEqual(build.source.media.cd?.files, [join(cwd, 'key'), join(cwd, 'conf/*')]);
  assert.deepEqual(build.source.media.floppy?.directories, [cwd]);
  assert.equal(build.source.media.http?.directory, cwd);
  assert.equal(build.source.communicator.privateKeyFile, join(cwd, 'key'));
});

test('the null builder wants one way into a machine', () => {
  const reach = { type: 'null', ssh_host: '10.0.0.1', ssh_username: 'root', ssh_password: 'x' };
  const [build] = buildsOf(readTemplate({ builders: [reach] }));
  assert.ok(build?.source.kind === 'null' && build.source.communicator.kind === 'ssh');
  assert.equal(build.source.communicator.host, '10.0.0.1');
  assert.match(
    complaints(readTemplate({ builders: [{ ...reach, ssh_host: '' }] })).join(),
    /"ssh_host" is empty/,
  );
  assert.match(
    complaints(readTemplate({ builders: [{ ...reach, ssh_password: undefined }] })).join(),
    /nothing says how/,
  );
  assert.match(
    complaints(readTemplate({ builders: [{ ...reach, ssh_agent_auth: true }] })).join(),
    /only one of ssh_password/,
  );
});

test('the file builder writes a content or copies a file', () => {
  const read = (options: Readonly<Record<string, unknown>>) =>
    readTemplate({ builders: [{ type: 'file', ...options }] });
  const [build] = buildsOf(read({ target: 'out/x.txt', content: '{{build_type}}' }));
  assert.deepEqual(build?.source, {
    kind: 'file',
    target: '/project/out/x.txt',
    from: { kind: 'content', content: 'file' },
  });
  assert.match(complaints(read({ target: 'x' })).join(), /warning: neither "source" nor "content"/);
  assert.match(complaints(read({ content: 'x' })).join(), /"target" is missing/);
  assert.match(
    complaints(read({ target: 'x', source: '/nowhere', content: 'x' })).join(),
    /only one of "source" and "content"/,
  );
});
