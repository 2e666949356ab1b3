import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../../guests/testing/temporary-folder.ts';
import type { Step } from '../../../plan/step.ts';
import { buildsOf, complaints, readTemplate } from '../testing.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A folder with everything that the templates below name. */
async function project(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const name of ['play/roles', 'modules/x', 'cookbooks/x', 'states', 'pillar', 'bags'])
    await mkdir(join(folder, name), { recursive: true });
  for (const name of [
    'site.yml',
    'play/site.yml',
    'requirements.yml',
    'hosts',
    'site.pp',
    'hiera.yaml',
    'minion',
    'secret',
  ])
    await writeFile(join(folder, name), '');
  return folder;
}

const templateOf = (provisioner: Fields) => ({
  builders: [{ type: 'null', communicator: 'none' }],
  provisioners: [provisioner],
});

/** What Packer 1.6.6 says of them when they stand in a template. `ansible` itself asks for the program at once. */
const verdicts: readonly (readonly [isRight: boolean, provisioner: Fields])[] = [
  [
    true,
    {
      type: 'ansible',
      playbook_file: 'site.yml',
      extra_arguments: ['--tags', '{{ build `ID` }}'],
      ansible_env_vars: ['ANSIBLE_NOCOLOR=1'],
      groups: ['web'],
      empty_groups: ['db'],
      host_alias: 'box',
      galaxy_file: 'requirements.yml',
      roles_path: 'play/roles',
      inventory_directory: 'play',
      use_proxy: false,
      user: 'root',
    },
  ],
  [false, { type: 'ansible' }],
  [false, { type: 'ansible', playbook_file: 'missing.yml' }],
  [false, { type: 'ansible', playbook_file: 'site.yml', playbok: 1 }],
  [
    true,
    {
      type: 'ansible-local',
      playbook_file: 'play/site.yml',
      playbook_dir: 'play',
      galaxy_file: 'requirements.yml',
      inventory_groups: ['web'],
      extra_arguments: ['-v'],
      role_paths: ['play/roles'],
      staging_directory: '/tmp/here',
      clean_staging_directory: true,
    },
  ],
  [true, { type: 'ansible-local', playbook_files: ['site.yml', 'play/site.yml'], inventory_file: 'hosts' }],
  [false, { type: 'ansible-local' }],
  [false, { type: 'ansible-local', playbook_file: 'site.yml', playbook_files: ['site.yml'] }],
  [false, { type: 'ansible-local', playbook_file: 'site.yml', group_vars: 'missing' }],
  [
    true,
    {
      type: 'puppet-masterless',
      manifest_file: 'site.pp',
      module_paths: ['modules'],
      hiera_config_path: 'hiera.yaml',
      facter: { role: 'web' },
      extra_arguments: ['--debug'],
      prevent_sudo: true,
      ignore_exit_codes: true,
      working_directory: '/srv',
      puppet_bin_dir: '/opt/puppetlabs/bin',
    },
  ],
  [false, { type: 'puppet-masterless' }],
  [false, { type: 'puppet-masterless', manifest_file: 'missing.pp' }],
  [false, { type: 'puppet-masterless', manifest_file: 'site.pp', module_paths: ['missing'] }],
  [true, { type: 'puppet-server', puppet_server: 'puppet', puppet_node: 'web', extra_arguments: '--debug' }],
  [
    true,
    {
      type: 'chef-solo',
      cookbook_paths: ['cookbooks'],
      data_bags_path: 'bags',
      run_list: ['recipe[x]'],
      json: { a: { b: [1, true] } },
      version: '14',
      skip_install: false,
      chef_license: 'accept',
    },
  ],
  [false, { type: 'chef-solo', cookbook_paths: ['missing'] }],
  [false, { type: 'chef-solo', cookbok_paths: ['cookbooks'] }],
  [
    true,
    {
      type: 'salt-masterless',
      local_state_tree: 'states',
      local_pillar_roots: 'pillar',
      bootstrap_args: '-P stable',
      custom_state: 'web',
      log_level: 'debug',
      disable_sudo: true,
      no_exit_on_failure: true,
    },
  ],
  [
    true,
    { type: 'salt-masterless', local_state_tree: 'states', minion_config: 'minion', skip_bootstrap: true },
  ],
  [false, { type: 'salt-masterless' }],
  [false, { type: 'salt-masterless', local_state_tree: 'missing' }],
  [
    false,
    { type: 'salt-masterless', local_state_tree: 'states', minion_config: 'minion', remote_state_tree: '/x' },
  ],
];

test('right and wrong provisioners are told apart', async (t) => {
  const folder = await project(t);
  for (const [isRight, provisioner] of verdicts) {
    const reading = readTemplate(templateOf(provisioner), { cwd: folder });
    const shown = `${JSON.stringify(provisioner)}: ${complaints(reading).join('; ')}`;
    assert.equal(reading.plan !== undefined, isRight, shown);
  }
});

test('Packer tells them apart in the same way', async (t) => {
  if (spawnSync('packer', ['version']).error) return t.skip('packer is not installed');
  if (spawnSync('ansible-playbook', ['--version']).error) return t.skip('ansible-playbook is not installed');
  const folder = await project(t);
  const env = {
    ...process.env,
    HOME: folder,
    CHECKPOINT_DISABLE: '1',
    PACKER_CACHE_DIR: join(folder, 'cache'),
  };
  const file = join(folder, 't.json');
  for (const [isRight, provisioner] of verdicts) {
    await writeFile(file, JSON.stringify(templateOf(provisioner)));
    const [code, words] = await new Promise<readonly [unknown, string]>((resolve) => {
      execFile('packer', ['validate', file], { cwd: folder, env, timeout: 60_000 }, (error, out, err) =>
        resolve([error?.code ?? 0, `${out}${err}`]),
      );
    });
    assert.equal(code, isRight ? 0 : 1, `${JSON.stringify(provisioner)}: ${words}`);
  }
});

test('what they say becomes steps', async (t) => {
  const folder = await project(t);
  const stepOf = (index: number): Step => {
    const right = verdicts.filter(([isRight]) => isRight)[index]![1];
    return buildsOf(readTemplate(templateOf(right), { cwd: folder }))[0]!.steps[0]!;
  };
  const relative = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll(folder, '.')) as unknown;
  const host = stepOf(0);
  assert.ok(host.kind === 'ansible');
  assert.deepEqual(host.groups, { web: ['box'], db: [] });
  assert.deepEqual(host.environment, [['ANSIBLE_NOCOLOR', '1']]);
  assert.deepEqual(host.arguments, ['--tags', { kind: 'template', source: '{{ build `ID` }}' }]);
  assert.deepEqual(
    [host.hostName, host.user, host.packerVariables, host.keepInventory],
    ['box', 'root', true, false],
  );
  const local = stepOf(1);
  assert.ok(local.kind === 'ansible-local');
  assert.deepEqual(relative(local.copies), [
    { from: './play', to: '.' },
    { from: './play/site.yml', to: 'site.yml' },
    { from: './play/roles', to: 'roles/roles' },
    { from: './requirements.yml', to: 'requirements.yml' },
  ]);
  assert.deepEqual([local.playbooks, local.folder, local.cleanFolder], [['site.yml'], '/tmp/here', true]);
  const puppet = stepOf(3);
  assert.ok(puppet.kind === 'puppet' && puppet.run.kind === 'apply');
  assert.equal(puppet.asRoot, false);
  assert.equal(puppet.validExitCodes.length, 256);
  assert.deepEqual(puppet.facts.at(-1), ['role', 'web']);
  assert.deepEqual(puppet.run.modulePath, ['module-0']);
  const chef = stepOf(5);
  assert.ok(chef.kind === 'chef');
  assert.deepEqual(chef.attributes, { a: { b: [1, true] } });
  assert.deepEqual(chef.install?.version, '14');
  const salt = stepOf(6);
  assert.ok(salt.kind === 'salt');
  assert.deepEqual(
    [salt.state, salt.stateFolder, salt.pillarFolder, salt.asRoot, salt.ignoreFailures],
    ['web', '/srv/salt', '/srv/pillar', false, true],
  );
});
