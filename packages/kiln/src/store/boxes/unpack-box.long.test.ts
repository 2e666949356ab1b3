import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import tar from 'tar-stream';
import { tarChecksum } from '../tar-fields.ts';
import { boxFolder, isInstalled, writeFiles } from './testing.ts';
import { type UnpackOptions, unpackBox } from './unpack-box.ts';
import { usualLimits } from './unpack-budget.ts';

const metadata = '{"provider":"libvirt","format":"qcow2","virtual_size":2}';

function unpack(t: TestContext, path: string, options: Partial<UnpackOptions> = {}) {
  const folder = join(boxFolder(t), 'box');
  mkdirSync(folder);
  return {
    folder,
    done: unpackBox(path, folder, { signal: new AbortController().signal, shown: 'the.box', ...options }),
  };
}

type Header = Partial<tar.Header> & { readonly name: string };

async function tarOf(
  ...members: readonly (readonly [header: Header, content?: string | Buffer])[]
): Promise<Buffer> {
  const pack = tar.pack();
  for (const [header, content = ''] of members) pack.entry(header as tar.Header, content);
  pack.finalize();
  const parts: Buffer[] = [];
  for await (const part of pack as unknown as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

function boxFile(t: TestContext, bytes: Buffer): string {
  const path = join(boxFolder(t), 'the.box');
  writeFileSync(path, bytes);
  return path;
}

/** A file of `size` bytes with data at the given places. */
function sparseFile(path: string, size: number, places: readonly number[]): void {
  writeFileSync(path, '');
  truncateSync(path, size);
  const file = openSync(path, 'r+');
  for (const place of places) writeSync(file, `here is ${place}`, place);
  closeSync(file);
}

test('tar, tar.gz, tar.zst and zip boxes are unpacked, with modes and links that stay inside', async (t) => {
  const plain = await tarOf(
    [{ name: './metadata.json' }, metadata],
    [{ name: './include/', type: 'directory' }],
    [{ name: './include/run.sh', mode: 0o4777 }, '#!/bin/sh\n'],
    [{ name: './include/again.sh', type: 'link', linkname: './include/run.sh' }],
    [{ name: './current', type: 'symlink', linkname: 'include/run.sh' }],
    [{ name: `${'long/'.repeat(30)}name` }, 'deep'],
  );
  for (const bytes of [plain, gzipSync(plain), zstdCompressSync(plain)]) {
    const { folder, done } = unpack(t, boxFile(t, bytes));
    assert.deepEqual(await done, {
      provider: 'libvirt',
      format: 'qcow2',
      virtualSize: 2 * 2 ** 30,
      disks: [],
    });
    assert.equal(statSync(join(folder, 'include/run.sh')).mode & 0o7777, 0o755);
    assert.equal(readFileSync(join(folder, 'include/again.sh'), 'utf8'), '#!/bin/sh\n');
    assert.equal(readlinkSync(join(folder, 'current')), 'include/run.sh');
    assert.equal(readFileSync(join(folder, `${'long/'.repeat(30)}name`), 'utf8'), 'deep');
  }
  const source = writeFiles(boxFolder(t), {
    'metadata.json': metadata,
    'a/b.txt': 'x'.repeat(100_000),
    empty: '',
  });
  execFileSync('python3', ['-c', zipScript, join(source, '../zipped.box'), source]);
  const { folder, done } = unpack(t, join(source, '../zipped.box'));
  assert.equal((await done).provider, 'libvirt');
  assert.equal(readFileSync(join(folder, 'a/b.txt'), 'utf8').length, 100_000);
  assert.equal(readFileSync(join(folder, 'empty'), 'utf8'), '');
});

for (const program of ['xz', 'bzip2'] as const) {
  test(`boxes compressed with ${program} are unpacked by that program`, async (t) => {
    const plain = await tarOf(
      [{ name: 'metadata.json' }, metadata],
      [{ name: 'zeros' }, Buffer.alloc(4 << 20)],
    );
    const tools = process.env['PATH'];
    t.after(() => {
      process.env['PATH'] = tools;
    });
    if (!(await isInstalled(program))) return t.skip(`${program} is not installed`);
    const packed = execFileSync(program, ['-c'], { input: plain });
    const { folder, done } = unpack(t, boxFile(t, packed));
    assert.equal((await done).provider, 'libvirt');
    assert.equal(statSync(join(folder, 'zeros')).size, 4 << 20);
    const cut = boxFile(t, packed.subarray(0, packed.length - 20));
    await assert.rejects(unpack(t, cut).done, { code: 'file-unsafe', message: /its data ends in an error/ });
    const limits = { ...usualLimits, expanded: 1 << 20, ratio: 1 };
    const bomb = unpack(t, boxFile(t, packed), { limits });
    await assert.rejects(bomb.done, { code: 'file-unsafe', message: /is not unpacked further/ });
    const stop = new AbortController();
    stop.abort();
    const stopped = unpack(t, boxFile(t, packed), { signal: stop.signal });
    await assert.rejects(stopped.done, { code: 'cancelled' });
    process.env['PATH'] = boxFolder(t);
    const missing = unpack(t, boxFile(t, packed));
    await assert.rejects(missing.done, {
      code: 'tool-missing',
      message: `the program "${program}" is not installed`,
    });
  });
}

const zipScript = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    for folder, _, names in os.walk(sys.argv[2]):
        for name in names:
            path = os.path.join(folder, name)
            z.write(path, os.path.relpath(path, sys.argv[2]))
`;

test('sparse files are unpacked as GNU tar and bsdtar pack them', async (t) => {
  const source = writeFiles(boxFolder(t), { 'metadata.json': metadata });
  const size = 40 * 2 ** 20 + 123;
  const places = Array.from({ length: 60 }, (_, index) => 4096 * (1 + index * 150));
  sparseFile(join(source, 'box.img'), size, places);
  sparseFile(join(source, 'tail.img'), size, []);
  const packers: (readonly [string, readonly string[]])[] = [
    ['tar', ['--format=gnu', '-S', '-czf']],
    ['tar', ['--format=posix', '-S', '--sparse-version=0.0', '-czf']],
    ['tar', ['--format=posix', '-S', '--sparse-version=0.1', '-czf']],
    ['tar', ['--format=posix', '-S', '--sparse-version=1.0', '-czf']],
    ['tar', ['--format=ustar', '-czf']],
  ];
  if (await isInstalled('bsdtar')) packers.push(['bsdtar', ['-czf']]);
  for (const [program, args] of packers) {
    const box = join(boxFolder(t), 'the.box');
    execFileSync(program, [...args, box, './metadata.json', './box.img', './tail.img'], { cwd: source });
    const { folder, done } = unpack(t, box);
    await done;
    for (const name of ['box.img', 'tail.img'])
      execFileSync('cmp', [join(source, name), join(folder, name)], { stdio: 'pipe' });
    assert.ok(
      statSync(join(folder, 'box.img')).blocks * 512 < size / 2,
      `${program} ${args.join(' ')}: has holes`,
    );
  }
});

test('a box of Vagrant 1.0 gets the metadata that it lacks', async (t) => {
  const { done } = unpack(t, boxFile(t, await tarOf([{ name: 'box.ovf' }, '<Envelope/>'])));
  assert.deepEqual(await done, { provider: 'virtualbox', disks: [] });
});

const hostile: readonly (readonly [
  what: string,
  members: readonly (readonly [Header, (string | Buffer)?])[],
  says: RegExp,
])[] = [
  ['climbs out by its name', [[{ name: '../escaped' }, 'x']], /it holds "\.\.\/escaped", which is outside/],
  ['climbs out in the middle', [[{ name: 'a/../../escaped' }, 'x']], /outside/],
  ['climbs out with backslashes', [[{ name: '..\\escaped' }, 'x']], /outside/],
  ['has an absolute name', [[{ name: '/tmp/escaped' }, 'x']], /outside/],
  ['links out', [[{ name: 'l', type: 'symlink', linkname: '../..' }]], /the link "l" leads out of it/],
  [
    'links to an absolute path',
    [[{ name: 'l', type: 'symlink', linkname: '/etc/passwd' }]],
    /leads out of it/,
  ],
  [
    'writes through a link',
    [[{ name: 'd', type: 'symlink', linkname: '.' }], [{ name: 'd/metadata.json' }, metadata]],
    /goes through "d", which is a symbolic link/,
  ],
  [
    'links out by way of another link',
    [
      [{ name: 'a/', type: 'directory' }],
      [{ name: 'a/up', type: 'symlink', linkname: '..' }],
      [{ name: 'out', type: 'symlink', linkname: 'a/up/..' }],
    ],
    /the link "out" leads out of it/,
  ],
  ['has a link to nowhere', [[{ name: 'l', type: 'symlink', linkname: 'gone' }]], /which is not there/],
  [
    'has a hard link to a file of the host',
    [[{ name: 'l', type: 'link', linkname: '/etc/passwd' }]],
    /outside/,
  ],
  ['has a hard link to nothing', [[{ name: 'l', type: 'link', linkname: 'gone' }]], /no file of the box/],
  ['has a device', [[{ name: 'd', type: 'block-device' }]], /"d" is a device/],
  ['has a pipe', [[{ name: 'p', type: 'fifo' }]], /"p" is a pipe/],
  [
    'has a file in place of a folder',
    [
      [{ name: 'a/b' }, 'x'],
      [{ name: 'a' }, 'x'],
    ],
    /as a folder and as a file/,
  ],
  ['goes deep', [[{ name: `${'d/'.repeat(70)}x` }, 'x']], /can be no file's name/],
  ['has no metadata', [[{ name: 'box.img' }, 'x']], /it has no metadata\.json/],
  [
    'has a folder for metadata',
    [[{ name: 'metadata.json/', type: 'directory' }]],
    /it has no metadata\.json/,
  ],
  [
    'has a link for metadata that leads out',
    [[{ name: 'metadata.json', type: 'symlink', linkname: '../x' }]],
    /leads out/,
  ],
];

for (const [what, members, says] of hostile) {
  test(`a box that ${what} is refused, and nothing outside of its folder is touched`, async (t) => {
    const { folder, done } = unpack(t, boxFile(t, await tarOf(...members)));
    await assert.rejects(done, { code: 'file-unsafe', message: says });
    assert.deepEqual(readdirSync(join(folder, '..')), ['box']);
    assert.equal(existsSync('/tmp/escaped'), false);
    assert.equal(lstatSync(folder).isDirectory(), true);
  });
}

const lying: readonly (readonly [text: string, says: RegExp])[] = [
  ['[]', /no JSON object/],
  ['{"provider":', /no JSON/],
  ['{}', /names no provider/],
  ['{"provider":"../../x"}', /impossible provider, "\.\.\/\.\.\/x"/],
  ['{"provider":"libvirt","architecture":".."}', /impossible architecture/],
  ['{"provider":"libvirt","virtual_size":-1}', /impossible virtual_size, -1/],
  ['{"provider":"libvirt","virtual_size":1e300}', /impossible virtual_size/],
  ['{"provider":"libvirt","disks":[{"path":"../../../etc/passwd"}]}', /a disk outside of it/],
  ['{"provider":"libvirt","disks":[{"path":"/etc/passwd"}]}', /a disk outside of it/],
  ['{"provider":"libvirt","disks":[{"name":"x"}]}', /has no path/],
  ['{"provider":"libvirt","disks":{}}', /no list/],
  [`{"provider":"libvirt","x":"${'x'.repeat(1 << 20)}"}`, /too large/],
];

for (const [text, says] of lying) {
  test(`metadata is not believed: ${text.slice(0, 70)}`, async (t) => {
    const { done } = unpack(t, boxFile(t, await tarOf([{ name: 'metadata.json' }, text])));
    await assert.rejects(done, { code: 'file-unsafe', message: says });
  });
}

test('a box that unpacks without end is ended, whatever it is packed with', async (t) => {
  const limits = { ...usualLimits, expanded: 1 << 20, ratio: 20 };
  const zeros = await tarOf(
    [{ name: 'metadata.json' }, metadata],
    [{ name: 'zeros' }, Buffer.alloc(32 << 20)],
  );
  const { folder, done } = unpack(t, boxFile(t, gzipSync(zeros)), { limits });
  await assert.rejects(done, { code: 'file-unsafe', message: /more than [\d.]+ MB came out of it/ });
  assert.ok(!existsSync(join(folder, 'zeros')) || statSync(join(folder, 'zeros')).blocks < 100);
});

test('a box that there is no room for is ended before the disk is full', async (t) => {
  const noise = await tarOf([{ name: 'noise' }, randomBytes(4 << 20)]);
  const { done } = unpack(t, boxFile(t, noise), {
    limits: { ...usualLimits, reserve: Number.MAX_SAFE_INTEGER },
  });
  await assert.rejects(done, { code: 'disk-full' });
  const many = await tarOf(
    ...Array.from({ length: 12 }, (_, index) => [{ name: `f${index}` }, 'x'] as const),
  );
  const { done: counted } = unpack(t, boxFile(t, many), { limits: { ...usualLimits, members: 10 } });
  await assert.rejects(counted, { code: 'file-unsafe', message: /more than 10 files/ });
});

test('zip archives whose members overlap, lie or are damaged are refused', async (t) => {
  const folder = boxFolder(t);
  const cases = JSON.parse(
    execFileSync('python3', ['-c', zipBombScript, folder], { encoding: 'utf8' }),
  ) as readonly (readonly [file: string, says: string])[];
  assert.equal(cases.length, 5);
  for (const [file, says] of cases) {
    const { done } = unpack(t, join(folder, file));
    await assert.rejects(done, { code: 'file-unsafe', message: new RegExp(says) }, file);
  }
});

const zipBombScript = `
import json, struct, sys, zipfile
from pathlib import Path
folder = Path(sys.argv[1])
good = folder / "good.zip"
with zipfile.ZipFile(good, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("metadata.json", '{"provider":"libvirt"}')
    z.writestr("kernel", "k" * 200000)
bytes_ = good.read_bytes()
end = bytes_.rindex(b"PK\\x05\\x06")
start = struct.unpack_from("<I", bytes_, end + 16)[0]
def write(name, data):
    (folder / name).write_bytes(bytes(data))
# Both entries of the directory point at the same member.
overlap = bytearray(bytes_)
second = overlap.rindex(b"PK\\x01\\x02")
struct.pack_into("<I", overlap, second + 42, 0)
write("overlap.zip", overlap)
lie = bytearray(bytes_)
struct.pack_into("<I", lie, second + 24, 1000)
write("size.zip", lie)
crc = bytearray(bytes_)
struct.pack_into("<I", crc, second + 16, 1)
write("crc.zip", crc)
many = bytearray(bytes_)
struct.pack_into("<H", many, end + 10, 60000)
write("count.zip", many)
write("cut.zip", bytes_[: len(bytes_) // 2])
print(json.dumps([["overlap.zip", "overlap"], ["size.zip", "another size"], ["crc.zip", "another checksum"],
  ["count.zip", "directory is (damaged|impossible)"], ["cut.zip", "cut off"]]))
`;

test('damaged, cut off and foreign files are refused with what is wrong', async (t) => {
  const good = await tarOf(
    [{ name: 'metadata.json' }, metadata],
    [{ name: 'box.img' }, randomBytes(100_000)],
  );
  const packed = gzipSync(good);
  const hugeNote = Buffer.from(good.subarray(0, 512));
  hugeNote[156] = 'L'.charCodeAt(0);
  hugeNote.write('77777777777\0', 124, 'latin1');
  hugeNote.write(`${tarChecksum(hugeNote).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [packed.subarray(0, packed.length / 2), /its data ends in an error/],
    [
      Buffer.concat([packed.subarray(0, 50_000), Buffer.alloc(100), packed.subarray(50_100)]),
      /ends in an error|checksum/,
    ],
    [good.subarray(0, 50_000), /cut off/],
    [randomBytes(10_000), /neither tar, tar\.gz nor zip/],
    [Buffer.alloc(0), /it is empty/],
    [hugeNote, /a name or note in it is too large/],
  ];
  for (const [bytes, says] of cases) {
    const { done } = unpack(t, boxFile(t, bytes));
    await assert.rejects(done, { code: 'file-unsafe', message: says });
  }
});
