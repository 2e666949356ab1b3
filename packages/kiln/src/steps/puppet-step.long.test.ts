import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Guest } from '../guests/guest.ts';
import { connectTo } from '../guests/testing/connect.ts';
import { startSshd, type TestSshd } from '../guests/testing/sshd.ts';
import { temporaryFolder } from '../guests/testing/temporary-folder.ts';
import type { PuppetStep } from '../plan/puppet-step.ts';
import { runStep } from './run-step.ts';
import { recordedContext } from './testing/step-context.ts';
import { withoutTool } from './testing/tool.ts';
import { puppetStep } from './testing/tool-steps.ts';

const skip = withoutTool('puppet');
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

async function apply(t: TestContext, manifest: string, changes: Partial<PuppetStep> = {}, folder?: string) {
  const here = folder ?? (await temporaryFolder(t));
  await writeFile(join(here, 'site.pp'), manifest);
  const context = await recordedContext(t, { guest, folder: here });
  await runStep(puppetStep({ copies: [{ from: here, to: '.' }], ...changes }), context);
  return context;
}

test('a manifest is applied, with modules and Hiera, and is idempotent', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  const module = join(folder, 'modules', 'greet', 'manifests');
  await mkdir(module, { recursive: true });
  await writeFile(
    join(module, 'init.pp'),
    `class greet { file { '${folder}/out': content => lookup('word') } }\n`,
  );
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'data', 'common.yaml'), 'word: hello\n');
  await writeFile(
    join(folder, 'hiera.yaml'),
    'version: 5\ndefaults: { datadir: data, data_hash: yaml_data }\nhierarchy: [{ name: c, path: common.yaml }]\n',
  );
  const run = {
    kind: 'apply',
    manifest: 'site.pp',
    modulePath: ['modules'],
    hieraConfig: 'hiera.yaml',
  } as const;
  const first = await apply(t, 'include greet\n', { run }, folder);
  assert.equal(await readFile(join(folder, 'out'), 'utf8'), 'hello');
  assert.match(first.stdout.join('\n'), /defined content/);
  const second = await apply(t, 'include greet\n', { run }, folder);
  assert.doesNotMatch(second.stdout.join('\n'), /defined content/);
});

test('facts and variables reach the manifest', { skip }, async (t) => {
  const { stdout } = await apply(t, 'notice("color is ${facts["color"]}")\n', {
    facts: [['color', "dark 'blue'"]],
  });
  assert.match(stdout.join('\n'), /color is dark 'blue'/);
});

test('a resource that fails fails the step', { skip }, async (t) => {
  await assert.rejects(apply(t, "exec { '/bin/false': }\n"), {
    code: 'step-failed',
    message: 'Puppet ended with exit code 4: some resources failed',
  });
});

test("Packer's command template is used instead of Kiln's own words", { skip }, async (t) => {
  const { stdout } = await apply(t, 'notice("seen ${facts["color"]}")\n', {
    facts: [['color', 'red']],
    executeCommand: {
      kind: 'template',
      source:
        'cd {{.WorkingDir}} && {{if ne .FacterVars ""}}{{.FacterVars}} {{end}}puppet apply --detailed-exitcodes {{.ManifestFile}}',
    },
  });
  assert.match(stdout.join('\n'), /seen red/);
});

test('a machine without Puppet is told what to install', async (t) => {
  await assert.rejects(apply(t, '', { binaryFolder: '/nonexistent/bin' }), {
    code: 'tool-missing',
    message: 'there is no puppet in the machine',
  });
});
