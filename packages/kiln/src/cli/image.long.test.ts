import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

/** A disk of 8 MiB with a little content of its own. */
function makeDisk(path: string, content: string): void {
  const raw = Buffer.alloc(8 << 20);
  raw.write(content, 1 << 20);
  writeFileSync(`${path}.raw`, raw);
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', `${path}.raw`, path]);
}

const steady = (text: string) =>
  text.replace(/sha256:[0-9a-f]{12,64}/g, 'ID').replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'TIME');

test('a disk is imported, listed, shown, tagged, exported, removed and pruned', async (t) => {
  const { kiln, folder } = makeWorkshop(t);
  makeDisk(join(folder, 'disk.qcow2'), 'hello');
  const imported = await kiln(
    'image',
    'import',
    'disk.qcow2',
    'base:1.0',
    '--user',
    'admin',
    '--firmware',
    'bios,efi',
  );
  assert.equal(imported.code, 0, imported.stderr);
  assert.equal(steady(imported.stdout), 'base:1.0 is ID\n');

  assert.equal((await kiln('image', 'tag', 'base:1.0', 'other')).code, 0);
  const listed = JSON.parse((await kiln('image', 'list', '--json')).stdout) as {
    references: string[];
    user: string;
    firmware: string[];
    virtualSize: number;
    provenance: { made: string };
  }[];
  assert.equal(listed.length, 1);
  assert.deepEqual(listed[0]?.references, ['base:1.0', 'other:latest']);
  assert.deepEqual(
    [listed[0].user, listed[0].firmware, listed[0].virtualSize, listed[0].provenance.made],
    ['admin', ['bios', 'efi'], 8 << 20, 'import disk.qcow2'],
  );
  const table = steady((await kiln('image', 'list')).stdout);
  assert.match(
    table,
    /^NAME +ID +CREATED +SIZE +OWN +MADE BY\nbase:1\.0 +ID +TIME .*import disk\.qcow2\nother:latest /,
  );

  const shown = steady((await kiln('image', 'show', 'other')).stdout);
  assert.match(shown, /^names +base:1\.0, other:latest\nid +ID\ncreated +TIME\nmade by +import disk\.qcow2 /);
  assert.match(shown, /^login +admin$/m);

  assert.equal((await kiln('image', 'export', 'base:1.0', 'copy.raw')).code, 0);
  execFileSync('cmp', [join(folder, 'disk.qcow2.raw'), join(folder, 'copy.raw')]);
  const again = await kiln('image', 'export', 'base:1.0', 'copy.raw');
  assert.deepEqual(
    [again.code, again.stderr],
    [1, 'error: FOLDER/copy.raw exists already\nhint: choose another name, or overwrite it with --force\n'],
  );
  assert.equal((await kiln('image', 'export', 'base:1.0', 'copy.raw', '--force')).code, 0);

  assert.deepEqual(await kiln('image', 'verify'), {
    code: 0,
    stdout: 'all is well\n',
    stderr: 'reading images\n',
  });
  const removed = await kiln('image', 'remove', 'base:1.0', 'nope', 'other');
  assert.equal(removed.code, 1);
  assert.match(
    steady(removed.stdout),
    /^base:1\.0 is no name of ID any more; it has others\nremoved other:latest \(ID\), [\d.]+ [KM]B are free now\n$/,
  );
  assert.equal(removed.stderr, 'error: there is no image "nope"\nhint: see `kiln image list`\n');
  assert.equal((await kiln('image', 'list', '--json')).stdout, '[]\n');
});

test('an archive takes an image with all that is known of it to another store', async (t) => {
  const one = makeWorkshop(t);
  makeDisk(join(one.folder, 'disk.qcow2'), 'hello');
  await one.kiln('image', 'import', 'disk.qcow2', 'web:1', '--user', 'admin');
  const exported = await one.kiln('image', 'export', 'web:1', 'web.kiln', '--compress');
  assert.equal(exported.code, 0, exported.stderr);
  const two = makeWorkshop(t);
  const imported = await two.kiln('image', 'import', join(one.folder, 'web.kiln'), 'web:1');
  assert.equal(imported.code, 0, imported.stderr);
  const show = async (workshop: typeof one) =>
    (await workshop.kiln('image', 'show', 'web:1', '--json')).stdout.replace(/"disk": .*/, '');
  assert.equal(await show(two), await show(one));
  assert.equal((await two.kiln('image', 'verify')).code, 0);
});

test('prune tells what it would do, and does it', async (t) => {
  const { kiln, folder } = makeWorkshop(t);
  makeDisk(join(folder, 'one.qcow2'), 'one');
  makeDisk(join(folder, 'two.qcow2'), 'two');
  await kiln('image', 'import', 'one.qcow2', 'web');
  await kiln('image', 'import', 'two.qcow2', 'web');
  const would = await kiln('image', 'prune', '--dry-run');
  assert.match(would.stdout, /^would remove 1 image, 1 layer, 0 downloads: [\d.]+ [KM]B\n$/);
  const did = JSON.parse((await kiln('image', 'prune', '--json')).stdout) as {
    images: string[];
    dryRun: boolean;
  };
  assert.deepEqual([did.images.length, did.dryRun], [1, false]);
  assert.match((await kiln('image', 'prune')).stdout, /^removed 0 images, 0 layers, 0 downloads: 0 B\n$/);
  assert.match((await kiln('image', 'prune', '--all')).stdout, /^removed 1 image, 1 layer/);
});

const refused: readonly (readonly [what: string, args: readonly string[], code: number, stderr: string])[] = [
  [
    'a missing file',
    ['import', 'nope.qcow2', 'web'],
    1,
    'error: there is no file nope.qcow2\nhint: name a file, a URL, or a distribution such as debian/12\n',
  ],
  [
    'a name that cannot be',
    ['import', 'text', 'Web'],
    2,
    'error: "Web" is not an image name\nhint: a name has lower-case letters and digits, with single dots, dashes, underscores or slashes between\n',
  ],
  [
    'a URL without a checksum',
    ['import', 'http://127.0.0.1:1/x', 'web'],
    2,
    'error: an image from a URL needs a checksum\nhint: give --checksum sha256:…, or --checksum none\n',
  ],
  [
    'an unknown firmware',
    ['import', 'text', 'web', '--firmware', 'uefi'],
    2,
    'error: --firmware cannot be "uefi"\nhint: it is bios, efi, or both\n',
  ],
  [
    'a format that no name tells',
    ['export', 'web', 'disk'],
    2,
    'error: the format of disk is not clear from its name\nhint: add --format, or let the name end with .qcow2, .img, .raw, .vmdk, .vhd, .vhdx, .ova, .vdi, .kiln, .tar\n',
  ],
  [
    'an image that is not there',
    ['show', 'web'],
    1,
    'error: there is no image "web"\nhint: see `kiln image list`\n',
  ],
];

for (const [what, args, code, stderr] of refused) {
  test(`${what} is refused`, async (t) => {
    const { kiln } = makeWorkshop(t, { text: 'not a disk' });
    assert.deepEqual(await kiln('image', ...args), { code, stdout: '', stderr });
  });
}

test('a checksum that does not fit keeps a disk out', async (t) => {
  const { kiln, folder } = makeWorkshop(t);
  makeDisk(join(folder, 'disk.qcow2'), 'hello');
  const { code, stderr } = await kiln(
    'image',
    'import',
    'disk.qcow2',
    'web',
    '--checksum',
    `sha256:${'0'.repeat(64)}`,
  );
  assert.equal(code, 1);
  assert.match(stderr, /error: .*0000/);
  assert.equal((await kiln('image', 'list', '--json')).stdout, '[]\n');
});

test('a disk that names another file is refused', async (t) => {
  const { kiln, folder } = makeWorkshop(t);
  makeDisk(join(folder, 'base.qcow2'), 'hello');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', 'base.qcow2', 'top.qcow2'], {
    cwd: folder,
  });
  const { code, stderr } = await kiln('image', 'import', 'top.qcow2', 'web');
  assert.equal(code, 1);
  assert.match(stderr, /^error: .*base\.qcow2/m);
});
