import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problems } from '../../../base/yaml/problems.ts';
import { findImage, readCatalogue, shippedCatalogue } from './catalogue.ts';

function found(publisher: string, offer: string, sku: string): string {
  const one = findImage(
    { type: 'PlatformImage', publisher, offer, sku, version: 'latest' },
    shippedCatalogue(),
  );
  if (!one) return 'nothing';
  const { image } = one;
  if (!image) return `${one.system} needs: ${one.needs}`;
  return image.kind === 'distribution' ? `${image.distribution}/${image.release}` : image.kind;
}

test('images of the marketplace are what Kiln makes or fetches, or say what they need', () => {
  assert.equal(found('debian', 'Debian-12', '12-gen2'), 'debian/12');
  assert.equal(found('Debian', 'debian-13-daily', '13'), 'debian/13');
  assert.equal(found('Canonical', '0001-com-ubuntu-server-jammy', '22_04-lts-gen2'), 'ubuntu/22.04');
  assert.equal(found('canonical', 'ubuntu-24_04-lts', 'server'), 'ubuntu/24.04');
  assert.equal(found('Canonical', 'UbuntuServer', '18.04-LTS'), 'url');
  assert.equal(found('almalinux', 'almalinux-x86_64', '9-gen2'), 'url');
  assert.equal(found('resf', 'rockylinux-x86_64', '9-base'), 'url');
  assert.match(found('RedHat', 'RHEL', '9_4'), /^linux needs: .*subscribers/);
  assert.match(found('SUSE', 'sles-15-sp5', 'gen2'), /^linux needs: .*suse\.com/);
  assert.match(found('Oracle', 'Oracle-Linux', 'ol9-lvm'), /^linux needs: /);
  assert.match(found('MicrosoftWindowsServer', 'WindowsServer', '2022-datacenter'), /^windows needs: /);
  assert.equal(found('nobody', 'nothing', 'x'), 'nothing');
});

test('a catalogue of the user is YAML, in which the first that fits counts', () => {
  const problems = new Problems();
  const catalogue = readCatalogue(
    '/home/images.yaml',
    `images:
  - {publisher: RedHat, offer: RHEL, sku: "9*", from: disks/rhel9.qcow2, checksum: "sha256:${'a'.repeat(64)}"}
  - {publisher: RedHat, offer: RHEL, from: rhel:8, login: {user: cloud-user, key: keys/id}}
`,
    problems,
  );
  assert.deepEqual(problems.list(), []);
  const image = (sku: string) =>
    findImage({ type: 'PlatformImage', publisher: 'redhat', offer: 'rhel', sku }, catalogue);
  const digest = { kind: 'digest', algorithm: 'sha256', hex: 'a'.repeat(64) };
  assert.deepEqual(image('9_4')?.image, { kind: 'file', path: '/home/disks/rhel9.qcow2', checksum: digest });
  assert.deepEqual(image('9_4')?.login, { kind: 'cloud-init' });
  assert.deepEqual(image('8')?.image, { kind: 'store', reference: 'rhel:8' });
  assert.deepEqual(image('8')?.login, { kind: 'ssh', user: 'cloud-user', key: '/home/keys/id' });
});

test('mistakes in it are told with their places', () => {
  const problems = new Problems();
  readCatalogue(
    'images.yaml',
    `images:
  - {publisher: a, offer: b}
  - {publisher: a, offer: b, from: "https://host/x.qcow2"}
  - {publisher: a, offer: b, from: debian/99}
  - {publisher: a, offr: b, from: debian/12}
`,
    problems,
  );
  assert.deepEqual(
    problems.list().map(({ at, message }) => `${at.line}: ${message}`),
    [
      '2: an image needs "from", or "needs" with what to do to have it',
      '3: an image from a URL needs a checksum',
      '4: debian/99 is not a release that Kiln can bootstrap',
      '5: an image needs "offer"',
      '5: an image has no field "offr"',
    ],
  );
});
