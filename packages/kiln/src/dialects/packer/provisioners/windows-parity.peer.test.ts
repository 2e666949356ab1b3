import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { connectTo } from '../../../guests/testing/connect.ts';
import { type Answer, type Recorded, startRecordingSshd } from '../../../guests/testing/recording-sshd.ts';
import { temporaryFolder } from '../../../guests/testing/temporary-folder.ts';
import { runStep } from '../../../steps/run-step.ts';
import { recordedContext } from '../../../steps/testing/step-context.ts';
import { buildsOf, readTemplate } from '../testing.ts';

/*
 * Packer and Kiln run the same provisioners against the same SSH server, which records what each sends. Where they
 * differ on purpose, `alike` says so.
 */

const missing = spawnSync('packer', ['version']).error && 'packer is not installed';

type Fields = Readonly<Record<string, unknown>>;

interface Sent {
  readonly packer: readonly Recorded[];
  readonly kiln: readonly Recorded[];
}

async function sendBoth(t: TestContext, provisioner: Fields, answers: readonly Answer[] = []): Promise<Sent> {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'a script.ps1'), 'Write-Host "é"\r\nexit 0\r\n');
  await writeFile(join(folder, 'b.ps1'), 'exit 0\n');
  await writeFile(join(folder, 'c.bat'), '@echo off\r\nver\r\n');
  const server = await startRecordingSshd(answers);
  t.after(() => server.stop());
  await writeFile(join(folder, 'key'), server.key.privateKey, { mode: 0o600 });
  const template = JSON.stringify({
    builders: [
      {
        type: 'null',
        name: 'win',
        ssh_host: '127.0.0.1',
        ssh_port: server.port,
        ssh_username: server.username,
        ssh_private_key_file: join(folder, 'key'),
      },
    ],
    provisioners: [provisioner],
  });
  await writeFile(join(folder, 't.json'), template);
  const env = { ...process.env, HOME: folder, CHECKPOINT_DISABLE: '1' };
  await promisify(execFile)('packer', ['build', 't.json'], { cwd: folder, env, timeout: 120_000 });
  const packer = await server.recorded();
  await server.forget();

  const guest = await connectTo(server);
  t.after(() => guest.close());
  const context = await recordedContext(t, { guest, folder });
  const [build] = buildsOf(readTemplate(template, { cwd: folder }));
  for (const step of build!.steps) {
    await runStep(step, { ...context, build: { name: build!.name, type: build!.type } });
  }
  return { packer: alike(packer), kiln: alike(await server.recorded()) };
}

/** What was sent, without what is another each time and without what is meant to differ. */
function alike(sent: readonly Recorded[]): readonly Recorded[] {
  return sent.map((one): Recorded => {
    if (one.kind === 'command') return { kind: 'command', command: withoutChance(decoded(one.command)) };
    return { kind: 'file', path: withoutChance(one.path), text: withoutChance(fileText(one.text)) };
  });
}

function withoutChance(text: string): string {
  return text.replace(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, 'UUID');
}

/** Packer 1.6.6 does not switch progress bars off in the commands that it encodes; newer ones do, as Kiln does. */
function decoded(command: string): string {
  const match = /^powershell\.exe -EncodedCommand (\S+)$/.exec(command);
  if (!match) return command;
  const script = Buffer.from(match[1]!, 'base64').toString('utf16le');
  return `encoded ${script.replace(/^\$ProgressPreference = 'SilentlyContinue';/, '')}`;
}

/** Of a runner of elevated commands the task that it defines: the script around it is Kiln's own. */
function fileText(text: string): string {
  const task = /<Task .*<\/Task>/s.exec(text)?.[0];
  if (task === undefined) return text;
  // Packer's script takes the kind of login out of the task when there is no password; Kiln puts none in.
  const isService = /^\$password = ""$/m.test(text);
  return task
    .replace(isService ? '<LogonType>Password</LogonType>' : '', '')
    .replace(/\s+(?=<)|(?<=>)\s+/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll('&amp;', '&')
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<');
}

const awkward = `it's "quoted" $x \`y\` a=b`;

const same: readonly (readonly [name: string, provisioner: Fields, answers?: readonly Answer[]])[] = [
  ['a script of PowerShell', { type: 'powershell', script: 'a script.ps1' }],
  [
    'several with variables',
    {
      type: 'powershell',
      scripts: ['a script.ps1', 'b.ps1'],
      environment_vars: [`A=${awkward}`, 'Z='],
      remote_path: 'C:/Windows/Temp/mine.ps1',
      remote_env_var_path: 'C:/Windows/Temp/vars.ps1',
      debug_mode: 1,
      execution_policy: 'remotesigned',
      skip_clean: true,
    },
  ],
  [
    'own formats and commands',
    {
      type: 'powershell',
      script: 'b.ps1',
      env_var_format: "Set-Item env:%s '%s'\n",
      execute_command: 'powershell -file "{{.Path}}" {{.Vars}}',
    },
  ],
  ['no policy', { type: 'powershell', script: 'b.ps1', execution_policy: 'none' }],
  [
    'inline lines with a command of the template',
    {
      type: 'windows-shell',
      inline: ['dir c:\\', 'echo %A%'],
      environment_vars: [`A=${awkward} %PATH%`, 'B=1=2'],
    },
  ],
  ['a batch file', { type: 'windows-shell', scripts: ['c.bat', 'c.bat'], remote_path: 'C:/Users/x.bat' }],
  [
    'own command for a batch file',
    { type: 'windows-shell', script: 'c.bat', execute_command: 'cmd /c "{{.Vars}}{{.Path}}" < NUL' },
  ],
  [
    'an exit code that is allowed',
    { type: 'windows-shell', inline: ['x'], valid_exit_codes: [0, 7] },
    [{ to: 'script.bat', code: 7 }],
  ],
  [
    'a service account',
    { type: 'powershell', script: 'b.ps1', elevated_user: 'SYSTEM', elevated_password: '' },
  ],
  ['a restart', { type: 'windows-restart' }, [{ to: 'EncodedCommand', stdout: 'WIN restarted.\r\n' }]],
  [
    'a restart with checks',
    {
      type: 'windows-restart',
      check_registry: true,
      restart_check_command: 'hostname',
      restart_command: 'go',
    },
    [{ to: 'EncodedCommand', stdout: 'WIN restarted.\r\n' }],
  ],
];

for (const [name, provisioner, answers] of same) {
  test(`Packer and Kiln send the same: ${name}`, { skip: missing }, async (t) => {
    const { packer, kiln } = await sendBoth(t, provisioner, answers);
    assert.deepEqual(kiln, packer);
  });
}

/** Packer wraps inline lines since 1.12; the installed one may be older, and then sends them as they are. */
test('inline lines are sent in the places of those of Packer', { skip: missing }, async (t) => {
  const { packer, kiln } = await sendBoth(t, {
    type: 'powershell',
    inline: ['Write-Host "x"', 'exit 0'],
    environment_vars: ['A=1'],
  });
  const places = (sent: readonly Recorded[]) =>
    sent.map((one) => (one.kind === 'file' ? one.path : 'command'));
  assert.deepEqual(places(kiln), places(packer));
  assert.deepEqual([kiln[0], kiln[3]], [packer[0], packer[3]], 'variables and clean-up are the same');
  const script = kiln[1]!;
  assert.ok(script.kind === 'file');
  assert.ok(script.text.includes('\nWrite-Host "x"\nexit 0\n'));
  assert.deepEqual(kiln[2], {
    kind: 'command',
    command: 'powershell -executionpolicy bypass -file c:/Windows/Temp/script-UUID.ps1',
  });
});
