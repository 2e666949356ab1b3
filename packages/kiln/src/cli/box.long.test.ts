import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBox } from '../sources/boxes/testing.ts';
import { makeWorkshop } from './testing.ts';

/** A folder with a catalogue of a box in two versions, and an environment of its own. */
function bench(t: TestContext) {
  const workshop = makeWorkshop(t);
  const providers = ['1.0', '1.1'].map((version) => {
    const { path, sha256 } = makeBox(workshop.folder, `web-${version}.box`, {
      'metadata.json': '{"provider":"libvirt"}',
      'info.json': '{"author":"me"}',
      version,
    });
    return {
      version,
      providers: [{ name: 'libvirt', url: path, checksum_type: 'sha256', checksum: sha256 }],
    };
  });
  const publish = (count: number) =>
    writeFileSync(
      join(workshop.folder, 'web.json'),
      JSON.stringify({ name: 'team/web', versions: providers.slice(0, count) }),
    );
  publish(1);
  return { ...workshop, publish };
}

test('boxes are added, listed, compared, updated, packed, pruned and removed', async (t) => {
  const { kiln, publish, folder } = bench(t);
  assert.deepEqual(await kiln('box', 'list'), {
    code: 0,
    stdout: '',
    stderr: 'There are no boxes yet. `kiln box add` gets some.\n',
  });
  const added = await kiln('box', 'add', 'web.json');
  assert.deepEqual([added.code, added.stdout], [0, 'team/web 1.0 for libvirt\n'], added.stderr);
  const again = await kiln('box', 'add', 'web.json');
  assert.deepEqual(
    [again.code, again.stderr],
    [1, 'error: the box team/web 1.0 for libvirt is here already\nhint: replace it with --force\n'],
  );
  assert.equal((await kiln('box', 'add', 'web.json', '--force')).code, 0);
  const direct = await kiln('box', 'add', 'web-1.0.box', '--name', 'plain');
  assert.equal(direct.stdout, 'plain 0 for libvirt\n', direct.stderr);

  assert.equal(
    (await kiln('box', 'outdated')).stdout,
    'plain 0 for libvirt: it came without a catalogue\nteam/web 1.0 for libvirt: the newest\n',
  );
  publish(2);
  const states = JSON.parse((await kiln('box', 'outdated', '--json')).stdout) as {
    name: string;
    state: string;
    latest?: string;
  }[];
  assert.deepEqual(
    states.map(({ name, state, latest }) => [name, state, latest]),
    [
      ['plain', 'no-catalogue', undefined],
      ['team/web', 'outdated', '1.1'],
    ],
  );
  assert.equal((await kiln('box', 'update')).stdout, 'team/web 1.1 for libvirt is here; 1.0 is, too\n');
  assert.equal(
    (await kiln('box', 'update', '--box', 'team/web')).stdout,
    'team/web 1.1 for libvirt is the newest\n',
  );
  assert.equal(
    (await kiln('box', 'list', '-i')).stdout,
    [
      'NAME      VERSION  PROVIDER  ARCHITECTURE',
      'plain     0        libvirt   -',
      '  author: me',
      'team/web  1.0      libvirt   -',
      '  author: me',
      'team/web  1.1      libvirt   -',
      '  author: me',
      '',
    ].join('\n'),
  );

  const packed = await kiln('box', 'repackage', 'team/web', 'libvirt', '1.1', '-o', 'again.box');
  assert.equal(packed.stdout, 'again.box is the box team/web 1.1 for libvirt\n', packed.stderr);
  assert.equal(
    execFileSync('tar', ['-xzOf', 'again.box', 'version'], { cwd: folder, encoding: 'utf8' }),
    '1.1',
  );

  const unclear = await kiln('box', 'remove', 'team/web');
  assert.deepEqual(
    [unclear.code, unclear.stderr],
    [
      2,
      'error: the box team/web is here in several versions\nhint: say which with --box-version, or --all: 1.0, 1.1\n',
    ],
  );
  assert.equal((await kiln('box', 'prune', '--dry-run')).stdout, 'would remove team/web 1.0 for libvirt\n');
  assert.equal((await kiln('box', 'prune')).stdout, 'removed team/web 1.0 for libvirt\n');
  assert.equal((await kiln('box', 'remove', 'team/web')).stdout, 'removed team/web 1.1 for libvirt\n');
  assert.equal(
    (await kiln('box', 'remove', 'team/web')).stderr,
    'error: there is no box team/web here\nhint: see `kiln box list`\n',
  );
});

test('a mirror in a folder takes the place of the registry', async (t) => {
  const { kiln, start, publish, folder } = bench(t);
  publish(2);
  const mirrored = await kiln('box', 'mirror', 'web.json', '--to', 'mirror');
  assert.deepEqual(
    [mirrored.code, mirrored.stdout],
    [0, 'mirror has 2 of these boxes, 2 of them new\n'],
    mirrored.stderr,
  );
  assert.equal(
    (await kiln('box', 'mirror', 'web.json', '--to', 'mirror', '--version', 'newest')).stdout,
    'mirror has 1 of these boxes, 0 of them new\n',
  );
  const env = { VAGRANT_SERVER_URL: `file://${join(folder, 'mirror')}` };
  const added = await start(['box', 'add', 'team/web', '--box-version', '< 1.1', '--json'], env).done;
  assert.equal(JSON.parse(added.stdout).version, '1.0', added.stderr);
  const gone = await start(['box', 'add', 'team/gone'], env).done;
  assert.match(gone.stderr, /^error: file:\/\/FOLDER\/mirror has no box team\/gone$/m);
});

const refused: readonly (readonly [what: string, args: readonly string[], code: number, stderr: RegExp])[] = [
  ['a box that is nowhere', ['add', 'nothing'], 1, /^error: there is no box nothing\nhint: /],
  [
    'a file without a name',
    ['add', 'web-1.0.box'],
    2,
    /without a catalogue, and so without a name\nhint: give it one with --name/,
  ],
  [
    'a constraint that is none',
    ['add', 'web.json', '--box-version', '=> 1'],
    2,
    /^error: "=> 1" is no constraint/,
  ],
  ['a checksum of no kind', ['add', 'web-1.0.box', '--name', 'x', '--checksum', 'ab'], 2, /needs its kind/],
  [
    'a checksum that is too short',
    ['add', 'web-1.0.box', '--name', 'x', '--checksum', 'ab', '--checksum-type', 'md5'],
    2,
    /is no md5 checksum/,
  ],
  [
    'certificates that are not there',
    ['add', 'http://127.0.0.1:1/x', '--name', 'x', '--cacert', 'gone'],
    1,
    /^error: the certificates in gone cannot be read/,
  ],
  ['a server that is not there', ['add', 'http://127.0.0.1:1/x', '--name', 'x'], 1, /^error: .*ECONNREFUSED/],
  ['a mirror to nowhere', ['mirror', 'team/web'], 2, /^error: kiln box mirror: --to is missing/],
  [
    'hostile.box',
    ['add', 'hostile.box', '--name', 'x'],
    1,
    /^error: .*hostile\.box is not unpacked: it holds "\.\.\/escaped", which is outside of it\nhint: /m,
  ],
];

for (const [what, args, code, stderr] of refused) {
  test(`refused: ${what}`, async (t) => {
    const { kiln, folder } = bench(t);
    mkdirSync(join(folder, 'inner'));
    writeFileSync(join(folder, 'escaped'), '');
    execFileSync('tar', ['-cPf', '../hostile.box', '../escaped'], { cwd: join(folder, 'inner') });
    const result = await kiln('box', ...args);
    assert.deepEqual([result.code, result.stdout], [code, ''], result.stderr);
    assert.match(result.stderr, stderr);
    assert.equal((await kiln('box', 'list', '--json')).stdout, '[]\n');
  });
}
