import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { planOf, read, temporaryFolder } from './testing.ts';

function project(t: TestContext): string {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'play', 'roles'), { recursive: true });
  mkdirSync(join(folder, 'modules'));
  for (const name of ['play/site.yml', 'play/vars.yml', 'hosts', 'site.pp', 'hiera.yaml'])
    writeFileSync(join(folder, name), '');
  return folder;
}

const shown = (value: unknown, folder: string): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(folder, '.'));

test('a playbook runs from this host, or in the machine with the folder it is in', (t) => {
  const folder = project(t);
  const plan = planOf(
    t,
    `kiln: 1
images:
  web:
    from: debian/12
    steps:
      - ansible: play/site.yml
      - ansible: {playbook: play/site.yml, local: true, vars: {a: "1"}, inventory: hosts, tags: [x], become: false}
  tree:
    from: debian/12
    builder: rootfs
    steps:
      - ansible: {playbook: play/site.yml, vars_file: play/vars.yml, install: false}
`,
    { folder },
  );
  const [web, tree] = plan.builds.map(({ steps }) => steps);
  assert.deepEqual(
    [...web!, ...tree!].map(({ kind, name }) => [kind, name]),
    [
      ['ansible', 'playbook play/site.yml'],
      ['ansible-local', 'playbook play/site.yml'],
      ['ansible-local', 'playbook play/site.yml'],
    ],
  );
  const [host, local] = web!;
  assert.ok(host?.kind === 'ansible' && local?.kind === 'ansible-local');
  assert.deepEqual(shown([host.playbook, host.reads, host.hostName, host.become], folder), [
    './play/site.yml',
    ['./play'],
    'web',
    true,
  ]);
  assert.deepEqual(shown(local.copies, folder), [
    { from: './play', to: '.' },
    { from: './hosts', to: '.kiln/inventory-hosts' },
  ]);
  assert.deepEqual(
    [local.playbooks, local.inventory, local.extraVars, local.tags, local.become, local.install],
    [
      ['site.yml'],
      '.kiln/inventory-hosts',
      { kind: 'values', values: { a: '1' } },
      ['x'],
      false,
      { from: 'packages', withCollections: false },
    ],
  );
  const [inTree] = tree!;
  assert.ok(inTree?.kind === 'ansible-local');
  assert.deepEqual([inTree.extraVars, inTree.install], [{ kind: 'file', path: 'vars.yml' }, undefined]);
});

test('a manifest of Puppet brings its modules and Hiera along', (t) => {
  const folder = project(t);
  const plan = planOf(
    t,
    `kiln: 1
images:
  web:
    from: debian/12
    steps: [{puppet: {manifest: site.pp, modules: [modules], hiera: hiera.yaml, facts: {role: web}}}]
`,
    { folder },
  );
  const [step] = plan.builds[0]!.steps;
  assert.ok(step?.kind === 'puppet');
  assert.deepEqual(shown(step.copies, folder), [
    { from: './site.pp', to: 'manifests/site.pp' },
    { from: './modules', to: 'modules-0' },
    { from: '.', to: 'hiera' },
  ]);
  assert.deepEqual(step.run, {
    kind: 'apply',
    manifest: 'manifests/site.pp',
    modulePath: ['modules-0'],
    hieraConfig: 'hiera/hiera.yaml',
  });
});

test('machines say what is done in them, when, and around what', (t) => {
  const plan = planOf(
    t,
    `kiln: 1
machines:
  web:
    from: debian/12
    provision:
      - name: setup
        run: apt-get update
      - {run: systemctl start it, when: always}
      - {name: wipe, run: rm -rf /srv/data, when: never}
      - {local: make assets, before: setup}
      - {reboot: true, after: all}
`,
  );
  assert.deepEqual(
    plan.machines[0]!.provisioners.map(({ name, type, run, before, after, needsGuest, steps }) => [
      name,
      type,
      run,
      before ?? after,
      needsGuest,
      steps.map(({ kind }) => kind).join(),
    ]),
    [
      ['setup', 'run', 'once', undefined, true, 'shell'],
      [undefined, 'run', 'always', undefined, true, 'shell'],
      ['wipe', 'run', 'never', undefined, true, 'shell'],
      [undefined, 'local', 'once', 'setup', false, 'shell-local'],
      [undefined, 'reboot', 'once', 'all', true, 'reboot'],
    ],
  );
});

test('what cannot be is told with its place', (t) => {
  const folder = project(t);
  const { messages } = read(
    t,
    `kiln: 1
images:
  tree:
    from: debian/12
    builder: rootfs
    steps:
      - ansible: {playbook: play/site.yml, local: false}
  web:
    from: debian/12
    steps:
      - ansible: missing.yml
      - ansible: {playbook: play/site.yml, folder: play}
      - puppet: {manifest: none.pp}
machines:
  db:
    from: debian/12
    provision:
      - {run: "true", before: nobody}
`,
    { folder },
  );
  assert.deepEqual(messages, [
    'kiln.yaml:7:51: error: Ansible of this host cannot reach a tree of files: this image is built without a machine (leave "local" out, or change "builder" to qemu)',
    'kiln.yaml:11:9: error: there is no file or folder "missing.yml" in FOLDER',
    'kiln.yaml:12:52: error: "folder" is for playbooks that run in the machine (add "local: true", or leave it out)',
    'kiln.yaml:13:28: error: there is no file or folder "none.pp" in FOLDER',
    'kiln.yaml:18:31: error: there is no provisioner with the name "nobody" (give the other one a "name")',
  ]);
});
