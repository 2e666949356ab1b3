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

const silent =
  '& { if (Test-Path variable:global:ProgressPreference)' +
  "{set-variable -name variable:global:ProgressPreference -value 'SilentlyContinue'};";

/** The commands that Packer 1.16 makes of its options. */
const powershellCommands: readonly (readonly [options: Fields, command: string])[] = [
  [{ inline: ['x'] }, 'powershell -executionpolicy bypass -file {{.Path}}'],
  [{ inline: ['x'], use_pwsh: true }, 'pwsh -executionpolicy bypass -file {{.Path}}'],
  [{ inline: ['x'], execution_policy: 'none' }, '-file {{.Path}}'],
  [{ inline: ['x'], execution_policy: 'AllSigned' }, 'powershell -executionpolicy allsigned -file {{.Path}}'],
  [{ inline: ['x'], execution_policy: 6 }, 'powershell -executionpolicy unrestricted -file {{.Path}}'],
  [
    { script: '/dev/null' },
    `powershell -executionpolicy bypass "${silent}. {{.Vars}}; &'{{.Path}}'; exit $LastExitCode }"`,
  ],
  [
    { scripts: ['/dev/null'], use_pwsh: true, debug_mode: 2 },
    `pwsh -executionpolicy bypass -command "${silent}Set-PsDebug -Trace 2;. {{.Vars}}; &'{{.Path}}'; exit $LastExitCode }"`,
  ],
  [
    { script: '/dev/null', execution_policy: 'none' },
    `${silent}. {{.Vars}}; &'{{.Path}}'; exit $LastExitCode }`,
  ],
  [{ inline: ['x'], execute_command: 'run {{.Path}}' }, 'run {{.Path}}'],
];

test('the command of a powershell provisioner follows from its options', () => {
  for (const [options, source] of powershellCommands) {
    const found = step({ type: 'powershell', ...options });
    assert.ok(found.kind === 'powershell');
    assert.deepEqual(found.executeCommand, { kind: 'template', source }, JSON.stringify(options));
  }
});

test('the options of the powershell provisioner are found in the plan', () => {
  const found = step({
    type: 'powershell',
    inline: ['x'],
    environment_vars: ['A=1'],
    env: { B: '2' },
    elevated_user: 'SYSTEM',
    elevated_password: '{{ build `Password` }}',
    elevated_env_var_format: 'e %s %s',
    elevated_execute_command: 'run {{.Path}} {{.Vars}}',
    env_var_format: 'f %s %s',
    remote_path: 'c:/x.ps1',
    remote_env_var_path: 'c:/y.ps1',
    debug_mode: 1,
    skip_clean: true,
    start_retry_timeout: '1m',
    valid_exit_codes: [0, 3010],
    pause_after: '2s',
    binary: true,
  });
  assert.ok(found.kind === 'powershell');
  const { at, executeCommand, ...rest } = found;
  assert.ok(at && executeCommand);
  assert.deepEqual(rest, {
    kind: 'powershell',
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
    script: { kind: 'inline', lines: ['x'] },
    environment: [
      ['A', '1'],
      ['B', '2'],
    ],
    environmentFormat: 'f %s %s',
    elevated: {
      user: 'SYSTEM',
      password: { kind: 'template', source: '{{ build `Password` }}' },
      environmentFormat: 'e %s %s',
      executeCommand: { kind: 'template', source: 'run {{.Path}} {{.Vars}}' },
    },
    remotePath: 'c:/x.ps1',
    environmentFile: 'c:/y.ps1',
    debugLevel: 1,
    skipClean: true,
    startRetryTimeout: 60_000,
    validExitCodes: [0, 3010],
    pauseAfter: 2_000,
  });
});

test('the options of the windows-shell provisioner are found in the plan', () => {
  const { at, ...rest } = step({ type: 'windows-shell', inline: ['dir'], environment_vars: ['A=1'] });
  assert.ok(at);
  assert.deepEqual(rest, {
    kind: 'windows-shell',
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
    script: { kind: 'inline', lines: ['dir'] },
    environment: [['A', '1']],
    environmentFormat: 'set "%s=%s" && ',
    executeCommand: { kind: 'template', source: '{{.Vars}}"{{.Path}}"' },
    remotePath: 'c:/Windows/Temp/script.bat',
    startRetryTimeout: 300_000,
    validExitCodes: [0],
  });
});

test('the options of the windows-restart provisioner are found in the plan', () => {
  const usual = step({ type: 'windows-restart' });
  assert.ok(usual.kind === 'windows-restart');
  assert.equal(usual.restartCommand, 'shutdown /r /f /t 0 /c "packer restart"');
  assert.deepEqual([usual.restartTimeout, usual.registryKeys, usual.checkCommand], [300_000, [], undefined]);
  const checked = step({ type: 'windows-restart', check_registry: true });
  assert.ok(checked.kind === 'windows-restart' && checked.registryKeys.length === 3);
  const own = step({
    type: 'windows-restart',
    check_registry: true,
    registry_keys: ['HKLM:X'],
    restart_command: 'reboot',
    restart_check_command: 'hostname',
    restart_timeout: '30m',
  });
  assert.ok(own.kind === 'windows-restart');
  assert.deepEqual(
    [own.registryKeys, own.restartCommand, own.checkCommand, own.restartTimeout],
    [['HKLM:X'], 'reboot', 'hostname', 1_800_000],
  );
});

test('a failure that the build survives is a word of every provisioner, unknown to older templates', () => {
  const template = {
    builders: [{ type: 'null', communicator: 'none' }],
    provisioners: [
      { type: 'sleep', duration: '1s', continue_on_error: true },
      { type: 'sleep', duration: '1s', continue_on_error: false },
    ],
  };
  const result = readTemplate(template);
  assert.deepEqual(
    buildsOf(result)[0]!.steps.map((one) => one.continueOnError),
    [true, undefined],
  );
  assert.match(
    complaints(result).join('\n'),
    /warning: Packer knows "continue_on_error" in HCL2 templates only/,
  );
});

/** All options of Packer 1.16's own provisioners, but those that every component has. */
const packerOptions: Readonly<Record<string, string>> = {
  breakpoint: 'note disable',
  file: 'content source sources destination direction generated',
  powershell:
    'inline script scripts valid_exit_codes environment_vars env env_var_format binary remote_path execute_command ' +
    'remote_env_var_path elevated_execute_command skip_clean start_retry_timeout elevated_env_var_format ' +
    'elevated_user elevated_password execution_policy debug_mode pause_after use_pwsh',
  shell:
    'inline script scripts valid_exit_codes environment_vars env env_var_format binary remote_path execute_command ' +
    'inline_shebang pause_after use_env_var_file remote_folder remote_file start_retry_timeout skip_clean ' +
    'expect_disconnect',
  'shell-local':
    'inline script scripts valid_exit_codes environment_vars env env_var_format command execute_command ' +
    'inline_shebang only_on tempfile_extension use_linux_pathing',
  sleep: 'duration',
  'windows-restart': 'restart_command restart_check_command restart_timeout check_registry registry_keys',
  'windows-shell':
    'inline script scripts valid_exit_codes environment_vars env env_var_format binary remote_path execute_command ' +
    'start_retry_timeout',
};

test('every provisioner knows all options that Packer has for it', () => {
  for (const [type, options] of Object.entries(packerOptions)) {
    const all = [
      'pause_before',
      'max_retries',
      'timeout',
      'only',
      'except',
      'override',
      ...options.split(' '),
    ];
    const told = complaints(read({ type, ...Object.fromEntries(all.map((name) => [name, null])) })).join(
      '\n',
    );
    assert.doesNotMatch(told, /has no option/, type);
  }
});

const refused: readonly (readonly [provisioner: Fields, message: RegExp])[] = [
  [{ type: 'shell' }, /nothing says what to run/],
  [{ type: 'shell', inline: [] }, /nothing says what to run/],
  [{ type: 'shell', inline: ['a'], script: '/dev/null' }, /only one of "inline", "script"/],
  [{ type: 'shell', scripts: ['/dev/null', 'nowhere'] }, /the script nowhere does not exist/],
  [{ type: 'shell', script: `${'long'.repeat(100)}.sh` }, /the script long.* does not exist/],
  [{ type: 'shell', script: 'a\0b' }, /the script a.b does not exist/],
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
  [{ type: 'powershell' }, /nothing says what to run/],
  [{ type: 'powershell', inline: ['x'], debug_mode: 3 }, /"debug_mode" is 0, 1 or 2, not 3/],
  [{ type: 'powershell', inline: ['x'], elevated_password: 'y' }, /without "elevated_user"/],
  [{ type: 'powershell', inline: ['x'], execution_policy: 'bypas' }, /did you mean "bypass"/],
  [{ type: 'powershell', inline: ['x'], execution_policy: 8 }, /"execution_policy" is one of .*, not "8"/],
  [{ type: 'windows-shell', inline: ['x'], skip_clean: true }, /has no option "skip_clean"/],
  [{ type: 'windows-restart', inline: ['x'] }, /has no option "inline"/],
  [{ type: 'inspec' }, /Kiln does not run the provisioner "inspec" yet/],
  [{ type: 'ansible' }, /"playbook_file" is missing/],
  [{ type: 'shel', inline: ['x'] }, /did you mean "shell"/],
];

test('wrong provisioners are refused with the reason', () => {
  for (const [provisioner, message] of refused) {
    const result = read(provisioner);
    assert.equal(result.plan, undefined, JSON.stringify(provisioner));
    assert.match(complaints(result).join('\n'), message, JSON.stringify(provisioner));
  }
});
