import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BoxOutput } from '../plan/output.ts';
import { hostArchitecture } from '../store/boxes/host-architecture.ts';
import { unpackBox } from '../store/boxes/unpack-box.ts';
import { boxOutputDefault, runBoxOutput } from './box.ts';
import { makeOutputBench, type OutputBench } from './test-support.ts';

function output(more: Partial<BoxOutput> = {}): BoxOutput {
  return { kind: 'box', path: { kind: 'template', source: boxOutputDefault }, include: [], ...more };
}

/** A disk that stands on another, as a build's does. */
function makeDisk(bench: OutputBench) {
  const raw = Buffer.alloc(8 << 20);
  raw.write('from below', 1 << 20);
  writeFileSync(join(bench.folder, 'base.raw'), raw);
  const qemuImg = (...args: string[]) => execFileSync('qemu-img', args, { cwd: bench.folder, stdio: 'pipe' });
  qemuImg('convert', '-f', 'raw', '-O', 'qcow2', 'base.raw', 'base.qcow2');
  qemuImg('create', '-f', 'qcow2', '-F', 'qcow2', '-b', 'base.qcow2', 'top.qcow2', '3G');
  return { path: join(bench.folder, 'top.qcow2'), format: 'qcow2', seeded: false } as const;
}

async function unpacked(bench: OutputBench, name: string): Promise<string> {
  const folder = join(bench.folder, `${name}.d`);
  mkdirSync(folder);
  await unpackBox(join(bench.folder, name), folder, { signal: new AbortController().signal });
  return folder;
}

test('a box has the whole disk, and what Vagrant and its maker want to say', async (t) => {
  const bench = await makeOutputBench(t);
  const disk = makeDisk(bench);
  const files = {
    own: '# {{ .BuildName }} for {{ .Provider }}\n',
    'facts.json': '{"author":"me"}',
    'notes.txt': 'read me',
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(bench.folder, name), content);
  const { artifact, keepInput } = await runBoxOutput(
    output({ vagrantfile: 'own', info: 'facts.json', include: ['notes.txt'] }),
    bench.artifact([], { disk: { ...disk, firmware: ['efi'] } }),
    bench.context(),
  );
  assert.deepEqual([artifact.files, keepInput, artifact.id], [['packer_one_libvirt.box'], false, 'libvirt']);
  const folder = await unpacked(bench, 'packer_one_libvirt.box');
  assert.deepEqual(readdirSync(folder).sort(), [
    'Vagrantfile',
    'box.img',
    'info.json',
    'metadata.json',
    'notes.txt',
  ]);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'metadata.json'), 'utf8')), {
    provider: 'libvirt',
    format: 'qcow2',
    virtual_size: 3,
    architecture: hostArchitecture(),
  });
  const vagrantfile = readFileSync(join(folder, 'Vagrantfile'), 'utf8');
  assert.match(
    vagrantfile,
    /^Vagrant\.configure\("2"\) do \|config\|\n[\s\S]*loader[\s\S]*\nend\n\n# one for libvirt\n$/,
  );
  const info = JSON.parse(
    execFileSync('qemu-img', ['info', '--output=json', join(folder, 'box.img')], { encoding: 'utf8' }),
  );
  assert.equal(info['backing-filename'], undefined);
  execFileSync('qemu-img', ['compare', '-q', join(folder, 'box.img'), disk.path]);
  await artifact.destroy();
  assert.ok(!readdirSync(bench.folder).includes('packer_one_libvirt.box'));
});

test('the same disk gives the same box, in the place of an older one', async (t) => {
  const bench = await makeOutputBench(t);
  const disk = makeDisk(bench);
  const make = async () => {
    await runBoxOutput(
      output({ path: 'out/web.box', level: 9 }),
      bench.artifact([], { disk }),
      bench.context(),
    );
    return readFileSync(join(bench.folder, 'out/web.box'));
  };
  assert.ok((await make()).equals(await make()));
  assert.deepEqual(readdirSync(join(bench.folder, 'out')), ['web.box']);
});

test('what cannot become a box is told, and leaves nothing', async (t) => {
  const bench = await makeOutputBench(t);
  const disk = makeDisk(bench);
  writeFileSync(join(bench.folder, 'list.json'), '[]');
  mkdirSync(join(bench.folder, 'x'));
  writeFileSync(join(bench.folder, 'x/box.img'), '');
  const run = (more: Partial<BoxOutput>, artifact = bench.artifact([], { disk })) =>
    runBoxOutput(output({ path: 'out/web.box', ...more }), artifact, bench.context());
  await assert.rejects(run({}, bench.artifact(['a', 'b'])), { code: 'output-failed', message: /no disk/ });
  await assert.rejects(run({ info: 'list.json' }), { code: 'template-invalid', message: /no JSON object/ });
  await assert.rejects(run({ vagrantfile: 'gone' }), { code: 'file-missing' });
  await assert.rejects(run({ include: ['x/box.img'] }), {
    code: 'bad-usage',
    message: /has a box\.img of its own/,
  });
  await assert.rejects(run({ include: ['gone'] }), /gone/);
  assert.ok(!readdirSync(bench.folder).includes('out'));
  assert.deepEqual(
    readdirSync(bench.run.folder).filter((name) => name.startsWith('box-')),
    [],
  );
});
