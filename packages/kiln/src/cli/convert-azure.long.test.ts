import assert from 'node:assert/strict';
import { test } from 'node:test';
import { largeBody, smallBody } from '../dialects/azure/testing/templates.ts';
import { makeWorkshop } from './testing.ts';

const gallery = '/subscriptions/0a1b/resourceGroups/team/providers/Microsoft.Compute/galleries/shared';

const azure = smallBody({
  customize: [
    { type: 'Shell', name: 'greet', inline: ['echo "${word} ${1:-x}" {{ .Path }}', '[ -d /tmp ]'] },
    { type: 'Shell', scriptUri: 'setup.sh' },
    { type: 'File', sourceUri: 'page.html', destination: '/tmp/page.html' },
  ],
  vmProfile: { vmSize: 'Standard_D2s_v3', osDiskSizeGB: 20 },
  distribute: [
    { type: 'SharedImage', runOutputName: 'versioned', galleryImageId: `${gallery}/images/web` },
    { type: 'VHD', runOutputName: 'disk' },
  ],
});

const files = { 'web.json': JSON.stringify(azure), 'setup.sh': '#!/bin/sh\n', 'page.html': 'x' };

test('an Azure template becomes a kiln.yaml that does the same', async (t) => {
  const { kiln } = makeWorkshop(t, files);
  const { code, stderr } = await kiln('convert', 'web.json', '--to', 'kiln', '-o', 'kiln.yaml');
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    [...stderr.matchAll(/warning: (.*)/g)].map((match) => match[1]),
    [
      "identity and location are lost: they are Azure's",
      'the image goes into the store as web:latest, not as shared/web with a version that is counted up',
    ],
  );
  const plan = await kiln('plan');
  assert.equal(plan.code, 0, plan.stderr);
  assert.equal(
    plan.stdout.replace(/ {2}(?:runs|restored).*$/gm, ''),
    `build web (qemu)
  from debian/12
  2 processors, 8.0 GB of memory, 20.0 GB disk, BIOS
  1. greet: run echo "\${word} \${1:-x}" {{ .Path }} (and 1 more)
  2. run setup.sh
  3. copy page.html to /tmp/page.html
  → vhd-fixed disk output-web/disk.vhd
  → store as web:latest
`,
  );
});

test('it becomes a Packer template in both of its languages', async (t) => {
  const { kiln } = makeWorkshop(t, files);
  for (const [to, file] of [
    ['json', 'packer.json'],
    ['hcl', 'packer.pkr.hcl'],
  ] as const) {
    const { code, stderr } = await kiln('convert', 'web.json', '--to', to, '-o', file);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: the target versioned \(SharedImage\) is lost/);
    const checked = await kiln('validate', file, '--syntax-only');
    assert.equal(checked.code, 0, checked.stderr);
    const plan = await kiln('plan', file, '--json');
    const { builds } = JSON.parse(plan.stdout) as { builds: { steps: { kind: string }[] }[] };
    assert.deepEqual(
      builds[0]!.steps.map(({ kind }) => kind),
      ['shell', 'shell', 'file'],
      to,
    );
  }
});

test('everything that has no counterpart is listed', async (t) => {
  const { kiln } = makeWorkshop(t, { 'web.json': JSON.stringify(largeBody()) });
  const { code, stdout } = await kiln('convert', 'web.json', '--to', 'kiln', '--json');
  assert.equal(code, 0);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { message: string }[] };
  const lost = diagnostics.map(({ message }) => message).join('\n');
  for (const what of [
    'identity, location and tags are lost',
    'the limit of the time',
    'that the machine is kept after an error is lost',
    'that the image is distributed all the same is lost',
    '"optimize" is lost',
    'the additional disks are lost',
    'the network and identities',
    '"stagingResourceGroup" is lost',
    '"autoRun" is lost',
    '"managedResourceTags" is lost',
    'the tags of the image are lost',
    'https://example.com/setup.sh is fetched inside of the machine',
    'PowerShell is lost',
    'WindowsRestart is lost',
    'WindowsUpdate is lost',
  ])
    assert.ok(lost.includes(what), `${what} in:\n${lost}`);
});

const kilnYaml = `kiln: 1
variables:
  token: {sensitive: true, default: hunter2}
images:
  web:
    from: debian/12
    disk: 20G
    steps:
      - run: |
          echo one
          [ -d /tmp ]
      - run: {inline: echo as a user, user: kiln}
      - run: {script: setup.sh, env: {NAME: x y}}
      - copy: {content: "hi\\n", to: /etc/motd, mode: "0600"}
      - copy: {from: page.html, to: /srv/page.html}
      - run: login \${token}
      - reboot: true
    outputs:
      - disk: {path: web.vhd, format: vhd-fixed}
      - disk: web.qcow2
`;

test('a kiln.yaml becomes a template of Azure that Kiln builds', async (t) => {
  const { kiln } = makeWorkshop(t, {
    'kiln.yaml': kilnYaml,
    'setup.sh': '#!/bin/sh\necho set\n',
    'page.html': 'x',
  });
  const { code, stderr } = await kiln('convert', 'kiln.yaml', '--to', 'azure', '-o', 'web.json');
  assert.equal(code, 0, stderr);
  const lost = [...stderr.matchAll(/warning: (.*)/g)].map((match) =>
    match[1]!.replace(/^.*FOLDER/, '… FOLDER'),
  );
  assert.deepEqual(lost, [
    '… FOLDER/page.html has to be where Azure can fetch it',
    'reboot: a step of the kind reboot is lost',
    'an output of the kind disk is lost',
    'secrets are lost: <secret> stands where they were',
  ]);
  const identity =
    '/subscriptions/a/resourceGroups/b/providers/Microsoft.ManagedIdentity/userAssignedIdentities/c';
  const values = ['--var', `identityId=${identity}`];
  const plan = await kiln('plan', 'web.json', ...values, '--json');
  assert.equal(plan.code, 0, plan.stderr);
  const { builds } = JSON.parse(plan.stdout) as {
    builds: {
      steps: { kind: string; script?: { lines: string[] } }[];
      outputs: { kind: string; references?: string[] }[][];
    }[];
  };
  const [{ steps, outputs } = assert.fail()] = builds;
  assert.deepEqual(
    steps.map(({ kind }) => kind),
    ['shell', 'shell', 'shell', 'shell', 'file', 'shell', 'shell'],
  );
  assert.deepEqual(steps[0]!.script!.lines.slice(0, 3), [
    "sudo env DEBIAN_FRONTEND=noninteractive /bin/sh -e -s <<'END_OF_SCRIPT'",
    'echo one',
    '[ -d /tmp ]',
  ]);
  assert.deepEqual(steps[1]!.script!.lines, ['echo as a user']);
  assert.ok(
    steps[2]!.script!.lines.includes("sudo env DEBIAN_FRONTEND=noninteractive NAME='x y' /tmp/setup.sh"),
  );
  assert.ok(steps[3]!.script!.lines.includes('sudo install -D -m 600 -o root /tmp/written-file /etc/motd'));
  assert.deepEqual(
    outputs.flat().map(({ kind }) => kind),
    ['disk', 'store'],
  );
  assert.deepEqual(outputs.flat()[1]!.references, ['images/web:0.0.1', 'images/web:latest']);
});

const packer = `source "qemu" "web" {
  disk_image   = true
  iso_url      = "disk.qcow2"
  iso_checksum = "none"
  ssh_username = "debian"
  memory       = 4096
  boot_command = ["<enter>"]
}
build {
  sources = ["source.qemu.web"]
  provisioner "shell" {
    execute_command  = "sudo env {{ .Vars }} {{ .Path }}"
    environment_vars = ["A=b"]
    inline           = ["echo $A"]
    max_retries      = 2
  }
  provisioner "powershell" {
    inline           = ["Get-Date"]
    valid_exit_codes = [0, 3010]
  }
  post-processor "checksum" {}
}
`;

test('a Packer template becomes one of Azure, with a list of what is lost', async (t) => {
  const { kiln } = makeWorkshop(t, { 'web.pkr.hcl': packer, 'disk.qcow2': '' });
  const { code, stdout } = await kiln('convert', 'web.pkr.hcl', '--to', 'azure', '--json');
  assert.equal(code, 0);
  const { text, diagnostics } = JSON.parse(stdout) as { text: string; diagnostics: { message: string }[] };
  const lost = diagnostics.map(({ message }) => message).join('\n');
  for (const what of [
    'what is typed when the machine boots is lost',
    'what the build starts from is to be filled in',
    'how often it is tried is lost',
    'an output of the kind checksum is lost',
  ])
    assert.ok(lost.includes(what), `${what} in:\n${lost}`);
  const { resources } = JSON.parse(text) as {
    resources: { properties: { customize: object[]; vmProfile: object } }[];
  };
  const [{ properties } = assert.fail()] = resources;
  assert.deepEqual(properties.customize, [
    {
      type: 'Shell',
      inline: ["sudo env A=b /bin/sh -e -s <<'END_OF_SCRIPT'", 'echo $A', 'END_OF_SCRIPT'],
    },
    { type: 'PowerShell', inline: ['Get-Date'], validExitCodes: [0, 3010] },
  ]);
  assert.deepEqual(properties.vmProfile, { vmSize: 'Standard_D2s_v5', osDiskSizeGB: 40 });
});
