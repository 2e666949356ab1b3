import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Problems } from '../../base/yaml/problems.ts';
import type { Build } from '../../plan/plan.ts';
import type { QemuSource } from '../../plan/qemu-source.ts';
import { shippedCatalogue } from './catalogue/catalogue.ts';
import { checkImageTemplate } from './model/check-image-template.ts';
import { galleryView, type StoredName } from './plan/gallery-view.ts';
import { planTemplate } from './plan/plan-template.ts';
import { readAzureTemplate } from './read-azure-template.ts';
import { gallery, group, smallBody } from './testing/templates.ts';

interface Setup {
  readonly files?: Readonly<Record<string, string>>;
  readonly names?: readonly StoredName[];
  readonly values?: Readonly<Record<string, unknown>>;
}

function read(t: TestContext, body: object, { files = {}, names = [], values = {} }: Setup = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-azure-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const { plan, diagnostics } = readAzureTemplate({
    file: join(folder, 'web.json'),
    text: JSON.stringify(body, null, 1),
    values,
    now: new Date(0),
    catalogue: shippedCatalogue(),
    gallery: galleryView(names),
    host: { cpus: 4, memory: 16 * 2 ** 30 },
  });
  const said = diagnostics.map(
    ({ severity, message }) => `${severity}: ${message.replaceAll(folder, 'FOLDER')}`,
  );
  return { plan, said, folder };
}

function buildOf(t: TestContext, body: object, setup?: Setup): Build {
  const { plan, said } = read(t, body, setup);
  assert.ok(plan, said.join('\n'));
  return plan.builds[0]!;
}

function machineOf(build: Build): QemuSource {
  assert.equal(build.source.kind, 'qemu');
  return build.source as QemuSource;
}

const target = {
  type: 'SharedImage',
  runOutputName: 'versioned',
  galleryImageId: `${gallery}/images/Web.App`,
};

function references(
  t: TestContext,
  more: object,
  names: readonly StoredName[] = [],
  properties: object = {},
) {
  const build = buildOf(t, smallBody({ distribute: [{ ...target, ...more }], ...properties }), { names });
  const [output] = build.outputs.flat();
  assert.equal(output?.kind, 'store');
  return output.references;
}

test('a template is a machine that is not logged in to as root, steps, and images', (t) => {
  const build = buildOf(
    t,
    smallBody({ vmProfile: { vmSize: 'Standard_D2s_v3', osDiskSizeGB: 40 }, buildTimeoutInMinutes: 30 }),
  );
  const { disk, communicator, hardware, result, seed } = machineOf(build);
  assert.deepEqual(disk, { kind: 'distribution', distribution: 'debian', release: '12' });
  assert.equal(communicator.kind === 'ssh' && communicator.username, 'kiln');
  assert.deepEqual(
    [hardware.cpus, hardware.memory / 2 ** 30, result.diskSize! / 2 ** 30, seed],
    [2, 8, 40, true],
  );
  assert.equal(build.timeLimit, 30 * 60_000);
  assert.deepEqual(
    build.steps.map((step) => [step.kind, step.name, step.onError]),
    [['shell', 'greet', 'cleanup']],
  );
  assert.deepEqual(
    build.outputs.flat().map((one) => one.kind === 'store' && one.references),
    [['web:latest']],
  );
});

test('a machine is called what a host can be called', (t) => {
  const nameOf = (name: string) => machineOf(buildOf(t, smallBody({}, { name }))).result.machineName;
  assert.deepEqual(['web', 'My_App.v2', '..', '-a-'].map(nameOf), ['web', 'My-App-v2', 'build', 'a']);
});

test('a build without limit has 240 minutes, and the smallest of machines', (t) => {
  const build = buildOf(t, smallBody());
  assert.equal(build.timeLimit, 240 * 60_000);
  assert.deepEqual([machineOf(build).hardware.cpus, machineOf(build).hardware.memory], [1, 3.5 * 2 ** 30]);
});

test('a machine that this host has no room for is made smaller, and that is said', (t) => {
  const { plan, said } = read(t, smallBody({ vmProfile: { vmSize: 'Standard_E16s_v5' } }));
  assert.deepEqual(said, [
    'warning: a machine of the size Standard_E16s_v5 is more than this host has: it gets 4 of 16 processors and 8.0 GB of 128 GB',
  ]);
  assert.deepEqual(machineOf(plan!.builds[0]!).hardware.cpus, 4);
});

test('validations run after customizers, each as what becomes of a failure says', (t) => {
  const inVMValidations = [
    { type: 'Shell', name: 'up', inline: ['true'] },
    { type: 'Shell', inline: ['false'] },
  ];
  const properties = {
    validate: { continueDistributeOnFailure: true, inVMValidations },
    errorHandling: { onCustomizerError: 'abort' },
  };
  const build = buildOf(t, smallBody(properties));
  assert.deepEqual(
    build.steps.map(({ name, onError, failsAtEnd = false }) => [name, onError, failsAtEnd]),
    [
      ['greet', 'abort', false],
      ['validate: up', 'cleanup', true],
      ['validate: Shell', 'cleanup', true],
    ],
  );
  const onlySource = buildOf(t, smallBody({ validate: { sourceValidationOnly: true, inVMValidations } }));
  assert.deepEqual(
    onlySource.steps.map(({ name }) => name),
    ['validate: up', 'validate: Shell'],
  );
  assert.deepEqual(onlySource.outputs, []);
});

test('versions are counted up from those in the store, and latest follows the highest', (t) => {
  const named = (tag: string, id = tag): StoredName => ({ name: 'shared_images/web.app', tag, id });
  const names = [named('1.0.0'), named('1.3.2'), named('2.0.0', 'x'), named('latest', 'x')];
  assert.deepEqual(references(t, {}), ['shared_images/web.app:0.0.1', 'shared_images/web.app:latest']);
  assert.deepEqual(references(t, {}, names), ['shared_images/web.app:2.0.1', 'shared_images/web.app:latest']);
  assert.deepEqual(references(t, { versioning: { scheme: 'Latest', major: 1 } }, names), [
    'shared_images/web.app:1.3.3',
  ]);
  assert.deepEqual(references(t, { excludeFromLatest: true }, names), ['shared_images/web.app:2.0.1']);
  const exact = `${target.galleryImageId}/versions/3.0.0`;
  assert.deepEqual(references(t, { galleryImageId: exact }, names), [
    'shared_images/web.app:3.0.0',
    'shared_images/web.app:latest',
  ]);
});

test('the latest version of a source is fixed when the plan is made, without those that are excluded', (t) => {
  const named = (tag: string, id = tag): StoredName => ({ name: 'shared_images/base', tag, id });
  const names = [named('1.0.0', 'x'), named('latest', 'x'), named('2.0.0')];
  const source = { type: 'SharedImageVersion', imageVersionId: `${gallery}/images/base/versions/latest` };
  const versioning = { scheme: 'Source' };
  const { plan, said } = read(t, smallBody({ source, distribute: [{ ...target, versioning }] }), { names });
  assert.deepEqual(said, []);
  const build = plan!.builds[0]!;
  assert.deepEqual(machineOf(build).disk, { kind: 'store', reference: 'shared_images/base:1.0.0' });
  assert.ok(JSON.stringify(build.outputs).includes('shared_images/web.app:1.0.0'));
  assert.deepEqual(read(t, smallBody({ source })).said, [
    'warning: the store has no image shared_images/base now',
  ]);
});

test('of two templates in a file the one comes first that the other starts from', (t) => {
  const type = 'Microsoft.VirtualMachineImages/imageTemplates';
  const resource = (name: string, properties: object) => ({
    type,
    apiVersion: '2024-02-01',
    name,
    ...smallBody({ ...properties }),
  });
  const source = { type: 'SharedImageVersion', imageVersionId: `${gallery}/images/base/versions/latest` };
  const base = { ...target, galleryImageId: `${gallery}/images/base` };
  const { plan, said } = read(t, {
    resources: [resource('app', { source }), resource('base', { distribute: [base] })],
  });
  assert.deepEqual(said, []);
  assert.deepEqual(
    plan!.builds.map(({ name, after }) => [name, after]),
    [
      ['base', undefined],
      ['app', ['base']],
    ],
  );
});

test('scripts and files come from beside the template or from elsewhere, and have their checksums', (t) => {
  const files = { 'setup.sh': 'echo hi\n' };
  const sha256Checksum = createHash('sha256').update(files['setup.sh']).digest('hex');
  const url = 'https://example.com/a.tar';
  const customize = [
    { type: 'Shell', scriptUri: 'setup.sh', sha256Checksum },
    { type: 'Shell', scriptUri: 'https://example.com/b.sh', sha256Checksum },
    { type: 'File', sourceUri: url, destination: '/tmp/a.tar' },
  ];
  const { plan, folder } = read(t, smallBody({ customize }), { files });
  const [first, second, third] = plan!.builds[0]!.steps;
  assert.deepEqual(first?.kind === 'shell' && first.script, {
    kind: 'files',
    paths: [join(folder, 'setup.sh')],
  });
  const digests = [{ algorithm: 'sha256', hex: sha256Checksum }];
  assert.deepEqual(second?.kind === 'shell' && second.download, { url: 'https://example.com/b.sh', digests });
  assert.deepEqual(third?.kind === 'file' && third.download, { url, digests: [] });

  const wrong = [
    { type: 'Shell', scriptUri: 'setup.sh', sha256Checksum: '0'.repeat(64) },
    { type: 'Shell', scriptUri: 'gone.sh' },
    { type: 'File', sourceUri: 'ftp://host/x', destination: '/tmp/x' },
  ];
  assert.deepEqual(read(t, smallBody({ customize: wrong }), { files }).said, [
    `error: "setup.sh" has the SHA-256 ${sha256Checksum}, not ${'0'.repeat(64)}`,
    'error: there is no file "gone.sh" in FOLDER',
    'error: "ftp://host/x" is not a kind of address that Kiln fetches',
  ]);
});

test('files of this host are refused where somebody else runs the template', () => {
  const checked = checkImageTemplate(smallBody({ customize: [{ type: 'Shell', scriptUri: '/etc/passwd' }] }));
  assert.ok(checked.valid);
  const problems = new Problems();
  const at = () => ({ file: 'web', line: 1, column: 1 });
  const build = planTemplate(checked.template, {
    ...{
      name: 'web',
      outputFolder: '/out',
      catalogue: shippedCatalogue(),
      gallery: galleryView([]),
      problems,
      at,
    },
    host: { cpus: 4, memory: 2 ** 33 },
  });
  assert.deepEqual(build?.steps, []);
  assert.deepEqual(
    problems.list().map(({ message }) => message),
    ['"/etc/passwd" is no address'],
  );
});

test('what only Windows can do is planned, and said to be refused elsewhere', (t) => {
  const customize = [
    {
      type: 'PowerShell',
      inline: ['Get-Date'],
      runElevated: true,
      runAsSystem: true,
      validExitCodes: [3010],
    },
    {
      type: 'WindowsUpdate',
      filters: ['exclude:$_.Title -like "*Preview*"', 'include:$true'],
      updateLimit: 3,
    },
    { type: 'WindowsRestart', restartTimeout: '10m' },
  ];
  const { plan, said } = read(t, smallBody({ customize }));
  assert.deepEqual(
    said,
    ['PowerShell', 'WindowsUpdate', 'WindowsRestart'].map(
      (type) => `warning: ${type} needs Windows; a machine that is not will refuse this step`,
    ),
  );
  const { steps } = plan!.builds[0]!;
  assert.deepEqual(
    steps.map(({ kind, needsWindows }) => [kind, needsWindows]),
    ['powershell', 'powershell', 'windows-restart', 'windows-restart'].map((kind) => [kind, true]),
  );
  assert.equal(steps[0]?.kind === 'powershell' && steps[0].elevated?.user, 'SYSTEM');
  assert.equal(steps[3]?.kind === 'windows-restart' && steps[3].restartTimeout, 600_000);
});

test('VHDs are written beside the template', (t) => {
  const distribute = [
    {
      type: 'ManagedImage',
      runOutputName: 'm',
      imageId: `${group}/providers/Microsoft.Compute/images/My Image`,
      location: 'x',
    },
    { type: 'VHD', runOutputName: 'disk', uri: 'https://a.blob.core.windows.net/x.vhd' },
  ];
  const { plan, said, folder } = read(t, smallBody({ distribute }));
  assert.deepEqual(said, [
    'warning: the disk is written to output-web/disk.vhd; nothing is sent to https://a.blob.core.windows.net/x.vhd',
  ]);
  const outputs = plan!.builds[0]!.outputs.flat();
  assert.deepEqual(
    outputs.map((one) => one.kind),
    ['disk', 'store'],
  );
  assert.equal(outputs[0]?.kind === 'disk' && outputs[0].path, join(folder, 'output-web/disk.vhd'));
  assert.deepEqual(outputs[1]?.kind === 'store' && outputs[1].references, ['my-image:latest']);
});

test('an image that Kiln cannot get is refused with what to do', (t) => {
  const source = { type: 'PlatformImage', publisher: 'RedHat', offer: 'RHEL', sku: '9_4', version: 'latest' };
  assert.deepEqual(read(t, smallBody({ source })).said, [
    'error: Kiln cannot get the image RedHat:RHEL:9_4:latest',
  ]);
});
