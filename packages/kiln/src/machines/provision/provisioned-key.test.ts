import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import type { Provisioner } from '../../plan/provisioner.ts';
import { shellLocalStep, shellStep } from '../../steps/testing/step-defaults.ts';
import { puppetStep } from '../../steps/testing/tool-steps.ts';
import { type ProvisionedKeySetup, provisionedKey } from './provisioned-key.ts';
import { script, specWith } from './testing.ts';

const vagrantFolder = {
  id: 'vagrant-root',
  hostPath: '/nowhere',
  guestPath: '/vagrant',
  type: 'auto',
  create: false,
  mountOptions: [],
  readOnly: false,
  rsync: { exclude: [], auto: true, chown: true },
} as const;

async function scene(t: TestContext) {
  const root = await temporaryFolder(t);
  const folder = join(root, 'project');
  await mkdir(folder);
  const ask = (
    provisioners: readonly Provisioner[],
    spec: Partial<MachineSpec> = {},
    changes: Partial<ProvisionedKeySetup> = {},
  ) =>
    provisionedKey({
      home: join(root, 'home'),
      spec: specWith(provisioners, spec),
      image: 'sha256:1',
      machine: { qemu: '7.2' },
      folder,
      ...changes,
    });
  return { folder, ask };
}

test('the same machine with the same provisioners has the same key, and what changes it another', async (t) => {
  const { folder, ask } = await scene(t);
  await writeFile(join(folder, 'setup.sh'), 'echo 1\n');
  const files: Provisioner = {
    type: 'shell',
    run: 'once',
    needsGuest: true,
    steps: [shellStep([], { script: { kind: 'files', paths: [join(folder, 'setup.sh')] } })],
  };
  const key = async (...given: Parameters<typeof ask>) => {
    const answer = await ask(...given);
    assert.ok(answer.kind === 'key', JSON.stringify(answer));
    return answer.key;
  };
  const plain = await key([files]);
  assert.equal(await key([files]), plain);
  const free = {
    guest: 80,
    host: 8080,
    hostAddress: '127.0.0.1',
    protocol: 'tcp',
    autoCorrect: true,
  } as const;
  assert.equal(await key([files], { ports: [free], message: 'hello' }), plain);
  assert.equal(await key([files, script('wipe', 'true', { run: 'never' })]), plain);
  const others = [
    await key([files], { memory: 2 ** 31 }),
    await key([files], { hostname: 'other' }),
    await key([files], {}, { image: 'sha256:2' }),
    await key([files], {}, { machine: { qemu: '8.0' } }),
    await key([files, script('more', 'true')]),
    await key([files, script('more', 'true', { run: 'always' })]),
  ];
  await writeFile(join(folder, 'setup.sh'), 'echo 2\n');
  others.push(await key([files]));
  assert.equal(new Set([plain, ...others]).size, others.length); // once and always do the same here
});

test('what acts outside, changes by itself or works with synced folders has no key, and says why', async (t) => {
  const { folder, ask } = await scene(t);
  const reason = async (...given: Parameters<typeof ask>) => {
    const answer = await ask(...given);
    assert.ok(answer.kind === 'none', JSON.stringify(answer));
    return answer.reason;
  };
  const local = { type: 'local', run: 'once', needsGuest: false, steps: [shellLocalStep(['true'])] } as const;
  assert.equal(await reason([local]), 'the provisioner local: a shell-local step can do anything');
  assert.equal(
    await reason([script('join', 'kubeadm token >/vagrant/join.sh')], { folders: [vagrantFolder] }),
    'the provisioner join (shell): it works with the synced folder /vagrant',
  );
  assert.equal(
    await reason([script('fresh', 'true', { steps: [shellStep(['true'], { cache: false })] })]),
    'the provisioner fresh (shell): a step says that it is to be run every time',
  );
  await mkdir(join(folder, 'manifests'));
  await writeFile(join(folder, 'manifests', 'site.pp'), 'file { "/vagrant/x": }');
  const puppet: Provisioner = {
    type: 'puppet',
    run: 'once',
    needsGuest: true,
    steps: [puppetStep({ copies: [{ from: join(folder, 'manifests'), to: '.' }] })],
  };
  assert.equal(
    await reason([puppet], { folders: [vagrantFolder] }),
    'the provisioner puppet: it works with the synced folder /vagrant',
  );
  assert.equal((await ask([puppet])).kind, 'key');
  assert.equal(await reason([]), 'the machine has no provisioners');
});
