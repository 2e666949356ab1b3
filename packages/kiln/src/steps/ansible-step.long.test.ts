import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Guest } from '../guests/guest.ts';
import { connectTo } from '../guests/testing/connect.ts';
import { startSshd, type TestSshd } from '../guests/testing/sshd.ts';
import { temporaryFolder } from '../guests/testing/temporary-folder.ts';
import type { AnsibleStep } from '../plan/ansible-step.ts';
import { runStep } from './run-step.ts';
import { recordedContext } from './testing/step-context.ts';
import { withoutTool } from './testing/tool.ts';
import { ansibleStep } from './testing/tool-steps.ts';

const skip = withoutTool('ansible-playbook');
let server: TestSshd;
let guest: Guest;

before(async () => {
  server = await startSshd();
  guest = await connectTo(server);
});

after(async () => {
  await guest?.close();
  await server?.stop();
});

interface Scene {
  readonly folder: string;
  readonly run: (tasks: string, changes?: Partial<AnsibleStep>) => ReturnType<typeof recordedContext>;
}

async function scene(t: TestContext): Promise<Scene> {
  const folder = await temporaryFolder(t);
  const values = {
    ConnType: 'ssh',
    Host: '127.0.0.1',
    Port: String(server.port),
    User: server.username,
    SSHPrivateKey: server.key.privateKey,
  };
  return {
    folder,
    run: async (tasks, changes = {}) => {
      const playbook = join(folder, 'site.yml');
      await writeFile(playbook, `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`);
      const context = await recordedContext(t, { guest, folder, values });
      await runStep(ansibleStep(playbook, changes), context);
      return context;
    },
  };
}

test('a playbook reaches the machine by SSH and changes it once', { skip }, async (t) => {
  const { folder, run } = await scene(t);
  const tasks = `    - copy: { content: "{{ greeting }}\\n", dest: "${folder}/made" }\n`;
  const vars = { kind: 'values', values: { greeting: 'it is "here"' } } as const;
  const first = await run(tasks, { extraVars: vars });
  assert.match(first.stdout.join('\n'), /web +: ok=1 +changed=1/);
  assert.equal(await readFile(join(folder, 'made'), 'utf8'), 'it is "here"\n');
  const second = await run(tasks, { extraVars: vars });
  assert.match(second.stdout.join('\n'), /web +: ok=1 +changed=0/);
  assert.deepEqual(second.said, ['Running ansible-playbook site.yml']);
});

test('extra variables stand in no command line, and nothing of a run stays', { skip }, async (t) => {
  const { folder, run } = await scene(t);
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('kiln-ssh-'));
  const tasks = `    - shell: "cat /proc/*/cmdline | tr '\\\\0' ' ' > ${folder}/commands"\n`;
  await run(tasks, { extraVars: { kind: 'values', values: { token: 'hush-hush-4711' } } });
  const commands = await readFile(join(folder, 'commands'), 'utf8');
  assert.match(commands, /ansible-playbook/);
  assert.ok(!commands.includes('hush-hush-4711'));
  assert.deepEqual(
    (await readdir(tmpdir())).filter((name) => name.startsWith('kiln-ssh-')),
    before,
  );
});

test('groups, variables of hosts, tags and limits are as the step says', { skip }, async (t) => {
  const { run } = await scene(t);
  const tasks = `    - debug: { msg: "{{ group_names | join(',') }} {{ color }} {{ size }} {{ list[1] }}" }
      tags: [show]
    - fail: { msg: never }
      tags: [broken]
`;
  const { stdout } = await run(tasks, {
    groups: {
      front: ['web', 'unknown'],
      'all_of:children': ['front', 'no_group'],
      'front:vars': { size: 3, list: ['a', 'b'] },
    },
    hostVars: { web: { color: 'dark blue' } },
    skipTags: ['broken'],
    limit: 'front',
  });
  assert.match(stdout.join('\n'), /"msg": "all_of,front dark blue 3 b"/);
});

test('a playbook that fails fails the step with its exit code', { skip }, async (t) => {
  const { run } = await scene(t);
  await assert.rejects(run('    - fail: { msg: no }\n'), {
    code: 'step-failed',
    message: 'the playbook site.yml ended with exit code 2',
  });
});

test('a vault is opened with the password file that the step names', { skip }, async (t) => {
  const { folder, run } = await scene(t);
  await writeFile(join(folder, 'password'), 'open sesame\n', { mode: 0o600 });
  const { runOrFail } = await import('../base/processes.ts');
  const secret = join(folder, 'secret.yml');
  await writeFile(secret, 'word: jinn\n');
  await runOrFail('ansible-vault', ['encrypt', '--vault-password-file', join(folder, 'password'), secret]);
  const { stdout } = await run('    - debug: { msg: "the word is {{ word }}" }\n', {
    extraVars: { kind: 'file', path: secret },
    vaultPasswordFile: join(folder, 'password'),
  });
  assert.match(stdout.join('\n'), /the word is jinn/);
});

test('the inventory is kept where the step says, for people to use themselves', { skip }, async (t) => {
  const { folder, run } = await scene(t);
  const inventoryFolder = join(folder, 'inventory');
  await mkdir(inventoryFolder);
  await run('    - ping:\n', { inventoryFolder, keepInventory: true });
  const text = await readFile(join(inventoryFolder, 'vagrant_ansible_inventory'), 'utf8');
  assert.match(
    text,
    new RegExp(`^web ansible_host=127.0.0.1 ansible_port=${server.port} ansible_user=`, 'm'),
  );
});

test('roles of a local requirements file are installed before the playbook runs', { skip }, async (t) => {
  const { folder, run } = await scene(t);
  const role = join(folder, 'source', 'greeter');
  await mkdir(join(role, 'tasks'), { recursive: true });
  await writeFile(join(role, 'tasks', 'main.yml'), '- debug: { msg: greeted }\n');
  const { runOrFail } = await import('../base/processes.ts');
  await mkdir(join(role, 'meta'));
  await writeFile(
    join(role, 'meta', 'main.yml'),
    'galaxy_info: { role_name: greeter, author: me, description: d, license: MIT, min_ansible_version: "2.9" }\ndependencies: []\n',
  );
  await runOrFail('tar', ['-czf', join(folder, 'greeter.tar.gz'), '-C', join(folder, 'source'), 'greeter']);
  await writeFile(
    join(folder, 'requirements.yml'),
    `- src: file://${folder}/greeter.tar.gz\n  name: greeter\n`,
  );
  const { stdout } = await run('    - include_role: { name: greeter }\n', {
    galaxy: { file: join(folder, 'requirements.yml'), rolesPath: join(folder, 'got'), force: true },
  });
  assert.match(stdout.join('\n'), /"msg": "greeted"/);
});

test('a program that is not there is named, with what to do', async (t) => {
  const { run } = await scene(t);
  await assert.rejects(run('    - ping:\n', { command: 'no-such-playbook' }), {
    code: 'tool-missing',
    message: 'this host has no no-such-playbook',
  });
});

test('a machine without SSH is refused before anything runs', async (t) => {
  const folder = await temporaryFolder(t);
  const context = await recordedContext(t, { guest, folder, values: { ConnType: 'none' } });
  await assert.rejects(runStep(ansibleStep(join(folder, 'site.yml')), context), { code: 'unsupported' });
});
