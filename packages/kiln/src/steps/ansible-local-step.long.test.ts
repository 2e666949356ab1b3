import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Guest } from '../guests/guest.ts';
import { connectTo } from '../guests/testing/connect.ts';
import { startSshd, type TestSshd } from '../guests/testing/sshd.ts';
import { temporaryFolder } from '../guests/testing/temporary-folder.ts';
import type { AnsibleLocalStep } from '../plan/ansible-step.ts';
import { runStep } from './run-step.ts';
import { recordedContext } from './testing/step-context.ts';
import { withoutTool } from './testing/tool.ts';
import { ansibleLocalStep } from './testing/tool-steps.ts';

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

async function run(t: TestContext, folder: string, tasks: string, changes: Partial<AnsibleLocalStep> = {}) {
  await writeFile(join(folder, 'site.yml'), `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`);
  const context = await recordedContext(t, { guest, folder });
  await runStep(ansibleLocalStep(folder, changes), context);
  return context;
}

const leftovers = async () => (await readdir('/tmp')).filter((name) => name.startsWith('kiln-ansible-'));

test('the playbook and what is beside it run in the machine, and go again', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  const before = await leftovers();
  await writeFile(join(folder, 'page.txt'), 'from beside the playbook');
  const { stdout, said } = await run(
    t,
    folder,
    `    - copy: { src: page.txt, dest: "${folder}/out" }\n    - debug: { msg: "{{ inventory_hostname }} {{ color }}" }\n`,
    { extraVars: { kind: 'values', values: { color: 'green' } } },
  );
  assert.equal(await readFile(join(folder, 'out'), 'utf8'), 'from beside the playbook');
  assert.match(stdout.join('\n'), /"msg": "web green"/);
  assert.deepEqual(said, ['Running ansible-playbook site.yml in the machine']);
  assert.deepEqual(await leftovers(), before);
});

test('a folder of the machine itself is worked in, and stays', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'hosts'), 'here ansible_connection=local\n');
  const { stdout } = await run(t, folder, '    - debug: { msg: "{{ inventory_hostname }}" }\n', {
    copies: [],
    folder,
    inventory: 'hosts',
  });
  assert.match(stdout.join('\n'), /"msg": "here"/);
  assert.ok((await readdir(folder)).includes('site.yml'));
});

test('a playbook that fails fails the step, and nothing of it stays', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  const before = await leftovers();
  await assert.rejects(run(t, folder, '    - fail: { msg: no }\n'), {
    code: 'step-failed',
    message: 'the playbook site.yml ended with exit code 2',
  });
  assert.deepEqual(await leftovers(), before);
});

test('a machine without Ansible is told what to install', async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(run(t, folder, '    - ping:\n', { command: 'PYTHONUNBUFFERED=1 no-such-playbook' }), {
    code: 'tool-missing',
    message: 'there is no no-such-playbook in the machine',
  });
});
