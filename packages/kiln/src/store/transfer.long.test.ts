import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { detectFormat } from '@kiln/diskimage';
import type { ExportFormat } from './export-image.ts';
import type { ImageRecord } from './image-record.ts';
import type { Store } from './store.ts';
import { qemuImg, Workshop } from './test-support.ts';

const workshop = new Workshop();
after(() => workshop.remove());

/** The disk as the guest would see it. */
function rawOf(path: string, format: string): Buffer {
  const raw = workshop.path('raw');
  qemuImg('convert', '-f', format, '-O', 'raw', path, raw);
  return readFileSync(raw);
}

async function twoLayers(store: Store): Promise<ImageRecord> {
  const base = await workshop.image(store, 'base', 'base');
  return workshop.childOf(store, base, 'x', 'web');
}

/** Everything in a store but its locks, as paths. */
function contents(store: Store): string[] {
  if (!existsSync(store.home)) return [];
  return (readdirSync(store.home, { recursive: true, withFileTypes: true }) as import('node:fs').Dirent[])
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

test('an image is exported to every format as one whole disk', async () => {
  const store = workshop.store();
  const record = await twoLayers(store);
  const expected = rawOf(store.diskPath(record), 'qcow2');
  assert.ok(expected.subarray(0, 4).equals(Buffer.from('base')) && expected[2 ** 20] === 'x'.charCodeAt(0));
  const formats: [ExportFormat, detected: string, compress: boolean][] = [
    ['qcow2', 'qcow2', false],
    ['qcow2', 'qcow2', true],
    ['raw', 'raw', false],
    ['vmdk', 'vmdk', false],
    ['vmdk', 'vmdk', true],
    ['vhd', 'vpc', false],
    ['vhdx', 'vhdx', false],
    ['vdi', 'vdi', false],
  ];
  for (const [format, detected, compress] of formats) {
    const path = workshop.path(`out.${format}`);
    const parts: number[] = [];
    await store.exportImage('web', path, { format, compress, onProgress: (part) => parts.push(part) });
    assert.equal(await detectFormat(path), detected, format);
    assert.ok(rawOf(path, detected).equals(expected), `${format}, compressed: ${compress}`);
    assert.equal(parts.at(-1), 1);
    if (format === 'qcow2') assert.doesNotMatch(qemuImg('info', path), /backing file/);
    if (format === 'raw') assert.ok(statSync(path).blocks * 512 < 2 ** 20, 'empty parts are holes');
  }
});

test('an export does not overwrite unless told, and says what cannot be', async () => {
  const store = workshop.store();
  await workshop.image(store, 'one', 'web');
  const path = workshop.path('out');
  writeFileSync(path, 'precious');
  await assert.rejects(store.exportImage('web', path, { format: 'raw' }), { code: 'already-exists' });
  assert.equal(readFileSync(path, 'utf8'), 'precious');
  await store.exportImage('web', path, { format: 'raw', overwrite: true });
  assert.equal(statSync(path).size, 8 * 2 ** 20);
  await assert.rejects(store.exportImage('web', workshop.path('x'), { format: 'vdi', compress: true }), {
    code: 'unsupported',
  });
  for (const format of ['raw', 'archive'] as const) {
    await assert.rejects(
      store.exportImage('web', join(workshop.folder, 'no', 'folder'), { format }),
      (error: Error) => {
        assert.match(error.message, /no\/folder|no\/\.folder/);
        return true;
      },
    );
  }
  await assert.rejects(store.exportImage('nothing', path, { format: 'raw' }), { code: 'not-found' });
});

test('a cancelled export leaves nothing', async () => {
  const store = workshop.store();
  await workshop.image(store, 'one', 'web');
  for (const format of ['raw', 'archive'] as const) {
    const abort = new AbortController();
    const path = workshop.path('cancelled');
    const exported = store.exportImage('web', path, { format, signal: abort.signal });
    abort.abort();
    await assert.rejects(exported, { code: 'cancelled' });
    assert.deepEqual(
      readdirSync(dirname(path)).filter((name) => name.includes('cancelled')),
      [],
    );
  }
  assert.deepEqual(readdirSync(store.layout.runs), []);
});

test('an archive brings an image with its layers to another store, the same way every time', async () => {
  const store = workshop.store();
  const record = await twoLayers(store);
  const [first, second, packed] = [
    workshop.path('1.tar'),
    workshop.path('2.tar'),
    workshop.path('3.tar.zst'),
  ];
  await store.exportImage('web', first, { format: 'archive' });
  await store.exportImage('web', second, { format: 'archive' });
  await store.exportImage('web', packed, { format: 'archive', compress: true });
  assert.ok(readFileSync(first).equals(readFileSync(second)));
  assert.ok(statSync(packed).size < statSync(first).size / 4);
  assert.deepEqual(execFileSync('tar', ['-tf', first], { encoding: 'utf8' }).trim().split('\n'), [
    'image.json',
    `layers/${record.layers[1]}.qcow2`,
    `layers/${record.layers[0]}.qcow2`,
  ]);
  for (const archive of [first, packed]) {
    const other = workshop.store();
    const imported = await other.importImage(archive, { references: ['copy:1'] });
    assert.deepEqual(imported, record);
    assert.deepEqual(await other.getImage('copy:1'), record);
    assert.deepEqual(await other.verify(), []);
    assert.ok(rawOf(other.diskPath(record), 'qcow2').equals(rawOf(store.diskPath(record), 'qcow2')));
    assert.equal(statSync(other.diskPath(record)).mode & 0o777, 0o444);
    assert.deepEqual(readdirSync(other.layout.runs), []);
    await other.importImage(archive, { references: ['again'] });
    assert.equal((await other.listImages()).length, 1);
  }
});

test('disks of every format are imported, and a plain qcow2 file keeps its digest', async () => {
  const expected = readFileSync(workshop.disk('disk!', 'raw'));
  for (const format of ['raw', 'qcow2', 'vmdk', 'vpc', 'vhdx', 'vdi', 'qed']) {
    const store = workshop.store();
    const options = format === 'vpc' ? ['-o', 'force_size=on'] : [];
    const path = workshop.disk('disk!', format, ...options);
    const record = await store.importImage(path, { references: ['web'], user: 'debian', firmware: ['efi'] });
    assert.deepEqual([record.user, record.firmware, record.layers.length], ['debian', ['efi'], 1]);
    assert.match(record.provenance.made, /^import .*disk/);
    assert.ok(rawOf(store.diskPath(record), 'qcow2').equals(expected), format);
    assert.ok(existsSync(path), 'the file stays');
    if (format === 'qcow2')
      assert.equal(record.id, createHash('sha256').update(readFileSync(path)).digest('hex'));
  }
});

test('compressed disks are imported', async () => {
  const raw = workshop.disk('packed', 'raw');
  for (const program of ['gzip', 'xz', 'zstd', 'bzip2']) {
    const packed = workshop.path('packed');
    writeFileSync(packed, execFileSync(program, ['-1', '-c', raw]));
    const store = workshop.store();
    const record = await store.importImage(packed, { references: ['web'] });
    assert.ok(rawOf(store.diskPath(record), 'qcow2').equals(readFileSync(raw)), program);
    assert.deepEqual(readdirSync(store.layout.runs), []);
  }
});

test('disks that name other files, damaged ones and media are refused, and nothing stays', async () => {
  const secret = workshop.path('secret');
  qemuImg('create', '-q', '-u', '-f', 'qcow2', '-b', '/etc/hostname', '-F', 'raw', secret, '8M');
  const packed = workshop.path('secret.gz');
  writeFileSync(packed, execFileSync('gzip', ['-c', secret]));
  const damaged = workshop.disk('damaged');
  const bytes = readFileSync(damaged);
  bytes.fill(0xff, 3 * 65536, 3 * 65536 + 64); // the L1 table: clusters far outside of the file
  writeFileSync(damaged, bytes);
  const vmdk = workshop.disk('cut', 'vmdk');
  writeFileSync(vmdk, readFileSync(vmdk).subarray(0, 1000));
  const medium = workshop.path('medium');
  execFileSync('xorriso', ['-outdev', medium, '-add', secret, '--'], { stdio: 'ignore' });
  const cases: [path: string, code: string][] = [
    [secret, 'file-unsafe'],
    [packed, 'file-unsafe'],
    [damaged, 'file-unsafe'],
    [vmdk, 'file-unsafe'],
    [medium, 'unsupported'],
    [workshop.path('missing'), 'file-missing'],
    [workshop.folder, 'file-missing'],
  ];
  for (const [path, code] of cases) {
    const store = workshop.store();
    await assert.rejects(
      store.importImage(path, { references: ['web'] }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, code, `${path}: ${error.message}`);
        assert.ok(error.message.includes(path), error.message);
        return true;
      },
    );
    assert.deepEqual(contents(store), []);
  }
});

/** An unpacked archive of two layers, to be spoiled and packed again with the real tar. */
async function unpacked(): Promise<{ folder: string; record: ImageRecord; names: string[] }> {
  const store = workshop.store();
  const record = await twoLayers(store);
  const archive = workshop.path('good.tar');
  await store.exportImage('web', archive, { format: 'archive' });
  const folder = workshop.path('unpacked');
  mkdirSync(folder);
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  const names = ['image.json', ...record.layers.toReversed().map((digest) => `layers/${digest}.qcow2`)];
  return { folder, record, names };
}

const good = unpacked();

async function spoiled(
  spoil: (it: { folder: string; record: ImageRecord; names: string[] }) => string[] | undefined,
): Promise<string> {
  const { folder, record, names } = await good;
  const copy = workshop.path('spoiled');
  cpSync(folder, copy, { recursive: true });
  for (const name of names) chmodSync(join(copy, name), 0o600);
  const archive = workshop.path('spoiled.tar');
  const args = spoil({ folder: copy, record, names: [...names] }) ?? names;
  execFileSync('tar', ['-P', '--format=ustar', '-cf', archive, '-C', copy, ...args], { stdio: 'pipe' });
  return archive;
}

interface LooseManifest {
  schema: number;
  record: { id: string; layers: string[]; provenance: object; [name: string]: unknown };
  layers: object[];
}

function editManifest(folder: string, edit: (manifest: LooseManifest) => void): undefined {
  const path = join(folder, 'image.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as LooseManifest;
  edit(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

test('an archive that the real tar packed again is as good', async () => {
  const store = workshop.store();
  await store.importImage(await spoiled(() => undefined), { references: ['web'] });
  assert.deepEqual(await store.verify(), []);
});

test('archives that try to get out, or in, are refused and leave nothing behind', async () => {
  const outside = workshop.path('outside');
  const cases: [string, Parameters<typeof spoiled>[0], RegExp, string?][] = [
    [
      'a way out',
      ({ names }) => {
        writeFileSync(outside, 'x');
        return [...names, `../${outside.split('/').at(-1)}`];
      },
      /member "\.\.\/.*outside" that does not belong/,
    ],
    [
      'an absolute name',
      ({ names }) => [...names, '/etc/hostname'],
      /member "\/etc\/hostname" that does not belong/,
    ],
    [
      'a symbolic link in place of a layer',
      ({ folder, names }) => {
        execFileSync('rm', [join(folder, names[1]!)]);
        symlinkSync('/etc/hostname', join(folder, names[1]!));
        return names;
      },
      /has a symbolic link, "layers\//,
    ],
    [
      'a folder that is a link',
      ({ folder, names }) => {
        symlinkSync('/tmp', join(folder, 'link'));
        return ['image.json', 'link', ...names.slice(1)];
      },
      /has a symbolic link, "link"/,
    ],
    [
      'a hard link',
      ({ folder, names }) => {
        linkSync(join(folder, names[1]!), join(folder, 'hard'));
        return [...names, 'hard'];
      },
      /has a hard link, "hard"/,
    ],
    [
      'a device',
      ({ folder, names }) => {
        execFileSync('mkfifo', [join(folder, 'pipe')]);
        return [...names, 'pipe'];
      },
      /has a pipe, "pipe"/,
    ],
    [
      'a folder',
      ({ names }) => [...names.slice(0, 1), '--no-recursion', 'layers'],
      /has a folder, "layers\/"/,
    ],
    [
      'an unexpected member',
      ({ folder, names }) => {
        writeFileSync(join(folder, 'extra'), 'x');
        return [...names, 'extra'];
      },
      /member "extra" that does not belong/,
    ],
    ['a member twice', ({ names }) => [...names, names[1]!], /does not belong|hard link/],
    ['a missing layer', ({ names }) => names.slice(0, 2), /is missing/],
    ['no manifest first', ({ names }) => [...names.slice(1), 'image.json'], /starts with "layers\//],
    [
      'a changed layer',
      ({ folder, names }) => {
        const path = join(folder, names[1]!);
        const bytes = readFileSync(path);
        bytes[bytes.length - 1]! ^= 1;
        writeFileSync(path, bytes);
        return names;
      },
      /has the digest/,
      'checksum-mismatch',
    ],
    [
      'a size that is not so',
      ({ folder, names }) => {
        writeFileSync(join(folder, names[1]!), 'short');
        return names;
      },
      /has 5 bytes instead of/,
    ],
    [
      'layers in the wrong order',
      ({ folder }) =>
        editManifest(folder, (manifest) => {
          const { record, layers } = manifest;
          layers.reverse();
          record.layers.reverse();
          record.id = record.layers[0]!;
        }),
      /stands on/,
    ],
    [
      'a manifest that is none',
      ({ folder }) => void writeFileSync(join(folder, 'image.json'), '{"kind":"kiln-image"'),
      /not JSON/,
    ],
    [
      'a manifest of something else',
      ({ folder }) => void writeFileSync(join(folder, 'image.json'), '[1]'),
      /describes no image/,
    ],
    [
      'a manifest that is huge',
      ({ folder }) => void writeFileSync(join(folder, 'image.json'), ' '.repeat(5 << 20)),
      /too large/,
    ],
    [
      'a later schema',
      ({ folder }) => editManifest(folder, (manifest) => Object.assign(manifest, { schema: 2 })),
      /schema 2/,
    ],
    [
      'a disk larger than it is',
      ({ folder }) => editManifest(folder, ({ record }) => Object.assign(record, { virtualSize: 2 ** 40 })),
      /has 8388608 bytes instead of/,
    ],
    [
      'an option for a user name',
      ({ folder }) =>
        editManifest(folder, ({ record }) => Object.assign(record, { user: '-oProxyCommand=x' })),
      /impossible user name/,
    ],
    [
      'more than fits',
      ({ folder }) => editManifest(folder, ({ layers }) => Object.assign(layers[0]!, { size: 2 ** 50 })),
      /needs 1024 TB in /,
      'disk-full',
    ],
    [
      'a layer on a file of the host',
      ({ folder, names, record }) => {
        const evil = workshop.path('evil.qcow2');
        qemuImg('create', '-q', '-u', '-f', 'qcow2', '-b', '/etc/hostname', '-F', 'raw', evil, '8M');
        const bytes = readFileSync(evil);
        const digest = createHash('sha256').update(bytes).digest('hex');
        writeFileSync(join(folder, 'layers', `${digest}.qcow2`), bytes);
        editManifest(folder, (manifest) => {
          const layers = [digest, ...record.layers.slice(1)];
          Object.assign(manifest.record, { id: digest, layers });
          Object.assign(manifest.layers[0]!, { digest, size: bytes.length });
        });
        return [...names.slice(0, 2), `layers/${digest}.qcow2`];
      },
      /stands on "\/etc\/hostname" instead of/,
    ],
  ];
  for (const [what, spoil, message, code = 'file-unsafe'] of cases) {
    const store = workshop.store();
    await assert.rejects(
      store.importImage(await spoiled(spoil), { references: ['web'] }),
      (error: Error & { code?: string }) => {
        assert.match(error.message, message, what);
        assert.equal(error.code, code, what);
        return true;
      },
      what,
    );
    assert.deepEqual(contents(store), [], what);
  }
});

test('an archive that is cut off is refused at every place, compressed or not', async () => {
  const { folder, names } = await good;
  const whole = workshop.path('whole.tar');
  execFileSync('tar', ['-cf', whole, '-C', folder, ...names]);
  const bytes = readFileSync(whole);
  for (const length of [600, 1500, 100_000, bytes.length >> 1]) {
    const plain = workshop.path('cut.tar');
    writeFileSync(plain, bytes.subarray(0, length));
    const packed = workshop.path('cut.tar.zst');
    const zst = execFileSync('zstd', ['-c', whole], { maxBuffer: 1 << 28 });
    writeFileSync(packed, zst.subarray(0, Math.floor((zst.length * length) / bytes.length) + 100));
    for (const path of [plain, packed]) {
      const store = workshop.store();
      await assert.rejects(store.importImage(path, { references: ['web'] }), { code: 'file-unsafe' });
      assert.deepEqual(contents(store), []);
    }
  }
});

test("the key of a stranger's build is not believed", async () => {
  const key = 'a'.repeat(64);
  const archive = await spoiled(({ folder }) =>
    editManifest(folder, ({ record }) => Object.assign(record.provenance, { key })),
  );
  const store = workshop.store();
  await store.importImage(archive, { references: ['web'] });
  assert.equal(await store.findByKey(key), undefined);
});
