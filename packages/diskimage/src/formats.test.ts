import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { detectFormat } from './detect-format.ts';
import { externalFiles } from './external-files.ts';
import { readQcow2Header } from './qcow2-header.ts';

const folder = mkdtempSync(join(tmpdir(), 'kiln-formats-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function qemuImg(...args: string[]): string {
  return execFileSync('qemu-img', args, { cwd: folder, encoding: 'utf8' });
}

function create(name: string, format: string, options?: string, ...rest: string[]): string {
  qemuImg('create', '-q', '-f', format, ...(options ? ['-o', options] : []), ...rest, name, '8M');
  return join(folder, name);
}

test('every format that qemu-img writes is known by its bytes, whatever its name', async () => {
  const kinds: [format: string, options: string | undefined, expected: string][] = [
    ['raw', undefined, 'raw'],
    ['qcow', undefined, 'qcow'],
    ['qcow2', 'compat=0.10', 'qcow2'],
    ['qcow2', 'compat=1.1', 'qcow2'],
    ['qed', undefined, 'qed'],
    ['vmdk', undefined, 'vmdk'],
    ['vmdk', 'subformat=streamOptimized', 'vmdk'],
    ['vmdk', 'subformat=monolithicFlat', 'vmdk'],
    ['vpc', 'subformat=dynamic', 'vpc'],
    ['vpc', 'subformat=fixed', 'vpc'],
    ['vhdx', undefined, 'vhdx'],
    ['vdi', undefined, 'vdi'],
  ];
  for (const [index, [format, options, expected]] of kinds.entries()) {
    const path = create(`disk-${index}.iso`, format, options);
    assert.equal(await detectFormat(path), expected, `${format} ${options ?? ''}`);
  }
});

test('an ISO image is known, and so is what only looks empty', async () => {
  const content = join(folder, 'content.txt');
  writeFileSync(content, 'hello');
  execFileSync('xorriso', ['-outdev', join(folder, 'medium'), '-add', content, '--'], { stdio: 'ignore' });
  assert.equal(await detectFormat(join(folder, 'medium')), 'iso');
  const empty = join(folder, 'empty');
  writeFileSync(empty, '');
  assert.equal(await detectFormat(empty), 'raw');
  assert.equal(await detectFormat(content), 'raw');
});

test('a qcow2 header is read as qemu-img reads it', async () => {
  create('base', 'qcow2');
  qemuImg('create', '-q', '-f', 'qcow2', '-b', 'base', '-F', 'qcow2', 'top', '3G');
  assert.deepEqual(await readQcow2Header(join(folder, 'top')), {
    version: 3,
    virtualSize: 3 * 2 ** 30,
    clusterSize: 65536,
    backingFile: 'base',
    backingFormat: 'qcow2',
    encrypted: false,
    snapshots: 0,
    incompatible: {
      dirty: false,
      corrupt: false,
      externalData: false,
      compressionType: false,
      extendedL2: false,
      unknown: 0n,
    },
  });
  qemuImg('snapshot', '-c', 'one', 'base');
  const base = await readQcow2Header(join(folder, 'base'));
  assert.equal(base.snapshots, 1);
  assert.equal(base.backingFile, undefined);
  const old = await readQcow2Header(create('old', 'qcow2', 'compat=0.10,cluster_size=4k'));
  assert.deepEqual([old.version, old.clusterSize, old.virtualSize], [2, 4096, 8 * 2 ** 20]);
  const extended = await readQcow2Header(
    create('extended', 'qcow2', 'extended_l2=on,compression_type=zstd,cluster_size=128k'),
  );
  assert.ok(extended.incompatible.extendedL2 && extended.incompatible.compressionType);
  // Not luks: qemu-img times a hash for its key, which a fast or busy host makes fail ("accurate CPU usage").
  qemuImg(
    ...['create', '-q', '--object', 'secret,id=s,data=secret', '-f', 'qcow2'],
    ...['-o', 'encrypt.format=aes,encrypt.key-secret=s', 'locked', '1M'],
  );
  assert.equal((await readQcow2Header(join(folder, 'locked'))).encrypted, true);
});

test('a damaged qcow2 header is refused with a reason', async () => {
  const path = create('damaged', 'qcow2');
  const good = readFileSync(path);
  const damage = (change: (bytes: Buffer) => Buffer | undefined) => {
    const bytes = Buffer.from(good);
    writeFileSync(path, change(bytes) ?? bytes);
    return readQcow2Header(path);
  };
  await assert.rejects(
    damage((bytes) => bytes.subarray(0, 50)),
    /too short/,
  );
  await assert.rejects(
    damage((bytes) => bytes.subarray(0, 90)),
    /cut off/,
  );
  await assert.rejects(
    damage((bytes) => void bytes.writeUInt32BE(9, 4)),
    /version 9/,
  );
  await assert.rejects(
    damage((bytes) => void bytes.writeUInt32BE(63, 20)),
    /2\^63/,
  );
  await assert.rejects(
    damage((bytes) => void bytes.writeUInt32BE(0xffffff, 112 + 4)),
    /extension/,
  );
  await assert.rejects(
    damage((bytes) => {
      bytes.writeBigUInt64BE(10n ** 12n, 8);
      bytes.writeUInt32BE(10, 16);
    }),
    /ends before/,
  );
});

test('images that name other files are found out', async () => {
  const secret = '/etc/hostname';
  const overlay = async (format: string) => {
    qemuImg('create', '-q', '-u', '-f', format, '-b', secret, '-F', 'raw', `overlay-${format}`, '8M');
    return externalFiles(join(folder, `overlay-${format}`));
  };
  for (const format of ['qcow2', 'qed'])
    assert.deepEqual(await overlay(format), [{ role: 'backing file', name: secret }], format);
  const data = create('data.qcow2', 'qcow2', 'data_file=data.raw');
  assert.deepEqual(await externalFiles(data), [{ role: 'data file', name: 'data.raw' }]);
  const flat = create('flat.vmdk', 'vmdk', 'subformat=monolithicFlat');
  assert.deepEqual(await externalFiles(flat), [{ role: 'extent', name: 'flat-flat.vmdk' }]);
  const split = create('split.vmdk', 'vmdk', 'subformat=twoGbMaxExtentSparse');
  assert.deepEqual(await externalFiles(split), [{ role: 'extent', name: 'split-s001.vmdk' }]);
  create('parent.vmdk', 'vmdk');
  qemuImg('create', '-q', '-f', 'vmdk', '-b', 'parent.vmdk', '-F', 'vmdk', 'child.vmdk');
  assert.deepEqual(await externalFiles(join(folder, 'child.vmdk')), [
    { role: 'backing file', name: 'parent.vmdk' },
  ]);
});

test('a sparse VMDK without a capacity is taken at its descriptor', async () => {
  const path = create('sly.vmdk', 'vmdk');
  assert.deepEqual(await externalFiles(path), []);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(8), 0, 8, 12);
  closeSync(file);
  assert.deepEqual(await externalFiles(path), [{ role: 'extent', name: 'sly.vmdk' }]);
});

test('a differencing VHD is found out', async () => {
  const path = create('difference.vhd', 'vpc', 'subformat=dynamic');
  assert.deepEqual(await externalFiles(path), []);
  const bytes = readFileSync(path);
  bytes.writeUInt32BE(4, 60);
  bytes.write('/etc/shadow', 512 + 64, 'utf16le');
  bytes.subarray(512 + 64, 512 + 64 + 22).swap16();
  writeFileSync(path, bytes);
  assert.deepEqual(await externalFiles(path), [{ role: 'parent', name: '/etc/shadow' }]);
});

test('images that stand alone name nothing', async () => {
  for (const format of ['raw', 'qcow', 'qcow2', 'qed', 'vmdk', 'vpc', 'vhdx', 'vdi'])
    assert.deepEqual(await externalFiles(create(`alone-${format}`, format)), [], format);
  assert.deepEqual(await externalFiles(create('alone-stream', 'vmdk', 'subformat=streamOptimized')), []);
});
