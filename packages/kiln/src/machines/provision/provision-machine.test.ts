import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connectTo } from '../../guests/testing/connect.ts';
import { startSshd, type TestSshd } from '../../guests/testing/sshd.ts';
import { readProvisionedMark } from './provisioned-mark.ts';
import { provisionScene, script } from './testing.ts';

let server: TestSshd;

before(async () => {
  server = await startSshd();
});

after(async () => {
  await server?.stop();
});

test('what runs once is done in a new machine, and what always runs every time', async (t) => {
  const { folder, provision, home, record } = await provisionScene(t, server);
  const log = join(folder, 'log');
  const all = [
    script('setup', `echo setup >>${log}`),
    script('start', `echo start >>${log}`, { run: 'always' }),
    script('wipe', `echo wipe >>${log}`, { run: 'never' }),
  ];
  const first = await provision(all, undefined, { key: 'k' });
  assert.deepEqual(first.ran, ['setup (shell)', 'start (shell)']);
  assert.deepEqual([first.wasProvisioned, first.isProvisioned], [false, true]);
  assert.equal((await readProvisionedMark(home, record.id))?.key, 'k');
  const second = await provision(all);
  assert.deepEqual(second.ran, ['start (shell)']);
  assert.equal(second.wasProvisioned, true);
  await provision(all, { kind: 'all' });
  await provision(all, { kind: 'named', names: ['wipe'] });
  await provision(all, { kind: 'none' });
  assert.equal(await readFile(log, 'utf8'), 'setup\nstart\nstart\nsetup\nstart\nwipe\n');
});

test('one that fails ends it with its name and exit code, and the next time begins anew', async (t) => {
  const { folder, provision, events } = await provisionScene(t, server);
  const log = join(folder, 'log');
  const all = [
    script('one', `echo one >>${log}`),
    script('two', `test -e ${folder}/fixed && echo two >>${log}`),
    script('three', `echo three >>${log}`),
  ];
  await assert.rejects(provision(all), {
    code: 'step-failed',
    message:
      'web: the provisioner two (shell) failed: inline script ended with exit code 1; allowed exit codes: 0',
    hint: 'the machine is still up; `kiln provision web` tries again',
  });
  const stages = events.flatMap((event) =>
    event.kind === 'stage-finished' ? [[event.stage, event.outcome]] : [],
  );
  assert.deepEqual(stages, [
    ['provisioner one (shell)', 'succeeded'],
    ['provisioner two (shell)', 'failed'],
  ]);
  await writeFile(join(folder, 'fixed'), '');
  const { ran } = await provision(all);
  assert.equal(ran.length, 3);
  assert.equal(await readFile(log, 'utf8'), 'one\none\ntwo\nthree\n');
});

test('naming some of them does not count as having done all', async (t) => {
  const { provision, home, record } = await provisionScene(t, server);
  const all = [script('a', 'true'), script('b', 'true')];
  const { isProvisioned } = await provision(all, { kind: 'named', names: ['a'] });
  assert.equal(isProvisioned, false);
  assert.equal(await readProvisionedMark(home, record.id), undefined);
});

test('secrets are hidden in what people see', async (t) => {
  const { provision, events } = await provisionScene(t, server);
  await provision([script('a', 'echo "it is hush-hush"')], undefined, { secrets: ['hush-hush'] });
  const lines = events.flatMap((event) => (event.kind === 'output' ? [event.line] : []));
  assert.deepEqual(lines, ['it is <sensitive>']);
});

test('a provisioner that needs no machine runs when none answers', async (t) => {
  const { folder, provision } = await provisionScene(t, server);
  const local = {
    type: 'local',
    run: 'once',
    needsGuest: false,
    steps: [
      {
        kind: 'shell-local',
        script: { kind: 'inline', lines: ['echo "$PWD" >here'] },
        inlineShebang: '/bin/sh -e',
        environment: [],
        environmentFormat: "%s='%s' ",
        executeCommand: ['/bin/sh', '-c', { kind: 'template', source: '{{.Script}}' }],
        validExitCodes: [0],
        tempfileExtension: '',
        onlyOn: [],
        pauseBefore: 0,
        timeout: 0,
        maxRetries: 0,
      },
    ],
  } as const;
  await provision([local], undefined, { openGuest: () => assert.fail('nobody needs a connection') });
  assert.equal((await readFile(join(folder, 'here'), 'utf8')).trim(), folder);
});

test('after a provisioner that says so, and after a break, the machine is connected to anew', async (t) => {
  const { provision } = await provisionScene(t, server);
  let opened = 0;
  const openGuest = () => {
    opened++;
    return connectTo(server);
  };
  await provision(
    [script('a', 'true', { reconnect: true }), script('b', 'true'), script('c', 'true')],
    undefined,
    { openGuest },
  );
  assert.equal(opened, 2);
});
