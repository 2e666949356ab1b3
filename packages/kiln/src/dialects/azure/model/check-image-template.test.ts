import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, gallery, group, largeBody, smallBody } from '../testing/templates.ts';
import type { ApiVersion } from './api-version.ts';
import { checkImageTemplate } from './check-image-template.ts';

function faultsOf(body: unknown, apiVersion: ApiVersion = '2025-10-01'): readonly string[] {
  return checkImageTemplate(body, { apiVersion }).faults.map(
    ({ severity, place, code, message, hint }) =>
      `${severity === 'warning' ? 'warning ' : ''}${code} ${place}: ${message}${hint ? ` (${hint})` : ''}`,
  );
}

function templateOf(body: unknown, apiVersion: ApiVersion = '2025-10-01') {
  const checked = checkImageTemplate(body, { apiVersion });
  assert.ok(checked.valid, JSON.stringify(checked.faults));
  return checked.template;
}

test('a template that uses everything is taken as it is, and frozen', () => {
  const body = largeBody();
  const template = templateOf(body);
  assert.deepEqual(template, body);
  assert.ok(Object.isFrozen(template.properties.distribute[0]));
  assert.deepEqual(faultsOf(body), []);
});

test('a small template is right in every version since 2020', () => {
  for (const apiVersion of ['2020-02-14', '2021-10-01', '2023-07-01', '2024-02-01', '2025-10-01'] as const)
    assert.deepEqual(faultsOf(smallBody(), apiVersion), [], apiVersion);
});

test('what the service says may be sent back, and is left out', () => {
  const sent = changed(smallBody({}, { id: '/x', name: 'web', type: 'T', systemData: { createdBy: 'x' } }), {
    'properties.source.exactVersion': '1.2.3',
    'properties.provisioningState': 'Succeeded',
    'properties.lastRunStatus': { runState: 'Failed' },
    'properties.exactStagingResourceGroup': '/x',
    'identity.principalId': 'x',
  });
  assert.deepEqual(templateOf(sent), smallBody());
});

test('identities without a type are meant to be used', () => {
  const body = changed(smallBody(), { 'identity.type': undefined });
  assert.deepEqual(templateOf(body).identity, templateOf(smallBody()).identity);
});

test('strict versions refuse unknown fields and say what was meant', () => {
  const small = smallBody();
  const cases: readonly [changes: Record<string, unknown>, fault: string][] = [
    [
      { 'properties.optimize': { vmboot: { state: 'Enabled' } } },
      'ValidationFailed properties.optimize.vmboot: unknown field "vmboot" (write "vmBoot": from apiVersion 2024-02-01 on capital letters count)',
    ],
    [
      { 'properties.distribute.0.aritfactTags': {} },
      'ValidationFailed properties.distribute[0].aritfactTags: unknown field "aritfactTags" (did you mean "artifactTags"?)',
    ],
    [
      { 'properties.distribute.0.tags': {} },
      'ValidationFailed properties.distribute[0].tags: unknown field "tags" (write "artifactTags")',
    ],
    [
      { 'properties.buildTimeOut': 3 },
      'ValidationFailed properties.buildTimeOut: unknown field "buildTimeOut" (there are source, customize, validate, optimize, distribute, errorHandling, buildTimeoutInMinutes, vmProfile, additionalDataDisks, stagingResourceGroup, autoRun, managedResourceTags)',
    ],
  ];
  for (const [changes, fault] of cases) assert.deepEqual(faultsOf(changed(small, changes)), [fault]);
  assert.deepEqual(faultsOf(changed(small, { 'properties.customize.0': { type: 'Shell', script: 'x' } })), [
    'ValidationFailed properties.customize[0].script: unknown field "script" (write "scriptUri")',
  ]);
});

test('earlier versions take names in any case, and ignore what they do not know', () => {
  const { properties, ...rest } = smallBody();
  const written = {
    ...rest,
    Properties: changed(properties as Record<string, unknown>, {
      Optimize: { VMBoot: { state: 'enabled' } },
    }),
  };
  assert.deepEqual(templateOf(written, '2023-07-01').properties.optimize, { vmBoot: { state: 'Enabled' } });
  assert.deepEqual(
    faultsOf(changed(smallBody(), { 'properties.distribute.0.aritfactTags': {} }), '2023-07-01'),
    [
      'warning ValidationFailed properties.distribute[0].aritfactTags: unknown field "aritfactTags", which apiVersion 2023-07-01 ignores (did you mean "artifactTags"?)',
    ],
  );
  assert.deepEqual(faultsOf(smallBody({ autoRun: { state: 'Enabled' } }), '2023-07-01'), [
    'warning ValidationFailed properties.autoRun: unknown field "autoRun", which apiVersion 2023-07-01 ignores ("autoRun" is known from apiVersion 2024-02-01 on)',
  ]);
});

test('a field is known from the version on that brought it', () => {
  assert.deepEqual(faultsOf(smallBody({ additionalDataDisks: [] }), '2024-02-01'), [
    'ValidationFailed properties.additionalDataDisks: unknown field "additionalDataDisks" ("additionalDataDisks" is known from apiVersion 2025-10-01 on)',
  ]);
  const source = { type: 'SharedImageVersion', imageVersionId: `${gallery}/images/base/versions/latest` };
  assert.deepEqual(faultsOf(smallBody({ source }), '2021-10-01'), [
    'BadSharedImageVersionSource properties.source.imageVersionId: the version "latest" is known from apiVersion 2022-07-01 on (name a version such as 1.0.0)',
  ]);
});

test('every rule has its code', () => {
  const small = smallBody();
  const cases: readonly [changes: Record<string, unknown>, pattern: RegExp][] = [
    [
      { identity: undefined },
      /^ValidationFailed : the template has no "identity" \(add "identity": .*service principal/,
    ],
    [{ 'identity.userAssignedIdentities': {} }, /^ValidationFailed identity: .*names none/],
    [{ 'identity.type': 'SystemAssigned' }, /^ValidationFailed identity\.type: .*UserAssigned or None/],
    [{ location: undefined }, /^ValidationFailed : the template has no "location"/],
    [
      { 'properties.source': undefined },
      /^ValidationFailed : properties has no "source"|^ValidationFailed properties: properties has no "source"/,
    ],
    [{ 'properties.source.type': 'ISO' }, /^BadSourceType properties\.source\.type: .*preview of 2019/],
    [{ 'properties.source.type': undefined }, /^BadSourceType properties\.source: a source needs "type"/],
    [
      { 'properties.source.planInfo': { planName: 'a', planPublisher: 'b' } },
      /^BadPIRSource .*no "planProduct"/,
    ],
    [{ 'properties.source': { type: 'ManagedImage', imageId: 'web' } }, /^BadManagedImageSource/],
    [
      { 'properties.source': { type: 'SharedImageVersion', imageVersionId: `${gallery}/images/a` } },
      /^BadSharedImageVersionSource/,
    ],
    [
      {
        'properties.source': {
          type: 'SharedImageVersion',
          imageVersionId: `${gallery}/images/a/versions/1.2`,
        },
      },
      /^BadSharedImageVersionSource .*"1\.2" is not a version/,
    ],
    [{ 'properties.customize.0.type': undefined }, /^BadCustomizerType/],
    [{ 'properties.customize.0.type': 'shell' }, /^UnsupportedCustomizerType .*did you mean "Shell"/],
    [{ 'properties.customize.0.inline': undefined }, /^NoCustomizerScript/],
    [
      { 'properties.customize.0.scriptUri': 'https://a/b.sh' },
      /^ValidationFailed properties\.customize\[0\]: there are "scriptUri" and "inline"/,
    ],
    [
      { 'properties.customize.0.sha256Checksum': 'A'.repeat(64) },
      /^ValidationFailed .*sha256Checksum.*lower case.*write it in lower case: aaaa/,
    ],
    [
      { 'properties.customize.0.inline': 'echo' },
      /^ValidationFailed properties\.customize\[0\]\.inline: .*must be a list, not the text "echo"/,
    ],
    [
      { 'properties.customize.0': { type: 'PowerShell', inline: ['a'], runAsSystem: true } },
      /^ValidationFailed .*runAsSystem.*needs "runElevated"/,
    ],
    [
      { 'properties.customize.0': { type: 'File', sourceUri: 'https://a/b', destination: 'b' } },
      /^ValidationFailed .*not an absolute path/,
    ],
    [
      { 'properties.customize.0': { type: 'File', destination: '/tmp/b' } },
      /^NoCustomizerScript .*no "sourceUri"/,
    ],
    [
      { 'properties.customize.0': { type: 'WindowsUpdate', updateLimit: -1 } },
      /^ValidationFailed .*at least 0, not -1/,
    ],
    [
      { 'properties.customize.0': { type: 'WindowsRestart', restartTimeout: 'soon' } },
      /^ValidationFailed .*such as 10m/,
    ],
    [
      { 'properties.validate': { inVMValidations: [{ type: 'WindowsRestart' }] } },
      /^UnsupportedValidatorType/,
    ],
    [{ 'properties.validate': { inVMValidations: [{ type: 'Shell' }] } }, /^NoValidatorScript/],
    [{ 'properties.validate': { inVMValidations: [{}] } }, /^BadValidatorType/],
    [{ 'properties.distribute': [] }, /^ValidationFailed properties\.distribute: there is no target/],
    [{ 'properties.distribute.0.type': 'Blob' }, /^BadDistributeType/],
    [{ 'properties.distribute.0.runOutputName': undefined }, /^ValidationFailed .*no "runOutputName"/],
    [{ 'properties.distribute.0.runOutputName': 'a b' }, /^ValidationFailed .*letters, digits/],
    [{ 'properties.distribute.0.location': undefined }, /^ValidationFailed .*no "location"/],
    [{ 'properties.buildTimeoutInMinutes': 961 }, /^ValidationFailed .*from 0 to 960, not 961/],
    [{ 'properties.buildTimeoutInMinutes': 5 }, /^ValidationFailed .*1 to 5 always fail/],
    [{ 'properties.vmProfile': { osDiskSizeGB: -1 } }, /^ValidationFailed .*at least 0/],
    [{ 'properties.vmProfile': { osDiskSizeGB: '60' } }, /^ValidationFailed .*not the text "60"/],
    [{ 'properties.stagingResourceGroup': 'staging' }, /^BadStagingResourceGroup/],
    [{ 'properties.errorHandling': { onCustomizerError: 'keep' } }, /^ValidationFailed .*cleanup or abort/],
  ];
  for (const [changes, pattern] of cases) {
    const found = faultsOf(changed(small, changes));
    assert.equal(found.length, 1, `${JSON.stringify(changes)}: ${found.join('\n')}`);
    assert.match(found[0]!, pattern);
  }
});

test('targets in a gallery name their regions in one way, and one version', () => {
  const target = { type: 'SharedImage', runOutputName: 'a', galleryImageId: `${gallery}/images/web` };
  const of = (more: object) => faultsOf(smallBody({ distribute: [{ ...target, ...more }] }));
  assert.deepEqual(of({}), []);
  assert.deepEqual(of({ replicationRegions: ['westus'], storageAccountType: 'Standard_ZRS' }), []);
  const regions = [{ name: 'West US' }, { name: 'westus' }];
  assert.match(of({ targetRegions: regions })[0]!, /^BadSharedImageDistribute .*"westus" is given twice/);
  assert.match(of({ targetRegions: [], replicationRegions: [] })[0]!, /cannot stand together/);
  assert.match(
    of({ targetRegions: [], storageAccountType: 'Standard_LRS' })[0]!,
    /belongs to "replicationRegions"/,
  );
  assert.match(of({ targetRegions: [{ name: 'a', replicaCount: 0 }] })[0]!, /at least 1, not 0/);
  const explicit = `${target.galleryImageId}/versions/1.0.0`;
  assert.deepEqual(of({ galleryImageId: explicit }), []);
  assert.match(
    of({ galleryImageId: explicit, versioning: { scheme: 'Latest' } })[0]!,
    /names the version 1\.0\.0 already/,
  );
  assert.match(
    of({ galleryImageId: `${target.galleryImageId}/versions/1.0` })[0]!,
    /"1\.0" is not a version/,
  );
  assert.match(
    of({ versioning: { scheme: 'Newest' } })[0]!,
    /cannot have the scheme "Newest" \(there are Latest, Source\)/,
  );
  assert.match(of({ versioning: { scheme: 'Latest', major: -2 } })[0]!, /at least -1/);
});

test('names of run outputs are unique, whatever their case', () => {
  const body = smallBody();
  const [one] = (body.properties as { distribute: object[] }).distribute;
  const twice = changed(body, { 'properties.distribute': [one, { ...one, runOutputName: 'IMAGE' }] });
  assert.deepEqual(faultsOf(twice), [
    'ValidationFailed properties.distribute[1].runOutputName: the run output name "IMAGE" is given twice (first in properties.distribute[0]; each target needs a name of its own)',
  ]);
});

test('networks of containers fit that of the machine', () => {
  const subnet = (net: string, name: string) =>
    `${group}/providers/Microsoft.Network/virtualNetworks/${net}/subnets/${name}`;
  const of = (vnetConfig: object) => faultsOf(smallBody({ vmProfile: { vnetConfig } }))[0];
  assert.equal(of({ subnetId: subnet('n', 'a'), proxyVmSize: 'Standard_A1_v2' }), undefined);
  assert.match(of({ containerInstanceSubnetId: subnet('n', 'b') })!, /needs "subnetId"/);
  const both = { subnetId: subnet('n', 'a'), containerInstanceSubnetId: subnet('n', 'b') };
  assert.match(of({ ...both, proxyVmSize: 'x' })!, /there is no proxy machine/);
  assert.match(of({ ...both, containerInstanceSubnetId: subnet('n', 'a') })!, /is that of the machine/);
  assert.match(of({ ...both, containerInstanceSubnetId: subnet('m', 'b') })!, /in another network/);
});

test('what is no template at all is said', () => {
  for (const body of [null, 3, 'x', [], undefined])
    assert.match(faultsOf(body)[0]!, /^ValidationFailed : the template must be an object, not /);
});
