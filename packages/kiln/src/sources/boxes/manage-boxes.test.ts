import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { hostArchitecture } from '../../store/boxes/host-architecture.ts';
import { listBoxes, type StoredBox } from '../../store/boxes/stored-boxes.ts';
import { writeFiles } from '../../store/boxes/testing.ts';
import { addBox } from './add-box.ts';
import { type MirrorRequest, mirrorBoxes } from './mirror-boxes.ts';
import { stateOfBox } from './outdated.ts';
import { planBoxPrune, removeBoxes, selectBoxes } from './remove-boxes.ts';
import { repackageBox } from './repackage-box.ts';
import { boxBench, makeBox, serveFiles } from './testing.ts';
import { updateBox } from './update-box.ts';

const foreign = hostArchitecture() === 'arm64' ? 'amd64' : 'arm64';
const download = {};
const shown = (boxes: readonly StoredBox[]) =>
  boxes.map(({ name, version, provider }) => `${name} ${version} ${provider}`);

function bench(t: TestContext) {
  const { root, services } = boxBench(t);
  const put = (name: string, version: string, provider: string, more: object = {}) =>
    writeFiles(join(services.boxes.boxes, name, version, provider), {
      'metadata.json': JSON.stringify({ provider, ...more }),
    });
  return { root, services, put };
}

test('what is to be removed must be clear, and what would have to be said is told', async (t) => {
  const { services, put } = bench(t);
  for (const version of ['1.0', '1.1']) put('web', version, 'libvirt');
  put('web', '1.1', 'virtualbox');
  put(`web/1.1/${foreign}`, '.', 'libvirt', { architecture: foreign });
  const select = async (wish: object) => {
    const selection = await selectBoxes(services, { name: 'web', ...wish });
    return selection.kind === 'boxes'
      ? shown(selection.boxes)
      : [selection.kind, ...('choices' in selection ? selection.choices : [])];
  };
  assert.deepEqual(await select({ name: 'gone' }), ['no-box']);
  assert.deepEqual(await select({}), ['several-providers', 'libvirt', 'virtualbox']);
  assert.deepEqual(await select({ provider: 'x' }), ['no-provider', 'libvirt', 'virtualbox']);
  assert.deepEqual(await select({ provider: 'libvirt' }), ['several-versions', '1.0', '1.1']);
  assert.deepEqual(await select({ provider: 'libvirt', version: '2' }), ['no-version', '1.0', '1.1']);
  assert.deepEqual(await select({ provider: 'libvirt', version: '1.0' }), ['web 1.0 libvirt']);
  assert.deepEqual((await select({ provider: 'libvirt', version: '1.1' }))[0], 'several-architectures');
  assert.deepEqual(await select({ provider: 'libvirt', version: '1.1', architecture: foreign }), [
    'web 1.1 libvirt',
  ]);
  assert.equal((await select({ allProviders: true, allVersions: true, allArchitectures: true })).length, 4);
});

test('boxes that machines of Vagrant stand on stay unless somebody says so', async (t) => {
  const { root, services, put } = bench(t);
  for (const version of ['1.0', '1.1']) put('web', version, 'libvirt');
  const machine = {
    name: 'default',
    provider: 'libvirt',
    local_data_path: root,
    vagrantfile_path: root,
    extra_data: { box: { name: 'web', provider: 'libvirt', version: '1.0' } },
  };
  writeFiles(services.boxes.folder, {
    'data/machine-index/index': JSON.stringify({ version: 1, machines: { abc: machine } }),
  });
  writeFiles(root, { 'machines/default/libvirt/id': 'x' });
  const boxes = await listBoxes(services.boxes);
  const first = await removeBoxes(services, boxes, { force: false });
  assert.deepEqual(shown(first.removed), ['web 1.1 libvirt']);
  assert.deepEqual(
    first.kept.map(({ users }) => users[0]!.name),
    ['default'],
  );
  const asked: string[] = [];
  const confirm = async (box: StoredBox) => Boolean(asked.push(box.version));
  await removeBoxes(services, await listBoxes(services.boxes), { force: false, confirm });
  assert.deepEqual([asked, readdirSync(services.boxes.boxes)], [['1.0'], []]);
});

test('pruning keeps the newest of each name and provider', async (t) => {
  const { services, put } = bench(t);
  for (const version of ['1.9', '1.10', '1.2']) put('web', version, 'libvirt');
  put('web', '1.0', 'virtualbox');
  put('db', '0', 'libvirt');
  const plan = await planBoxPrune(services, {});
  assert.deepEqual(shown(plan.newest), ['db 0 libvirt', 'web 1.10 libvirt', 'web 1.0 virtualbox']);
  assert.deepEqual(shown(plan.older), ['web 1.2 libvirt', 'web 1.9 libvirt']);
  assert.deepEqual(shown((await planBoxPrune(services, { name: 'db' })).older), []);
});

/** A registry whose boxes and versions can be changed. */
async function registry(t: TestContext, root: string) {
  const files: Record<string, { content: Buffer | string; type?: string }> = {};
  const server = await serveFiles(t, files);
  const publish = (versions: readonly string[], providers = ['libvirt']) => {
    const providersOf = (version: string) =>
      providers.map((name) => {
        const { bytes, sha256 } = makeBox(root, `${name}-${version}.box`, {
          'metadata.json': `{"provider":"${name}"}`,
          version,
        });
        files[`/files/${name}-${version}.box`] = { content: bytes };
        const checksum = name === 'libvirt' ? { checksum_type: 'sha256', checksum: sha256 } : {};
        return { name, url: `${server.origin}/files/${name}-${version}.box`, ...checksum };
      });
    const content = JSON.stringify({
      name: 'team/web',
      description: 'for tests',
      versions: versions.map((version) => ({ version, providers: providersOf(version) })),
    });
    files['/team/web'] = { content, type: 'application/json' };
  };
  return { server, files, publish };
}

test('a box is brought up to date within its constraints, and the old version stays', async (t) => {
  const { root, services } = bench(t);
  const { server, publish } = await registry(t, root);
  publish(['1.0']);
  await addBox(services, { sources: [`${server.origin}/team/web`], providers: [], download, folder: root });
  const [box] = await listBoxes(services.boxes);
  assert.deepEqual(await stateOfBox(services, box!, { download }), { kind: 'current' });
  publish(['1.0', '1.5', '2.0']);
  assert.deepEqual(await stateOfBox(services, box!, { download }), {
    kind: 'outdated',
    latest: '2.0',
    isHere: false,
  });
  const update = await updateBox(services, { name: 'team/web', version: '< 2', download });
  assert.equal(update.kind === 'updated' && update.to.version, '1.5');
  assert.equal((await updateBox(services, { name: 'team/web', version: '< 2', download })).kind, 'current');
  assert.equal((await updateBox(services, { name: 'gone', download })).kind, 'no-box');
  assert.equal((await listBoxes(services.boxes)).length, 2);
  await server.close();
  assert.equal((await stateOfBox(services, box!, { download })).kind, 'unknown');
});

test('a box is packed again as it came', async (t) => {
  const { root, services } = bench(t);
  const { path } = makeBox(root, 'one.box', { 'metadata.json': '{"provider":"libvirt"}', 'a/b': 'content' });
  const one = await addBox(services, { sources: [path], name: 'one', providers: [], download, folder: root });
  writeFileSync(join(one.folder, 'box_update_check'), '');
  const wish = { name: 'one', provider: 'libvirt', version: '0' };
  await repackageBox(services, wish, join(root, 'package.box'));
  const two = await addBox(services, {
    sources: [join(root, 'package.box')],
    name: 'two',
    providers: [],
    download,
    folder: root,
  });
  assert.deepEqual(readdirSync(two.folder).sort(), ['a', 'metadata.json']);
  await assert.rejects(repackageBox(services, wish, join(root, 'package.box')), { code: 'already-exists' });
  await assert.rejects(repackageBox(services, { ...wish, version: '1' }, join(root, 'x')), {
    code: 'not-found',
  });
});

test('a mirror is a registry for Kiln, as files and behind any web server', async (t) => {
  const { root, services } = bench(t);
  const { server, publish } = await registry(t, root);
  publish(['1.0', '1.5', '2.0'], ['libvirt', 'virtualbox']);
  const to = join(root, 'mirror');
  const request: MirrorRequest = {
    sources: ['team/web'],
    server: server.origin,
    to,
    providers: ['libvirt'],
    version: '< 2',
    download,
    folder: root,
  };
  const first = await mirrorBoxes(services, request);
  assert.deepEqual(
    first.map(({ version, wasThere }) => `${version} ${wasThere}`),
    ['1.5 false', '1.0 false'],
  );
  const before = server.requests.filter((one) => one.includes('/files/')).length;
  const again = await mirrorBoxes(services, { ...request, version: 'newest', providers: [] });
  assert.deepEqual(
    again.map(({ version, provider, wasThere }) => `${version} ${provider} ${wasThere}`),
    ['2.0 libvirt false', '2.0 virtualbox false'],
  );
  const all = await mirrorBoxes(services, { ...request, version: '>= 0', providers: [] });
  assert.equal(all.filter(({ wasThere }) => wasThere).length, 4, 'what was there is not fetched again');
  assert.equal(server.requests.filter((one) => one.includes('/files/')).length, before + 4);
  await server.close();

  const box = await addBox(services, {
    sources: ['team/web'],
    server: `file://${to}`,
    providers: ['libvirt'],
    download,
    folder: root,
  });
  assert.equal(box.version, '2.0');
  assert.equal(box.metadataUrl, `file://${to}/api/v2/vagrant/team/web`);
  assert.deepEqual(JSON.parse(readFileSync(join(to, 'team/web'), 'utf8')).versions.length, 3);
  const added = JSON.parse(readFileSync(join(to, 'team/web.json'), 'utf8')).versions[0].providers;
  assert.ok(
    added.every((one: { checksum: string }) => one.checksum.length === 64),
    'those without a checksum got one',
  );
});

test('a damaged file of a mirror is fetched again, and one that lies is not taken', async (t) => {
  const { root, services } = bench(t);
  const { server, publish, files } = await registry(t, root);
  publish(['1.0']);
  const to = join(root, 'mirror');
  const request: MirrorRequest = {
    sources: [`${server.origin}/team/web`],
    to,
    providers: [],
    download,
    folder: root,
  };
  const [one] = await mirrorBoxes(services, request);
  writeFileSync(one!.file, 'damaged');
  assert.deepEqual(
    (await mirrorBoxes(services, request)).map(({ wasThere }) => wasThere),
    [false],
  );
  publish(['1.0', '1.1']);
  files['/files/libvirt-1.1.box'] = { content: 'something else' };
  await assert.rejects(mirrorBoxes(services, request), { code: 'checksum-mismatch' });
  assert.equal(existsSync(join(to, 'boxes/team/web/1.1/libvirt.box')), false);
  assert.equal(JSON.parse(readFileSync(join(to, 'team/web'), 'utf8')).versions.length, 1);
  const evil = { name: '../../out', versions: [{ version: '1', providers: [{ name: 'x', url: 'y' }] }] };
  writeFileSync(join(root, 'evil.json'), JSON.stringify(evil));
  await assert.rejects(mirrorBoxes(services, { ...request, sources: [join(root, 'evil.json')] }));
  assert.equal(existsSync(join(root, '../out')), false);
});
