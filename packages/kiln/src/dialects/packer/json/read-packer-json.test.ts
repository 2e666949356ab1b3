import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildsOf, complaints, readTemplate } from '../testing.ts';
import { looksLikePackerJson } from './looks-like-packer-json.ts';

const lone = { type: 'null', communicator: 'none' };

test('a usual template becomes a plan', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-packer-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'scripts'));
  await writeFile(join(folder, 'scripts/setup.sh'), '#!/bin/sh\n');
  await writeFile(join(folder, 'motd'), 'hello\n');
  const template = `{
  "_comment": "the web image",
  "variables": { "image": "base.qcow2", "password": null, "by": "{{env \`USER\`}}" },
  "sensitive-variables": ["password"],
  "builders": [{
    "type": "qemu", "name": "web", "disk_image": true, "iso_url": "{{user \`image\`}}", "iso_checksum": "none",
    "ssh_username": "debian", "ssh_password": "{{user \`password\`}}", "headless": "true", "memory": "1024", "cpus": 2,
    "disk_size": "8G", "shutdown_command": "echo {{user \`password\`}} | sudo -S poweroff"
  }],
  "provisioners": [
    { "type": "shell", "inline": ["echo {{user \`by\`}} builds {{build_name}}", "echo {{build \`ID\`}}"],
      "environment_vars": ["A=1", "B=x={{build \`Host\`}}"] },
    { "type": "shell", "script": "scripts/setup.sh", "pause_before": "5s", "max_retries": "2", "timeout": "10m" },
    { "type": "file", "source": "motd", "destination": "/etc/motd" }
  ],
  "post-processors": [{ "type": "manifest", "custom_data": { "id": "{{build \`ID\`}}", "by": "{{user \`by\`}}" } }]
}`;
  const result = readTemplate(template, {
    cwd: folder,
    env: { USER: 'ann' },
    variables: { password: 'geheim' },
  });
  const [build] = buildsOf(result);
  assert.deepEqual(complaints(result), []);
  assert.deepEqual(result.plan?.secrets, ['geheim']);
  assert.deepEqual(result.plan?.origin, { file: 't.json', folder, dialect: 'packer-json' });
  assert.ok(Object.isFrozen(result.plan?.builds));
  assert.ok(build?.name === 'web' && build.type === 'qemu' && build.source.kind === 'qemu');
  const { source, steps, outputs } = build;
  assert.deepEqual(source.disk, { kind: 'file', path: join(folder, 'base.qcow2') });
  assert.equal(source.installer, undefined);
  assert.ok(source.communicator.kind === 'ssh');
  assert.equal(source.communicator.password, 'geheim');
  assert.equal(source.hardware.memory, 2 ** 30);
  assert.equal(source.shutdown.command, 'echo geheim | sudo -S poweroff');
  assert.deepEqual(
    [source.result.machineName, source.result.directory, source.result.diskSize],
    ['packer-web', join(folder, 'output-web'), 8 * 2 ** 30],
  );
  const [inline, script, file] = steps;
  assert.ok(inline?.kind === 'shell' && script?.kind === 'shell' && file?.kind === 'file');
  assert.deepEqual(inline.script, {
    kind: 'inline',
    lines: ['echo ann builds web', { kind: 'template', source: 'echo {{build `ID`}}' }],
  });
  assert.deepEqual(inline.environment, [
    ['A', '1'],
    ['B', { kind: 'template', source: 'x={{build `Host`}}' }],
  ]);
  assert.deepEqual(script.script, { kind: 'files', paths: [join(folder, 'scripts/setup.sh')] });
  assert.deepEqual([script.pauseBefore, script.maxRetries, script.timeout], [5_000, 2, 600_000]);
  assert.deepEqual([file.sources, file.destination], [[join(folder, 'motd')], '/etc/motd']);
  assert.deepEqual(inline.at, { file: 't.json', line: 11, column: 5 });
  assert.equal(outputs.length, 1);
  assert.deepEqual(outputs[0]?.[0], {
    kind: 'manifest',
    output: join(folder, 'packer-manifest.json'),
    stripPath: false,
    stripTime: false,
    customData: { id: { kind: 'template', source: '{{build `ID`}}' }, by: 'ann' },
    at: { file: 't.json', line: 16, column: 23 },
  });
});

test('all mistakes of a template are told at once, each with its place', () => {
  const template = `{
  "variables": { "n": 1 },
  "builder": [],
  "builders": [
    { "type": "qemu", "iso_url": "x.iso", "iso_checksum": "none", "ssh_usrname": "root", "memory": "much" },
    { "type": "null", "communicator": "none" }
  ],
  "provisioners": [
    { "type": "shell", "script": "missing.sh", "only": ["qemu"], "timeout": "10" },
    { "type": "file", "source": "missing.txt", "destination": "/x", "except": ["quemu"] },
    { "type": "inspec", "profile": "x" },
    { "inline": ["true"] }
  ],
  "post-processors": ["docker-tag", [["manifest"]]]
}`;
  assert.deepEqual(complaints(readTemplate(template)), [
    '2:23: error: the variable "n" must be a text, not the number 1 (put it into double quotes)',
    '3:3: error: a template has no "builder" (did you mean "builders"?)',
    '5:5: error: "ssh_username" is missing (name the user to log in as)',
    '5:67: error: the qemu builder has no option "ssh_usrname" (did you mean "ssh_username"?)',
    '5:100: error: "memory" must be a whole number, not the text "much"',
    '9:34: error: the script missing.sh does not exist (relative paths start in /project)',
    '9:77: error: "timeout" must be a duration such as "30s" or "1m30s", not the text "10"',
    '10:33: error: the source missing.txt does not exist (relative paths start in /project)',
    '10:80: error: "except" names the builder "quemu", which does not exist (did you mean "qemu"?)',
    '11:15: error: Kiln does not run the provisioner "inspec" yet (it runs ansible, ansible-local, breakpoint, chef-solo, file, powershell, puppet-masterless, puppet-server, salt-masterless, shell, shell-local, sleep, windows-restart, windows-shell)',
    '12:5: error: the provisioner has no "type" (such as "shell")',
    '14:23: error: Kiln does not run the post-processor "docker-tag" yet (it runs artifice, checksum, compress, manifest, shell-local, vagrant)',
    '14:38: error: a chain of post-processors cannot stand inside of another',
  ]);
});

test('builders that are not chosen may be of any kind', () => {
  const template = {
    builders: [lone, { type: 'virtualbox-iso', vboxmanage: [] }],
    provisioners: [{ type: 'ansible', only: ['virtualbox-iso'] }],
  };
  assert.deepEqual(complaints(readTemplate(template)), [
    '1:60: error: Kiln does not run the builder "virtualbox-iso" yet (it runs file, null, qemu; choose builds with -only=null)',
  ]);
  assert.deepEqual(
    buildsOf(readTemplate(template, { only: ['null'] })).map(({ name }) => name),
    ['null'],
  );
  assert.deepEqual(
    buildsOf(readTemplate(template, { except: ['virtualbox-iso'] })).map(({ name }) => name),
    ['null'],
  );
  assert.match(
    complaints(readTemplate(template, { only: ['nul'] })).join(),
    /-only names the build "nul".*did you mean "null"/,
  );
});

test('variables come from the template, then files, then the command line', () => {
  const target = '{{user `a`}}/{{user `b`}}/{{user `c`}}';
  const template = {
    variables: { a: '1', b: '1', c: '1' },
    builders: [{ type: 'file', content: 'x', target }],
  };
  const files = [
    { file: 'one.json', text: '{"b":"2","c":"2"}' },
    { file: 'two.json', text: '{"c":"3"}' },
  ];
  const [build] = buildsOf(readTemplate(template, { variableFiles: files, variables: { c: '4' } }));
  assert.ok(build?.source.kind === 'file');
  assert.equal(build.source.target, '/project/1/2/4');
});

test('variables name each other in any order and know the environment', () => {
  const template = {
    variables: {
      a: '{{user `b`}}!',
      b: '{{upper (user `c`)}}',
      c: '{{env `WHO`}}',
      late: '{{ .HTTPIP }}/{{user `c`}}',
    },
    builders: [{ type: 'file', target: 'x', content: '{{user `a`}} {{user `late`}}' }],
  };
  const [build] = buildsOf(readTemplate(template, { env: { WHO: 'ann' } }));
  assert.ok(build?.source.kind === 'file' && build.source.from.kind === 'content');
  assert.equal(build.source.from.content, 'ANN! {{ .HTTPIP }}/ann');
});

test('variables with no value, in circles or of unknown names are mistakes', () => {
  const template = `{ "variables": {
    "must": null,
    "a": "{{user \`b\`}}", "b": "{{user \`a\`}}",
    "c": "{{user \`mst\`}}"
  }, "builders": [{ "type": "null", "communicator": "none" }] }`;
  assert.deepEqual(complaints(readTemplate(template)), [
    '2:5: error: the variable "must" has no value (give one with -var must=…)',
    '3:10: error: the variables "a", "b", "a" name each other in a circle',
    '4:10: error: the variable "mst" does not exist (did you mean "must"?)',
  ]);
  const files = [{ file: 'v.json', text: '{"n": 5}' }];
  assert.deepEqual(complaints(readTemplate({ builders: [lone] }, { variableFiles: files })), [
    'v.json:1:7: error: the variable "n" must be a text, not the number 5 (put it into double quotes)',
  ]);
});

test('provisioners are for some builds only, and differ between builds', () => {
  const template = {
    builders: [
      { ...lone, name: 'one' },
      { ...lone, name: 'two' },
    ],
    provisioners: [
      { type: 'sleep', duration: '1s', only: ['one'] },
      { type: 'sleep', duration: '2s', except: ['one'] },
      {
        type: 'shell-local',
        inline: ['a'],
        env: { A: '1', B: '1' },
        override: { two: { inline: ['b'], env: { B: '2' } } },
      },
    ],
    'error-cleanup-provisioner': { type: 'shell-local', inline: ['rm {{build_name}}'] },
  };
  const builds = buildsOf(readTemplate(template));
  const told = builds.map(({ name, steps, cleanupStep }) => [
    name,
    ...[...steps, cleanupStep].map((step) =>
      step?.kind === 'sleep'
        ? step.duration
        : step?.kind === 'shell-local'
          ? [step.script, step.environment]
          : '?',
    ),
  ]);
  assert.deepEqual(told, [
    [
      'one',
      1_000,
      [
        { kind: 'inline', lines: ['a'] },
        [
          ['A', '1'],
          ['B', '1'],
        ],
      ],
      [{ kind: 'inline', lines: ['rm one'] }, []],
    ],
    [
      'two',
      2_000,
      [
        { kind: 'inline', lines: ['b'] },
        [
          ['A', '1'],
          ['B', '2'],
        ],
      ],
      [{ kind: 'inline', lines: ['rm two'] }, []],
    ],
  ]);
});

test('post-processors are texts, objects and chains, and -except cuts a chain', () => {
  const template = {
    builders: [lone],
    'post-processors': [
      'manifest',
      { type: 'checksum', checksum_types: ['sha256'], keep_input_artifact: true, only: ['null'] },
      [
        { type: 'artifice', files: ['x'] },
        { type: 'compress', name: 'pack', output: 'x.tar.gz' },
        'checksum',
      ],
    ],
  };
  const kinds = (except: readonly string[]) =>
    buildsOf(readTemplate(template, { except }))[0]!.outputs.map((chain) =>
      chain.map(({ kind }) => kind).join('>'),
    );
  assert.deepEqual(kinds([]), ['manifest', 'checksum', 'artifice>compress>checksum']);
  assert.deepEqual(kinds(['pack']), ['manifest', 'checksum', 'artifice']);
  assert.deepEqual(kinds(['checksum', 'manifest']), ['artifice>compress']);
  const [, [checksum] = [], [, pack] = []] = buildsOf(readTemplate(template))[0]!.outputs;
  assert.equal(checksum?.keepInput, true);
  assert.equal(pack?.name, 'pack');
});

test('names of builders may be templates', () => {
  const template = {
    variables: { tag: 'v2' },
    builders: [{ ...lone, name: 'web-{{user `tag`}}' }],
    provisioners: [{ type: 'sleep', only: ['web-{{user `tag`}}'] }],
  };
  const [build] = buildsOf(readTemplate(template, { only: ['web-v2'] }));
  assert.deepEqual([build?.name, build?.steps.length], ['web-v2', 1]);
});

test('a newer Packer may be asked for in vain', () => {
  assert.deepEqual(complaints(readTemplate({ builders: [lone], min_packer_version: '1.7.0' })), []);
  assert.match(
    complaints(readTemplate({ builders: [lone], min_packer_version: '2.0' })).join(),
    /wants Packer 2\.0/,
  );
  assert.match(
    complaints(readTemplate({ builders: [lone], min_packer_version: 'new' })).join(),
    /must be a version/,
  );
});

test('what is no template is told apart', () => {
  assert.deepEqual(complaints(readTemplate('[]')), [
    '1:1: error: a template is an object in braces, not a list',
  ]);
  assert.match(complaints(readTemplate('{}')).join(), /at least one builder/);
  assert.match(complaints(readTemplate('{"builders":[')).join(), /ends inside the list/);
  assert.match(complaints(readTemplate('{"builders":[1]}')).join(), /must be an object, not the number 1/);
  assert.ok(looksLikePackerJson('\uFEFF\n{ "builders" : ['));
  assert.ok(!looksLikePackerJson('{"resources": []}'));
  assert.ok(!looksLikePackerJson('kiln: 1\nimages: {}'));
});
