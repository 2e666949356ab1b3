import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runOrFail } from '../../base/processes.ts';
import { listBoxes } from '../../store/boxes/stored-boxes.ts';
import { isInstalled } from '../../store/boxes/testing.ts';
import { type AddBoxRequest, addBox } from './add-box.ts';
import { mirrorBoxes } from './mirror-boxes.ts';
import { boxBench, makeBox, type ServedFile, serveFiles } from './testing.ts';

/** The real Vagrant over the same boxes, and a registry that both can ask. */
async function bench(t: TestContext) {
  const { root, services } = boxBench(t);
  const files: Record<string, ServedFile> = {};
  const { origin } = await serveFiles(t, files);
  const versions = ['1.9.0', '1.10.0'].map((version) => ({
    version,
    providers: ['libvirt', 'virtualbox'].map((name) => {
      const { bytes, sha256 } = makeBox(root, `${name}-${version}.box`, {
        'metadata.json': JSON.stringify({ provider: name }),
        version,
      });
      files[`/files/${name}-${version}.box`] = { content: bytes };
      return {
        name,
        url: `${origin}/files/${name}-${version}.box`,
        checksum_type: 'sha256',
        checksum: sha256,
      };
    }),
  }));
  files['/team/web'] = { content: JSON.stringify({ name: 'team/web', versions }), type: 'application/json' };
  // It runs beside this process, whose server has to answer it.
  const vagrant = async (args: readonly string[], more: object = {}) => {
    const env = { ...services.env, VAGRANT_CHECKPOINT_DISABLE: '1', ...more };
    return (await runOrFail('vagrant', ['box', ...args], { env, cwd: root })).stdout;
  };
  const add = (more: Partial<AddBoxRequest>) =>
    addBox(services, {
      sources: [`${origin}/team/web`],
      providers: ['libvirt'],
      download: {},
      folder: root,
      ...more,
    });
  const list = async () =>
    (await listBoxes(services.boxes)).map(({ name, version, provider }) => `${name} ${version} ${provider}`);
  return { root, services, origin, vagrant, add, list };
}

const noVagrant = (await isInstalled('vagrant')) ? false : 'there is no vagrant here';

test('what Vagrant adds is here, and what Kiln adds is there', { skip: noVagrant }, async (t) => {
  const { services, origin, vagrant, add, list } = await bench(t);
  const url = `${origin}/team/web`;
  await vagrant(['add', url, '--provider', 'virtualbox', '--box-version', '1.10.0']);
  await add({ version: '1.9.0' });
  assert.deepEqual(await list(), ['team/web 1.9.0 libvirt', 'team/web 1.10.0 virtualbox']);
  assert.ok((await listBoxes(services.boxes)).every(({ metadataUrl }) => metadataUrl === url));
  const theirs = await vagrant(['list']);
  assert.match(theirs, /^team\/web \(libvirt, 1\.9\.0\)\nteam\/web \(virtualbox, 1\.10\.0\)$/m);
  assert.match(await vagrant(['outdated', '--global']), /'team\/web' for 'libvirt'.*1\.9\.0.*1\.10\.0/s);
  await vagrant(['remove', 'team/web', '--provider', 'libvirt']);
  assert.deepEqual(await list(), ['team/web 1.10.0 virtualbox']);
  writeFileSync(join(services.boxes.folder, 'setup_version'), '1.1');
  await assert.rejects(add({}), { code: 'unsupported', message: /layout 1\.1/ });
});

test('Vagrant takes a mirror for its registry, behind a web server and as files', {
  skip: noVagrant,
}, async (t) => {
  const { root, services, origin, vagrant, list } = await bench(t);
  const served: Record<string, ServedFile> = {};
  const mirror = await serveFiles(t, served);
  const to = join(root, 'mirror');
  const request = { sources: [`${origin}/team/web`], to, providers: ['libvirt'], download: {}, folder: root };
  await mirrorBoxes(services, { ...request, baseUrl: mirror.origin });
  for (const name of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    if (!statSync(join(to, name), { throwIfNoEntry: false })?.isFile()) continue;
    const isCatalogue = !/\.[a-z]+$/.test(name) || name.endsWith('.json');
    const type = isCatalogue ? { type: 'application/json' } : {};
    served[`/${name}`] = { content: readFileSync(join(to, name)), ...type };
  }
  const server = { VAGRANT_SERVER_URL: mirror.origin };
  await vagrant(['add', 'team/web', '--provider', 'libvirt', '--box-version', '1.9.0'], server);
  await vagrant(['update', '--box', 'team/web'], server);
  assert.deepEqual(await list(), ['team/web 1.9.0 libvirt', 'team/web 1.10.0 libvirt']);
  rmSync(services.boxes.boxes, { recursive: true });
  await vagrant(['add', `${mirror.origin}/team/web.json`]);
  assert.deepEqual(await list(), ['team/web 1.10.0 libvirt']);
  rmSync(services.boxes.boxes, { recursive: true });
  await mirrorBoxes(services, request);
  await vagrant(['add', 'team/web'], { VAGRANT_SERVER_URL: `file://${to}` });
  assert.deepEqual(await list(), ['team/web 1.10.0 libvirt']);
});
