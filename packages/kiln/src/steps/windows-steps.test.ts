import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connectTo } from '../guests/testing/connect.ts';
import { type Answer, type RecordingSshd, startRecordingSshd } from '../guests/testing/recording-sshd.ts';
import { temporaryFolder } from '../guests/testing/temporary-folder.ts';
import type { Step } from '../plan/step.ts';
import { runStep } from './run-step.ts';
import { type ContextSetup, type RecordedContext, recordedContext } from './testing/step-context.ts';
import { powershellStep, windowsShellStep } from './testing/step-defaults.ts';

interface Scene {
  readonly server: RecordingSshd;
  readonly context: RecordedContext;
}

async function scene(
  t: TestContext,
  answers: readonly Answer[] = [],
  setup: ContextSetup = {},
): Promise<Scene> {
  const server = await startRecordingSshd(answers);
  t.after(() => server.stop());
  const guest = await connectTo(server);
  t.after(() => guest.close());
  return { server, context: await recordedContext(t, { guest, ...setup }) };
}

/** What a step sends, with random parts left out. */
async function sentBy(t: TestContext, step: Step, answers?: readonly Answer[], setup?: ContextSetup) {
  const { server, context } = await scene(t, answers, setup);
  await runStep(step, context);
  const sent = await server.recorded();
  return { lines: sent.map((one) => short(one.kind === 'file' ? one.path : one.command)), sent, context };
}

function short(text: string): string {
  return text.replace(/[\da-f]{8}-[\da-f-]{27}/g, 'ID');
}

test('inline PowerShell is sent, run and removed', async (t) => {
  const step = powershellStep(['Write-Host {{.x}}'], { environment: [['A', 'it is $5']] });
  const { lines, sent, context } = await sentBy(t, step, [
    { to: '/script-', stdout: 'hello\r\n', stderr: 'bad' },
  ]);
  assert.deepEqual(lines, [
    'c:/Windows/Temp/packer-ps-env-vars-ID.ps1',
    'c:/Windows/Temp/script-ID.ps1',
    'powershell -executionpolicy bypass -file c:/Windows/Temp/script-ID.ps1',
    'c:/Windows/Temp/packer-cleanup-ID.ps1',
    'powershell -executionpolicy bypass -file c:/Windows/Temp/packer-cleanup-ID.ps1',
  ]);
  assert.deepEqual(context.said, ['Running inline script']);
  assert.deepEqual([context.stdout, context.stderr], [['hello'], ['bad']]);
  const [environment, script] = sent;
  assert.ok(environment?.kind === 'file' && script?.kind === 'file');
  assert.match(environment.text, /^\$env:A="it is `\$5"; \$env:PACKER_BUILDER_TYPE="qemu"; /);
  assert.ok(script.text.includes(`try {\n${environment.text}\nWrite-Host {{.x}}\n`));
});

test('each script finds the variables, even when one before has removed them, and all are removed at the end', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'one.ps1'), '1');
  await writeFile(join(folder, 'two.ps1'), '2');
  const step = powershellStep([], {
    script: { kind: 'files', paths: ['one.ps1', 'two.ps1'] },
    remotePath: 'C:/My Scripts/',
    environmentFile: 'C:/vars.ps1',
  });
  const { lines, sent } = await sentBy(t, step, [], { folder });
  assert.deepEqual(lines.slice(0, 6), [
    'C:/vars.ps1',
    'C:/My Scripts/one.ps1',
    'powershell -executionpolicy bypass -file C:/My Scripts/one.ps1',
    'C:/vars.ps1',
    'C:/My Scripts/two.ps1',
    'powershell -executionpolicy bypass -file C:/My Scripts/two.ps1',
  ]);
  const cleanUp = sent[6];
  assert.ok(cleanUp?.kind === 'file');
  assert.deepEqual(short(cleanUp.text).split('\n'), [
    'if (Test-Path C:/vars.ps1) {Remove-Item C:/vars.ps1}',
    "if (Test-Path 'C:/My Scripts/one.ps1') {Remove-Item 'C:/My Scripts/one.ps1'}",
    "if (Test-Path 'C:/My Scripts/two.ps1') {Remove-Item 'C:/My Scripts/two.ps1'}",
    'if (Test-Path c:/Windows/Temp/packer-cleanup-ID.ps1) {Remove-Item c:/Windows/Temp/packer-cleanup-ID.ps1}',
    '',
  ]);
});

test('an elevated script is run by a runner that is sent before it', async (t) => {
  const step = powershellStep(['whoami'], {
    skipClean: true,
    elevated: {
      user: 'SYSTEM',
      password: { kind: 'template', source: '{{ build `Password` }}' },
      environmentFormat: '$env:%s="%s"\n',
      executeCommand: { kind: 'template', source: 'run {{.Path}} with {{.Vars}}' },
    },
  });
  const { lines, sent } = await sentBy(t, step, [], { values: { Password: "p'w" } });
  assert.deepEqual(lines, [
    'c:/Windows/Temp/packer-ps-env-vars-ID.ps1',
    'C:/Windows/Temp/packer-elevated-shell-ID.ps1',
    'c:/Windows/Temp/script-ID.ps1',
    'powershell -executionpolicy bypass -file "C:/Windows/Temp/packer-elevated-shell-ID.ps1"',
  ]);
  const runner = sent[1];
  assert.ok(runner?.kind === 'file');
  assert.match(runner.text, /'SYSTEM', 'p''w', \$logonType/);
  assert.match(
    short(runner.text),
    /<Arguments>\/c run c:\/Windows\/Temp\/script-ID\.ps1 with c:\/Windows\/Temp\/packer-ps-env-vars-ID\.ps1 /,
  );
});

test('the exit code of a script decides, and that of the clean-up does not', async (t) => {
  const failing: readonly Answer[] = [{ to: '/script-', code: 42 }];
  const { server, context } = await scene(t, failing);
  await assert.rejects(runStep(powershellStep(['x']), context), {
    code: 'step-failed',
    message: 'inline script ended with exit code 42; allowed exit codes: 0',
  });
  assert.equal((await server.recorded()).length, 3, 'nothing is cleaned up in a machine that is given up');
  await sentBy(t, powershellStep(['x'], { validExitCodes: [0, 42] }), [
    ...failing,
    { to: 'cleanup', code: 1 },
  ]);
});

test('a connection that breaks during a script names the step that restarts machines', async (t) => {
  const { context } = await scene(t, [{ to: 'script', code: 0, breaks: true }]);
  for (const step of [powershellStep(['Restart-Computer']), windowsShellStep(['shutdown /r'])]) {
    await assert.rejects(runStep(step, context), { code: 'guest-disconnected', hint: /windows-restart/ });
  }
  await runStep(windowsShellStep(['shutdown /r'], { validExitCodes: [0, 2_300_218] }), context);
});

test('a missing script is an error before anything is sent', async (t) => {
  const { server, context } = await scene(t);
  for (const make of [powershellStep, windowsShellStep]) {
    const step = make([], { script: { kind: 'files', paths: ['nowhere.ps1'] } });
    await assert.rejects(runStep(step, context), { code: 'file-missing', message: /nowhere\.ps1/ });
  }
  assert.deepEqual(await server.recorded(), []);
});

test('a batch file is sent as it is and run with its variables', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'a.bat'), 'ver\r\n');
  const step = windowsShellStep([], {
    script: { kind: 'files', paths: ['a.bat'] },
    environment: [['A', 'x y']],
  });
  const { sent, context } = await sentBy(t, step, [], { folder });
  assert.deepEqual(sent, [
    { kind: 'file', path: 'c:/Windows/Temp/script.bat', text: 'ver\r\n' },
    {
      kind: 'command',
      command:
        'set "A=x y" && set "PACKER_BUILDER_TYPE=qemu" && set "PACKER_BUILD_NAME=debian" && "c:/Windows/Temp/script.bat"',
    },
  ]);
  assert.deepEqual(context.said, ['Running script a.bat']);
});
