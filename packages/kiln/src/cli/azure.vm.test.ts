import assert from 'node:assert/strict';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

/** The store that tests with machines share, so that the base image is made once (scripts/test.ts sets it). */
const sharedHome = process.env.KILN_TEST_HOME ?? join(homedir(), '.cache', 'kiln', 'test');

const group = '/subscriptions/0a1b/resourceGroups/team/providers';

const template = {
  type: 'Microsoft.VirtualMachineImages/imageTemplates',
  apiVersion: '2025-10-01',
  name: 'vm-test-azure',
  location: 'here',
  identity: {
    type: 'UserAssigned',
    userAssignedIdentities: { [`${group}/Microsoft.ManagedIdentity/userAssignedIdentities/builder`]: {} },
  },
  properties: {
    source: {
      type: 'PlatformImage',
      publisher: 'Debian',
      offer: 'debian-12',
      sku: '12-gen2',
      version: 'latest',
    },
    customize: [
      { type: 'Shell', name: 'who', inline: ['id -un', 'echo made | sudo tee /etc/made >/dev/null'] },
      { type: 'File', name: 'page', sourceUri: 'index.html', destination: '/tmp/index.html' },
      { type: 'Shell', inline: ['sudo install -D -m 644 /tmp/index.html /srv/www/index.html'] },
    ],
    validate: {
      continueDistributeOnFailure: true,
      inVMValidations: [
        { type: 'Shell', name: 'page', inline: ['cat /srv/www/index.html'] },
        { type: 'PowerShell', name: 'windows', inline: ['Get-Date'] },
      ],
    },
    vmProfile: { vmSize: 'Standard_B1s' },
    distribute: [
      {
        type: 'SharedImage',
        runOutputName: 'versioned',
        galleryImageId: `${group}/Microsoft.Compute/galleries/vm_test/images/azure/versions/1.0.0`,
      },
      { type: 'VHD', runOutputName: 'disk' },
    ],
  },
};

test('an Azure template is built in a real machine, distributed, and failed by its validation all the same', {
  timeout: 900_000,
}, async (t) => {
  const { kiln, folder } = makeWorkshop(
    t,
    { 'template.json': JSON.stringify(template), 'index.html': 'hello\n' },
    { KILN_HOME: sharedHome },
  );
  const { code, stdout, stderr } = await kiln('build', 'template.json', '--no-cache');
  const file = await kiln('image', 'cat', 'vm_test/azure:1.0.0', '/srv/www/index.html');
  // The store is kept for other tests, and for other runs of this one.
  for (const tag of ['1.0.0', 'latest']) await kiln('image', 'remove', `vm_test/azure:${tag}`);
  const printed = [...stderr.matchAll(/^vm-test-azure: {4}(.*)$/gm)].map((line) => line[1]);
  assert.deepEqual(printed, ['kiln', 'hello'], stderr);
  assert.equal(code, 1);
  assert.match(stderr, /this step needs Windows, and the machine runs Linux/);

  assert.match(stderr, /made image vm_test\/azure:1\.0\.0, vm_test\/azure:latest/);
  assert.doesNotMatch(stdout, /succeeded/);
  assert.equal(file.stdout, 'hello\n', file.stderr);

  const vhd = join(folder, 'output-vm-test-azure/disk.vhd');
  const { size } = statSync(vhd);
  assert.equal(size % 2 ** 20, 512, 'a whole number of MiB, and a footer');
  const footer = Buffer.alloc(64);
  const opened = openSync(vhd, 'r');
  readSync(opened, footer, 0, 64, size - 512);
  closeSync(opened);
  assert.equal(footer.toString('latin1', 0, 8), 'conectix');
  assert.equal(footer.readUInt32BE(60), 2, 'a fixed disk');
});
