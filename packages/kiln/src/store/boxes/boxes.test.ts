import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Run } from '../run.ts';
import { boxUsers } from './box-users.ts';
import { deleteBoxes, type NewBox, placeBox, stagingFolder } from './change-boxes.ts';
import { hostArchitecture } from './host-architecture.ts';
import { membersOf, packBox } from './pack-box.ts';
import { findBox, listBoxes } from './stored-boxes.ts';
import { boxFolder, isInstalled, writeFiles } from './testing.ts';
import { unpackBox } from './unpack-box.ts';
import { takeUpdateCheck } from './update-stamp.ts';
import { makeVagrantHome, vagrantHome } from './vagrant-home.ts';

const signal = new AbortController().signal;
const foreign = hostArchitecture() === 'arm64' ? 'amd64' : 'arm64';

async function bench(t: TestContext) {
  const root = boxFolder(t);
  const home = vagrantHome({ VAGRANT_HOME: join(root, 'vagrant') });
  await makeVagrantHome(home);
  const run = await Run.open(join(root, 'kiln'));
  t.after(() => run.close());
  const add = async (box: Partial<NewBox> = {}, replace = false) => {
    const whole = { name: 'a/b', version: '1.0', provider: 'libvirt', ...box };
    const staging = join(await stagingFolder(home, run), 'box');
    const { provider, architecture } = whole;
    writeFiles(staging, { 'metadata.json': JSON.stringify({ provider, architecture }) });
    await placeBox(home, staging, whole, { replace });
  };
  return { root, home, run, add };
}

const shown = (box: { name: string; version: string; provider: string; architecture?: string } | undefined) =>
  box && [box.name, box.version, box.provider, box.architecture].filter(Boolean).join(' ');

test('boxes stand where Vagrant has them, and only those of other architectures in folders of these', async (t) => {
  const { home, add } = await bench(t);
  await add({ metadataUrl: 'https://example.org/a/b' });
  await add({ version: '1.10', architecture: hostArchitecture() });
  await add({ version: '1.9', architecture: foreign });
  await add({ name: 'plain', version: '0', provider: 'virtualbox' });
  assert.deepEqual(readdirSync(home.boxes).sort(), ['a-VAGRANTSLASH-b', 'plain']);
  assert.equal(
    readFileSync(join(home.boxes, 'a-VAGRANTSLASH-b/metadata_url'), 'utf8'),
    'https://example.org/a/b',
  );
  assert.ok(existsSync(join(home.boxes, 'a-VAGRANTSLASH-b/1.10/libvirt/metadata.json')));
  assert.ok(existsSync(join(home.boxes, `a-VAGRANTSLASH-b/1.9/${foreign}/libvirt/metadata.json`)));
  assert.equal(readFileSync(join(home.folder, 'setup_version'), 'utf8'), '1.5');
  assert.deepEqual((await listBoxes(home)).map(shown), [
    'a/b 1.0 libvirt',
    `a/b 1.9 libvirt ${foreign}`,
    `a/b 1.10 libvirt ${hostArchitecture()}`,
    'plain 0 virtualbox',
  ]);
});

test('the newest box that meets all wishes is found', async (t) => {
  const { home, add } = await bench(t);
  await add();
  await add({ version: '1.2', provider: 'virtualbox' });
  await add({ version: '1.2' });
  await add({ version: '1.3', architecture: foreign });
  await add({ version: '2.0.beta', provider: 'virtualbox' });
  const find = async (wish: object) => shown(await findBox(home, { name: 'a/b', ...wish }));
  assert.equal(await find({}), 'a/b 2.0.beta virtualbox');
  assert.equal(await find({ providers: ['libvirt'] }), `a/b 1.3 libvirt ${foreign}`);
  assert.equal(await find({ providers: ['libvirt'], architecture: 'auto' }), 'a/b 1.2 libvirt');
  assert.equal(
    await find({ providers: ['virtualbox', 'libvirt'], version: '~> 1.0', architecture: 'auto' }),
    'a/b 1.2 virtualbox',
  );
  assert.equal(
    await find({ providers: ['libvirt', 'virtualbox'], version: '~> 1.0', architecture: 'auto' }),
    'a/b 1.2 libvirt',
  );
  assert.equal(await find({ version: '< 1.2' }), 'a/b 1.0 libvirt');
  assert.equal(await find({ version: '> 3' }), undefined);
  assert.equal(await find({ name: 'c' }), undefined);
  await assert.rejects(find({ version: 'x' }), { code: 'bad-usage' });
});

test('a box is replaced only when that is asked for, and removed with what is left of its folders', async (t) => {
  const { home, run, add } = await bench(t);
  await add({ metadataUrl: 'https://example.org/a/b' });
  await assert.rejects(add(), {
    code: 'already-exists',
    message: 'the box a/b 1.0 for libvirt is here already',
  });
  await add({}, true);
  await add({ version: '2', architecture: foreign });
  const [one, two] = await listBoxes(home);
  await deleteBoxes(home, [two!], run);
  assert.deepEqual(readdirSync(join(home.boxes, 'a-VAGRANTSLASH-b')).sort(), ['1.0', 'metadata_url']);
  await deleteBoxes(home, [one!], run);
  assert.deepEqual(readdirSync(home.boxes), []);
  await run.close();
  assert.deepEqual(readdirSync(home.temporary), []);
});

test('names and versions that would lead elsewhere are refused', async (t) => {
  const { add } = await bench(t);
  for (const name of ['', '..', '.hidden', 'x/', 'a\0b', 'x'.repeat(300), 'a\\b'])
    await assert.rejects(add({ name }), { code: 'bad-usage' }, name);
  for (const version of ['', '../x', 'v1', '1/2', ' 1'])
    await assert.rejects(add({ version }), { code: 'bad-usage' }, version);
});

test('a catalogue may be asked once an hour', async (t) => {
  const { home, add } = await bench(t);
  await add();
  const [box] = await listBoxes(home);
  assert.equal(await takeUpdateCheck(box!), true);
  assert.equal(await takeUpdateCheck(box!), false);
  const stamp = join(box!.folder, 'box_update_check');
  utimesSync(stamp, new Date(), new Date(Date.now() - 3_700_000));
  assert.equal(await takeUpdateCheck(box!), true);
  assert.ok(Date.now() - statSync(stamp).mtimeMs < 60_000);
});

test('machines of Vagrant that stand on a box are found, those that are gone are not', async (t) => {
  const { root, home, add } = await bench(t);
  await add();
  const machine = (name: string, version: string) => ({
    name,
    provider: 'libvirt',
    local_data_path: join(root, '.vagrant'),
    vagrantfile_path: root,
    extra_data: { box: { name: 'a/b', provider: 'libvirt', version } },
  });
  const machines = {
    aaa: machine('web', '1.0'),
    bbb: machine('db', '1.0'),
    ccc: machine('old', '0.9'),
    ddd: {},
  };
  writeFiles(root, { 'vagrant/data/machine-index/index': JSON.stringify({ version: 1, machines }) });
  writeFiles(root, { '.vagrant/machines/web/libvirt/id': 'x', '.vagrant/machines/old/libvirt/id': 'x' });
  const [box] = await listBoxes(home);
  assert.deepEqual(await boxUsers(home, box!), [{ id: 'aaa', name: 'web', folder: root }]);
  writeFileSync(home.machineIndex, 'not json');
  assert.deepEqual(await boxUsers(home, box!), []);
});

test('a box that Kiln packs is the same for the same files, and other programs read it', async (t) => {
  const { root, run } = await bench(t);
  const source = writeFiles(join(root, 'source'), {
    'metadata.json': '{"provider":"libvirt"}',
    'box.img': Buffer.alloc(3_500_000, 'some text '),
    'include/a': 'a',
  });
  const members = await membersOf(source);
  for (const name of ['one.box', 'two.box']) await packBox(join(root, name), members, { run, signal });
  assert.ok(readFileSync(join(root, 'one.box')).equals(readFileSync(join(root, 'two.box'))));
  await assert.rejects(packBox(join(root, 'one.box'), members, { run, signal }), { code: 'already-exists' });
  await assert.rejects(packBox(join(root, 'gone/one.box'), members, { run, signal }), {
    code: 'file-missing',
  });
  for (const program of ['tar', 'bsdtar']) {
    if (!(await isInstalled(program))) continue;
    const to = join(root, program);
    mkdirSync(to);
    execFileSync(program, ['-xzf', join(root, 'one.box'), '-C', to]);
    execFileSync('diff', ['-r', source, to]);
  }
  const own = join(root, 'own');
  mkdirSync(own);
  await unpackBox(join(root, 'one.box'), own, { signal });
  execFileSync('diff', ['-r', source, own]);
  assert.deepEqual(
    readdirSync(root).filter((name) => name.endsWith('.part')),
    [],
  );
});
