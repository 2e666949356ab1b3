import assert from 'node:assert/strict';
import { chmod, mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../guests/testing/temporary-folder.ts';
import type { ShellLocalStep } from '../plan/step.ts';
import { runStep } from './run-step.ts';
import { type ContextSetup, recordedContext } from './testing/step-context.ts';
import { shellLocalStep } from './testing/step-defaults.ts';

async function run(t: TestContext, step: ShellLocalStep, setup: ContextSetup = {}) {
  const context = await recordedContext(t, setup);
  await runStep(step, context);
  return context;
}

test('inline lines run here with output by stream and the variables of Packer', async (t) => {
  const value = `it's "quoted" $HOME\nsecond line`;
  const step = shellLocalStep(
    ['echo "$PACKER_BUILD_NAME $PACKER_BUILDER_TYPE $PACKER_RUN_UUID"', 'printf %s "$VALUE"', 'echo bad >&2'],
    { environment: [['VALUE', value]] },
  );
  const { stdout, stderr } = await run(t, step, { values: { PackerRunUUID: 'run-1' } });
  assert.deepEqual(stdout, ['debian qemu run-1', ...value.split('\n')]);
  assert.deepEqual(stderr, ['bad']);
});

test('values of the usual command do not stand on a command line', async (t) => {
  const step = shellLocalStep(['tr "\\0" " " </proc/$PPID/cmdline; tr "\\0" " " </proc/$$/cmdline'], {
    environment: [['SECRET', 'do-not-show']],
  });
  const { stdout } = await run(t, step);
  assert.doesNotMatch(stdout.join('\n'), /do-not-show/);
});

test('a command of the template gets the assignments, the script and a shell of its own', async (t) => {
  const step = shellLocalStep(['echo "$A $0"'], {
    environment: [['A', "b'c"]],
    tempfileExtension: '.sh',
    executeCommand: ['bash', '-c', { kind: 'template', source: '{{.Vars}} bash {{.Script}}; echo "$BASH"' }],
  });
  const { stdout } = await run(t, step);
  assert.match(stdout[0]!, /^b'c .*shell-local-\w+\.sh$/);
  assert.match(stdout[1]!, /bash$/);
});

test('script files run from the folder of the template, names with spaces and quotes too', async (t) => {
  const folder = await realpath(await temporaryFolder(t));
  await mkdir(join(folder, 'sub dir'));
  const path = join('sub dir', "it's.sh");
  await writeFile(join(folder, path), '#!/bin/sh\npwd\n');
  await chmod(join(folder, path), 0o755);
  const step = shellLocalStep([], { script: { kind: 'files', paths: [path] } });
  assert.deepEqual((await run(t, step, { folder })).stdout, [folder]);
  const context = await recordedContext(t, { folder });
  await assert.rejects(
    runStep(shellLocalStep([], { script: { kind: 'files', paths: ['none.sh'] } }), context),
    {
      code: 'file-missing',
      message: /none\.sh/,
    },
  );
});

test('exit codes count as in the machine', async (t) => {
  await run(t, shellLocalStep(['exit 4'], { validExitCodes: [0, 4] }));
  const context = await recordedContext(t);
  await assert.rejects(runStep(shellLocalStep(['exit 5']), context), {
    code: 'step-failed',
    message: 'inline script ended with exit code 5; allowed exit codes: 0',
  });
});

test('a step for other systems is skipped with a word about it', async (t) => {
  const { stdout, said } = await run(t, shellLocalStep(['echo ran'], { onlyOn: ['windows', 'plan9'] }));
  assert.deepEqual(stdout, []);
  assert.match(said[0]!, /Skipped.*windows, plan9/);
  const here = process.platform === 'win32' ? 'windows' : process.platform;
  assert.deepEqual((await run(t, shellLocalStep(['echo ran'], { onlyOn: [here] }))).stdout, ['ran']);
});

test('a program that is not installed is named', async (t) => {
  const context = await recordedContext(t);
  await assert.rejects(
    runStep(shellLocalStep(['true'], { executeCommand: ['no-such-shell', 'x'] }), context),
    {
      code: 'tool-missing',
      message: /no-such-shell/,
    },
  );
});

test('cancelling ends the script with everything it has started', async (t) => {
  const cancel = new AbortController();
  const context = await recordedContext(t, { signal: cancel.signal, onOutput: () => cancel.abort() });
  const step = shellLocalStep(['sleep 1000 &', 'echo $$ $!', 'wait']);
  await assert.rejects(runStep(step, context), { code: 'cancelled' });
  for (const pid of context.stdout[0]!.split(' ')) {
    while (isRunning(Number(pid))) await new Promise((resolve) => setTimeout(resolve, 10));
  }
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
