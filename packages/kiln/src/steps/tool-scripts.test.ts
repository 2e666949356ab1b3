import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { runOrFail } from '../base/processes.ts';
import type { Guest } from '../guests/guest.ts';
import { connectTo } from '../guests/testing/connect.ts';
import { startSshd, type TestSshd } from '../guests/testing/sshd.ts';
import { temporaryFolder } from '../guests/testing/temporary-folder.ts';
import type { ContainerRun } from '../plan/container-step.ts';
import { containerScript } from './container-step.ts';
import { installScript } from './install-packages.ts';
import { runStep } from './run-step.ts';
import { recordedContext } from './testing/step-context.ts';
import { chefStep, saltStep } from './testing/tool-steps.ts';

/*
 * Chef and Salt are in no package of Debian 12, so these tests hold only which words their programs would be called with,
 * by their documentation; whether a real one understands them was never tried.
 */

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

/** A folder with a program of this name that tells its arguments, one a line. */
async function tellingProgram(t: TestContext, name: string): Promise<string> {
  const folder = join(await temporaryFolder(t), 'bin');
  await mkdir(folder);
  await writeFile(join(folder, name), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  await chmod(join(folder, name), 0o755);
  return folder;
}

test('Chef is called with its configuration and attributes', async (t) => {
  const binaryFolder = await tellingProgram(t, 'chef-client');
  const context = await recordedContext(t, { guest });
  await runStep(
    chefStep({
      tool: 'zero',
      binaryFolder,
      runList: ['recipe[x]'],
      formatter: 'doc',
      arguments: ['--chef-license accept'],
    }),
    context,
  );
  const words = context.stdout.join(' ').replaceAll(/\/tmp\/kiln-chef-\w+/g, 'STAGE');
  assert.equal(
    words,
    '--local-mode --config STAGE/client.rb --json-attributes STAGE/dna.json --format doc --force-formatter --chef-license accept',
  );
});

test('Salt is called without a master, and with a pillar of any characters', async (t) => {
  const binaryFolder = await tellingProgram(t, 'salt-call');
  const context = await recordedContext(t, { guest });
  const pillar = { word: 'it\'s "two\nlines" $HOME' };
  await runStep(
    saltStep({ binaryFolder, pillar, stateFolder: '/srv/salt', logLevel: 'info', arguments: ['test=True'] }),
    context,
  );
  assert.deepEqual(context.stdout, [
    '--local',
    '--retcode-passthrough',
    '--file-root=/srv/salt',
    '--log-level=info',
    'state.highstate',
    `pillar=${JSON.stringify(pillar)}`,
    'test=True',
  ]);
});

test('what is missing in the machine is named', async (t) => {
  const context = await recordedContext(t, { guest });
  await assert.rejects(runStep(chefStep({ binaryFolder: '/nonexistent' }), context), {
    code: 'tool-missing',
    message: 'there is no chef-solo in the machine',
  });
  await assert.rejects(runStep(saltStep({ binaryFolder: '/nonexistent' }), context), {
    code: 'tool-missing',
    message: 'there is no salt-call in the machine',
  });
});

const container: ContainerRun = {
  name: 'group/web',
  image: 'nginx',
  command: '',
  arguments: '-p "80:80"',
  daemonize: true,
  restart: 'always',
  assignName: true,
};

test('scripts that Kiln makes are right for a POSIX shell', async () => {
  const scripts = [
    installScript({ apt: ['a b'], apk: ['c'] }),
    containerScript('docker', container),
    containerScript('podman', { ...container, assignName: false, daemonize: false }),
  ];
  for (const script of scripts) await runOrFail('sh', ['-n', '-c', script]);
});
