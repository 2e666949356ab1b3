import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Step } from '../../../plan/step.ts';
import { shippedCatalogue } from '../catalogue/catalogue.ts';
import { galleryView } from '../plan/gallery-view.ts';
import { readAzureTemplate } from '../read-azure-template.ts';

function read(name: string, sourceImage?: 'windows') {
  const file = fileURLToPath(new URL(`fixtures/${name}.json`, import.meta.url));
  const image = { kind: 'store', reference: 'windows:latest' } as const;
  const { plan, diagnostics } = readAzureTemplate({
    file,
    text: readFileSync(file, 'utf8'),
    values: {},
    now: new Date(0),
    catalogue: shippedCatalogue(),
    gallery: galleryView([
      { name: 'sharedgallery/base', tag: '1.2.0', id: 'a' },
      { name: 'sharedgallery/base', tag: 'latest', id: 'a' },
      { name: 'sharedgallery/golden-image', tag: '1.4.0', id: 'b' },
    ]),
    host: { cpus: 8, memory: 2 ** 35 },
    ...(sourceImage && {
      sourceImage: { image, login: { kind: 'ssh', user: 'Administrator', password: 'x' } },
    }),
  });
  return {
    build: plan?.builds[0],
    said: diagnostics.map(({ severity, at, message }) => `${at.line} ${severity}: ${message}`),
  };
}

const summary = (step: Step) => `${step.kind} ${step.name ?? ''}`.trim();

test('a small template with what is to be filled in', () => {
  const { build, said } = read('linux-quickstart');
  assert.deepEqual(said, ['7 warning: "<imgBuilderId>" is still to be filled in']);
  assert.ok(build?.source.kind === 'qemu');
  assert.deepEqual(build.source.disk, { kind: 'distribution', distribution: 'ubuntu', release: '22.04' });
  assert.deepEqual(build.steps.map(summary), [
    'shell RunScriptFromSource',
    'shell CheckSumCompareShellScript',
    'file downloadBuildArtifacts',
    'shell setupBuildPath',
  ]);
  assert.equal(build.name, 'linux-quickstart');
});

test('a deployment from a version of a gallery to the next one', () => {
  const { build, said } = read('gallery-versions');
  assert.equal(said.length, 1);
  assert.match(said[0]!, /warning: the order of blocks/);
  assert.ok(build?.source.kind === 'qemu');
  assert.deepEqual(build.source.disk, { kind: 'store', reference: 'sharedgallery/base:1.2.0' });
  assert.deepEqual(build.steps.map(summary), ['shell update', 'shell validate: Shell']);
  const [update] = build.steps;
  assert.deepEqual(update?.kind === 'shell' && update.script, {
    kind: 'inline',
    lines: ['sudo apt-get update', '[ -e /etc/os-release ]'],
  });
  assert.deepEqual(
    build.outputs.flat().map((one) => (one.kind === 'store' ? one.references : one.kind)),
    ['disk', ['sharedgallery/golden-image:1.4.1', 'sharedgallery/golden-image:latest']],
  );
});

test('a template for Windows is planned on an image of the user', () => {
  assert.deepEqual(
    read('windows').said.at(-1)?.replace(/^\d+ /, ''),
    'error: Kiln cannot get the image MicrosoftWindowsServer:WindowsServer:2022-datacenter:latest',
  );
  const { build, said } = read('windows', 'windows');
  assert.deepEqual(said, ['5 warning: "<imgBuilderId>" is still to be filled in']);
  assert.deepEqual(build?.steps.map(summary), [
    'powershell CreateBuildPath',
    'windows-restart',
    'file artifact',
    'powershell setup',
    'powershell',
    'windows-restart WindowsUpdate: restart',
  ]);
});

test('a template from before identities is refused for what is gone, and warned of the rest', () => {
  assert.deepEqual(read('before-identity').said, [
    '1 warning: the template has no "identity", which all versions since 2020 want',
    '7 error: a source cannot have the type "ISO"',
    '8 error: there is nothing to run',
    '8 warning: unknown field "script", which apiVersion 2019-02-01-preview ignores',
    '14 warning: unknown field "aritfactTags", which apiVersion 2019-02-01-preview ignores',
  ]);
});

test('all mistakes of a template are told at once', () => {
  assert.deepEqual(read('mistakes').said, [
    '1 error: the template has no "identity"',
    '13 error: unknown field "vmboot"',
    '15 error: there are "scriptUri" and "inline", and only one can be run',
    '19 error: properties.customize[1].sha256Checksum must be the 64 hexadecimal digits of a SHA-256, in lower case, not "ADE4C5214C3C675E92C66E2D067A870C5B81B9844B3DE3CC72C49FF36425FC93"',
    '21 error: a customizer cannot have the type "LinuxRestart"',
    '23 error: unknown field "vmsize"',
    '25 error: unknown field "tags"',
    '26 error: the run output name "Disk" is given twice',
    '28 error: properties.buildTimeoutInMinutes must be a whole number from 0 to 960, not 1000',
  ]);
});
