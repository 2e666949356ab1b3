import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Step } from '../../../plan/step.ts';
import { buildsOf, complaints, readTemplate } from '../testing.ts';

type Fields = Readonly<Record<string, unknown>>;

function read(provisioner: Fields, cwd = '/project') {
  return readTemplate(
    { builders: [{ type: 'null', communicator: 'none' }], provisioners: [provisioner] },
    { cwd },
  );
}

function step(provisioner: Fields, cwd?: string): Step {
  const [first] = buildsOf(read(provisioner, cwd))[0]!.steps;
  assert.ok(first);
  return first;
}

test('a shell provisioner has the defaults of Packer', () => {
  const { at, ...rest } = step({ type: 'shell', inline: ['echo a'] });
  assert.equal(at?.line, 1);
  assert.deepEqual(rest, {
    kind: 'shell',
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
    script: { kind: 'inline', lines: ['echo a'] },
    environment: [],
    environmentFormat: "%s='%s' ",
    executeCommand: { kind: 'template', source: 'chmod +x {{.Path}}; {{.Vars}} {{.Path}}' },
    inlineShebang: '/bin/sh -e',
    skipClean: false,
    expectDisconnect: false,
    startRetryTimeout: 300_000,
    validExitCodes: [0],
    binary: false,
    pauseAfter: 0,
    useEnvironmentFile: false,
    environmentFileFolder: '/tmp',
    remoteFolder: '/tmp',
  });
});

const shellOptions: readonly (readonly [options: Fields, key: string, value: unknown])[] = [
  [{ inline: 'one,two' }, 'script', { kind: 'inline', lines: ['one', 'two'] }],
  [{ inline: ['#!/bin/bash', 'x'] }, 'inlineShebang', ''],
  [{ inline: ['#!/bin/bash'], inline_shebang: '/bin/zsh' }, 'inlineShebang', '/bin/zsh'],
  [
    { environment_vars: ['A=1', 'B=x=y'], env: { C: 3, B: '' } },
    'environment',
    [
      ['A', '1'],
      ['B', 'x=y'],
      ['B', ''],
      ['C', '3'],
    ],
  ],
  [
    { environment_vars: 'A=1,B=2' },
    'environment',
    [
      ['A', '1'],
      ['B', '2'],
    ],
  ],
  [{ use_env_var_file: true }, 'environmentFormat', "export %s='%s'\n"],
  [
    { use_env_var_file: true },
    'executeCommand',
    { kind: 'template', source: 'chmod +x {{.Path}}; . {{.EnvVarFile}} && {{.Path}}' },
  ],
  [
    { execute_command: 'sudo {{ .Path }}' },
    'executeCommand',
    { kind: 'template', source: 'sudo {{ .Path }}' },
  ],
  [
    { execute_command: '{{user `none`}}sudo x' },
    'executeCommand',
    { kind: 'template', source: '{{user `none`}}sudo x' },
  ],
  [{ remote_folder: '/root', remote_file: 'x.sh' }, 'remoteFile', 'x.sh'],
  [{ remote_path: '/root/x.sh' }, 'remotePath', '/root/x.sh'],
  [{ valid_exit_codes: '0,2' }, 'validExitCodes', [0, 2]],
  [{ valid_exit_codes: [3, '4'] }, 'validExitCodes', [3, 4]],
  [{ start_retry_timeout: '1m', skip_clean: true }, 'startRetryTimeout', 60_000],
  [{ expect_disconnect: 'true' }, 'expectDisconnect', true],
  [{ binary: 1 }, 'binary', true],
  [{ pause_after: '2s' }, 'pauseAfter', 2_000],
  [{ Inline: ['x'], inline: undefined }, 'script', { kind: 'inline', lines: ['x'] }],
];

test('the options of the shell provisioner are found in the plan', () => {
  for (const [options, key, value] of shellOptions) {
    const found: Fields = { ...step({ type: 'shell', inline: ['echo a'], ...options }) };
    assert.deepEqual(found[key], value, JSON.stringify(options));
  }
});

test('the options of the shell-local provisioner are found in the plan', () => {
  const { at, ...rest } = step({
    type: 'shell-local',
    command: 'echo {{build `ID`}}',
    tempfile_extension: '.py',
    only_on: ['linux'],
    valid_exit_codes: [0, 1],
  });
  assert.ok(at);
  assert.deepEqual(rest, {
    kind: 'shell-local',
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
    script: { kind: 'inline', lines: [{ kind: 'template', source: 'echo {{build `ID`}}' }] },
    inlineShebang: '/bin/sh -e',
    environment: [],
    environmentFormat: "%s='%s' ",
    executeCommand: ['/bin/sh', '-c', { kind: 'template', source: '{{.Vars}} {{.Script}}' }],
    validExitCodes: [0, 1],
    tempfileExtension: 'py',
    onlyOn: ['linux'],
  });
});

test('files are uploaded from local paths and downloaded to them', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'kiln-packer-'));
  t.after(() => rm(cwd, { recursive: true }));
  await writeFile(join(cwd, 'a'), '');
  const rows: readonly (readonly [options: Fields, sources: unknown, destination: unknown])[] = [
    [{ source: 'a', destination: 'b' }, [join(cwd, 'a')], 'b'],
    [{ sources: ['a', './a'], destination: 'b/' }, [join(cwd, 'a'), join(cwd, 'a')], 'b/'],
    [{ source: './', destination: 'b' }, [`${cwd}/`], 'b'],
    [{ source: 'later', generated: true, destination: 'b' }, [join(cwd, 'later')], 'b'],
    [{ source: '/etc/x', destination: 'got/', direction: 'download' }, ['/etc/x'], `${join(cwd, 'got')}/`],
    [
      { source: '{{build `ID`}}.txt', destination: 'b' },
      [{ kind: 'template', source: '{{build `ID`}}.txt' }],
      'b',
    ],
    [{ content: 'hi', destination: 'b' }, [], 'b'],
  ];
  for (const [options, sources, destination] of rows) {
    const found = step({ type: 'file', ...options }, cwd);
    assert.ok(found.kind === 'file');
    assert.deepEqual([found.sources, found.destination], [sources, destination], JSON.stringify(options));
  }
});

test('pauses and breakpoints are read', () => {
  const sleep = step({ type: 'sleep', duration: '1m30s' });
  assert.ok(sleep.kind === 'sleep' && sleep.duration === 90_000);
  const breakpoint = step({ type: 'breakpoint', note: 'look', disable: true });
  assert.ok(breakpoint.kind === 'breakpoint' && breakpoint.note === 'look' && breakpoint.disabled);
});

const refused: readonly (readonly [provisioner: Fields, message: RegExp])[] = [
  [{ type: 'shell' }, /nothing says what to run/],
  [{ type: 'shell', inline: [] }, /nothing says what to run/],
  [{ type: 'shell', inline: ['a'], script: '/dev/null' }, /only one of "inline", "script"/],
  [{ type: 'shell', scripts: ['/dev/null', 'nowhere'] }, /the script nowhere does not exist/],
  [{ type: 'shell', inline: ['a'], environment_vars: ['A'] }, /"A" is not of the form NAME=value/],
  [{ type: 'shell', inline: [['a']] }, /"inline" must be a text, not a list/],
  [{ type: 'shell', inline: ['{{ nope }}'] }, /the function "nope" does not exist/],
  [{ type: 'shell', inline: ['a'], vars: ['A=1'] }, /has no option "vars"/],
  [{ type: 'shell', inline: ['a'], max_retries: 'x' }, /"max_retries" must be a whole number/],
  [{ type: 'shell-local', inline: ['a'], only_on: ['lynux'] }, /no system "lynux" \(did you mean "linux"/],
  [{ type: 'shell-local', script: '/dev/null', use_linux_pathing: true }, /does not do "use_linux_pathing"/],
  [{ type: 'file', destination: 'x' }, /"source" is missing/],
  [{ type: 'file', source: '/dev/null' }, /"destination" is missing/],
  [
    { type: 'file', source: '/dev/null', content: 'x', destination: 'x' },
    /only one of "content" and "source"/,
  ],
  [
    { type: 'file', source: '/dev/null', destination: 'x', direction: 'up' },
    /"direction" is one of upload, download/,
  ],
  [{ type: 'powershell', inline: ['x'] }, /Kiln does not run the provisioner "powershell" yet/],
  [{ type: 'shel', inline: ['x'] }, /did you mean "shell"/],
];

test('wrong provisioners are refused with the reason', () => {
  for (const [provisioner, message] of refused) {
    const result = read(provisioner);
    assert.equal(result.plan, undefined, JSON.stringify(provisioner));
    assert.match(complaints(result).join('\n'), message, JSON.stringify(provisioner));
  }
});
