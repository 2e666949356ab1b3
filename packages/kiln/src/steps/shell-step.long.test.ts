import assert from 'node:assert/strict';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Guest } from '../guests/guest.ts';
import { connectTo } from '../guests/testing/connect.ts';
import { startSshd, type TestSshd, terminalsWork } from '../guests/testing/sshd.ts';
import { temporaryFolder } from '../guests/testing/temporary-folder.ts';
import type { ShellStep } from '../plan/step.ts';
import { runStep } from './run-step.ts';
import { type ContextSetup, recordedContext } from './testing/step-context.ts';
import { shellStep } from './testing/step-defaults.ts';

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

async function run(t: TestContext, step: ShellStep, setup: ContextSetup = {}) {
  const context = await recordedContext(t, { guest, ...setup });
  await runStep(step, context);
  return context;
}

test('inline lines run as one script, with output by stream', async (t) => {
  const { stdout, stderr, said } = await run(t, shellStep(['x=1', 'echo "x is $x"', 'echo bad >&2']));
  assert.deepEqual(stdout, ['x is 1']);
  assert.deepEqual(stderr, ['bad']);
  assert.deepEqual(said, ['Running inline script']);
});

test('an inline script stops at its first failing line', async (t) => {
  const context = await recordedContext(t, { guest });
  await assert.rejects(runStep(shellStep(['echo one', 'false', 'echo two']), context), {
    code: 'step-failed',
    message: 'inline script ended with exit code 1; allowed exit codes: 0',
  });
  assert.deepEqual(context.stdout, ['one']);
});

test('an inline text that brings its own first line keeps it unless another was chosen', async (t) => {
  const lines = ['#!/usr/bin/env bash', 'set -o pipefail; echo "$BASH_VERSION" | grep -c .'];
  assert.deepEqual((await run(t, shellStep(lines))).stdout, ['1']);
  const chosen = await run(t, shellStep(['echo "$0 $#"'], { inlineShebang: '/bin/sh -x' }));
  assert.match(chosen.stderr.join('\n'), /echo/);
});

test('a script file runs, with line ends of Windows made those of Unix', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'a script.sh'), '#!/bin/sh\r\necho hello\r\n');
  const step = shellStep([], {
    script: { kind: 'files', paths: ['a script.sh', join(folder, 'a script.sh')] },
  });
  const { stdout, said } = await run(t, step, { folder });
  assert.deepEqual(stdout, ['hello', 'hello']);
  assert.deepEqual(said, ['Running script a script.sh', 'Running script a script.sh']);
  const context = await recordedContext(t, { guest, folder });
  await assert.rejects(runStep({ ...step, binary: true }, context), { code: 'step-failed' });
});

test('a missing script file is an error before anything runs', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'first'), '#!/bin/sh\necho ran\n');
  const context = await recordedContext(t, { guest, folder });
  const step = shellStep([], { script: { kind: 'files', paths: ['first', 'second'] } });
  await assert.rejects(runStep(step, context), { code: 'file-missing', message: /second/ });
  assert.deepEqual(context.stdout, []);
});

test('values with quotes, spaces, line ends and dollars arrive as they are', async (t) => {
  const value = `it's "quoted" $HOME \`id\` \\n\nsecond line`;
  for (const useEnvironmentFile of [false, true]) {
    const step = shellStep(['printf %s "$VALUE"'], { environment: [['VALUE', value]], useEnvironmentFile });
    assert.equal((await run(t, step)).stdout.join('\n'), value);
  }
});

test('an environment file is private and is removed with the script', async (t) => {
  const folder = await temporaryFolder(t);
  const step = shellStep(['ls -l "$(dirname "$0")" | cut -c1-10; ls "$(dirname "$0")"'], {
    environment: [['A', 'b']],
    useEnvironmentFile: true,
    environmentFileFolder: folder,
    remoteFolder: folder,
  });
  const { stdout } = await run(t, step);
  assert.ok(stdout.includes('-rw-------') && stdout.includes('-rwxr-xr-x'), stdout.join('\n'));
  assert.ok(stdout.some((line) => /^varfile_\d+\.sh$/.test(line)));
  assert.deepEqual(await readdir(folder), []);
});

test('the script has the name and folder that are asked for, and stays when it is to', async (t) => {
  const folder = await temporaryFolder(t);
  const named = shellStep(['echo "$0"'], {
    remoteFolder: folder,
    remoteFile: 'my script.sh',
    skipClean: true,
  });
  const quoted = {
    ...named,
    executeCommand: { kind: 'template', source: `chmod +x '{{.Path}}'; {{.Vars}} '{{.Path}}'` },
  } as const;
  assert.deepEqual((await run(t, quoted)).stdout, [`${folder}/my script.sh`]);
  assert.equal((await stat(join(folder, 'my script.sh'))).mode & 0o777, 0o755);
  const whole = shellStep(['echo "$0"'], { remotePath: `${folder}/x.sh` });
  assert.deepEqual((await run(t, whole)).stdout, [`${folder}/x.sh`]);
  assert.deepEqual(await readdir(folder), ['my script.sh']);
  assert.match((await run(t, shellStep(['echo "$0"']))).stdout[0]!, /^\/tmp\/script_\d+\.sh$/);
});

test('the command is run by the login shell as it stands', async (t) => {
  const sources = [
    'cat {{.Path}} | {{.Vars}} sh -s',
    '{{.Vars}} sh {{.Path}} # a comment',
    'X=1; if true; then {{.Vars}} sh {{.Path}}; fi; exit 0',
    "sh <<'END'\n. {{.Path}}\nEND",
  ];
  for (const source of sources) {
    const step = shellStep(['echo here'], { executeCommand: { kind: 'template', source } });
    assert.deepEqual((await run(t, step)).stdout, ['here'], source);
  }
});

test('the script finds an empty input', async (t) => {
  assert.deepEqual((await run(t, shellStep(['cat', 'echo end']))).stdout, ['end']);
});

test('other exit codes may be allowed, and then zero is not', async (t) => {
  await run(t, shellStep(['exit 42'], { validExitCodes: [7, 42] }));
  const context = await recordedContext(t, { guest });
  await assert.rejects(runStep(shellStep(['exit 0'], { validExitCodes: [42] }), context), {
    code: 'step-failed',
  });
  await assert.rejects(runStep(shellStep(['exit 3']), context), { code: 'step-failed', message: /code 3/ });
});

test('a script that is killed fails with the code of the signal', async (t) => {
  const context = await recordedContext(t, { guest });
  await assert.rejects(runStep(shellStep(['kill -KILL $$']), context), {
    code: 'step-failed',
    message: /exit code 137/,
  });
});

test('a folder that does not exist in the machine is an error that names the script', async (t) => {
  const context = await recordedContext(t, { guest });
  await assert.rejects(runStep(shellStep(['true'], { remoteFolder: '/no/such' }), context), {
    code: 'step-failed',
    message: /\/no\/such\/script_\d+\.sh/,
  });
});

test('a broken connection fails the step unless it was expected', async (t) => {
  const own = await connectTo(server);
  t.after(() => own.close());
  const folder = await temporaryFolder(t);
  const killer = shellStep([`sh -c '${findSession}'`, 'sleep 1000'], { remoteFolder: folder });
  const context = await recordedContext(t, { guest: own });
  await assert.rejects(runStep(killer, context), {
    code: 'guest-disconnected',
    message: /inline script/,
    hint: /expect_disconnect/,
  });
  await run(t, { ...killer, expectDisconnect: true }, { guest: own });
  await run(t, { ...killer, validExitCodes: [0, 2_300_218] }, { guest: own });
  assert.equal((await readdir(folder)).length, 1, 'what an unexpected break left behind is all there is');
});

/** Ends the server's process for this session: the nearest ancestor that is called sshd. */
const findSession = [
  'p=$PPID',
  'while [ "$(cat /proc/$p/comm)" != sshd ]; do p=$(cut -d" " -f4 /proc/$p/stat); done',
  'kill -KILL $p',
].join('; ');

test('a reboot inside a script is survived', async (t) => {
  const machine = await startSshd();
  t.after(() => machine.stop());
  const own = await connectTo(machine);
  t.after(() => own.close());
  const rebooting = run(t, shellStep(['echo going down', 'sleep 1000'], { expectDisconnect: true }), {
    guest: own,
    onOutput: () => void machine.kill(),
  });
  await untilGone(machine.pid);
  const back = await startSshd({ like: machine, port: machine.port });
  t.after(() => back.stop());
  await rebooting;
  assert.deepEqual((await run(t, shellStep(['echo up again']), { guest: own })).stdout, ['up again']);
});

async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('cancelling ends the script with everything it has started', async (t) => {
  const cancel = new AbortController();
  const context = await recordedContext(t, { guest, signal: cancel.signal, onOutput: () => cancel.abort() });
  const step = shellStep(['sleep 1000 &', 'echo $$ $!', 'wait']);
  await assert.rejects(runStep(step, context), { code: 'cancelled' });
  for (const pid of context.stdout[0]!.split(' ')) await untilGone(Number(pid));
});

test('a pause after the script can be cancelled', async (t) => {
  const cancel = new AbortController();
  const context = await recordedContext(t, { guest, signal: cancel.signal });
  const running = runStep(shellStep(['true'], { pauseAfter: 1_000_000 }), {
    ...context,
    say: (text) => {
      if (/Pausing/.test(text)) cancel.abort();
    },
  });
  await assert.rejects(running, { code: 'cancelled' });
});

test('on a terminal the script runs as well', {
  skip: !terminalsWork() && 'sshd cannot make terminals here',
}, async (t) => {
  const terminal = await connectTo(server, { pty: true });
  t.after(() => terminal.close());
  const { stdout } = await run(t, shellStep(['test -t 1', 'echo "$A"'], { environment: [['A', 'x y']] }), {
    guest: terminal,
  });
  assert.deepEqual(stdout, ['x y']);
});

test('a login shell that is no POSIX shell runs the script too', async (t) => {
  const folder = await temporaryFolder(t);
  // Like csh: it knows no compound commands, but runs simple ones.
  const odd = { ...guest, kind: 'ssh', upload: guest.upload.bind(guest) } as const;
  const { stdout } = await run(t, shellStep(['echo ran'], { remoteFolder: folder }), {
    guest: {
      ...odd,
      exec: async (command) =>
        command.command.includes('(')
          ? { kind: 'exited', code: 1 }
          : guest.exec({ ...command, command: command.command }),
      uploadTree: guest.uploadTree.bind(guest),
      download: guest.download.bind(guest),
      downloadTree: guest.downloadTree.bind(guest),
      close: async () => {},
    },
  });
  assert.deepEqual(stdout, ['ran']);
  assert.deepEqual(await readdir(folder), []);
});
