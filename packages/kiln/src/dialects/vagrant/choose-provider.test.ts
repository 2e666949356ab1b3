import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxFormatsOf, chooseProvider, overridesOf, type ProviderWishes } from './choose-provider.ts';

const wishes = (more: Partial<ProviderWishes> = {}): ProviderWishes => ({
  forced: undefined,
  fallback: undefined,
  preferred: [],
  existing: {},
  usable: ['qemu', 'docker'],
  ...more,
});

test('the provider is the one that is there, that was asked for, or that the file mentions first', () => {
  const all = { existing: { web: 'docker' }, forced: 'libvirt', fallback: 'hyperv' };
  assert.equal(chooseProvider('web', ['virtualbox'], wishes(all)), 'docker');
  assert.equal(chooseProvider('db', ['virtualbox'], wishes(all)), 'libvirt');
  assert.equal(chooseProvider('db', [], wishes({ fallback: 'hyperv' })), 'hyperv');
  assert.equal(chooseProvider('db', ['aws', 'docker', 'virtualbox'], wishes()), 'docker');
  assert.equal(chooseProvider('db', ['virtualbox', 'docker'], wishes()), 'qemu');
  assert.equal(chooseProvider('db', ['libvirt', 'docker'], wishes({ preferred: ['docker'] })), 'docker');
  assert.equal(chooseProvider('db', ['aws'], wishes()), 'qemu');
  assert.equal(chooseProvider('db', [], wishes({ usable: ['docker'] })), 'qemu', 'containers need an image');
});

test('blocks for libvirt override machines of Kiln, those for others only their own', () => {
  assert.deepEqual(overridesOf('qemu'), ['libvirt', 'qemu']);
  assert.deepEqual(overridesOf('virtualbox'), ['virtualbox']);
  assert.equal(boxFormatsOf('qemu')[0], 'libvirt');
  assert.deepEqual(boxFormatsOf('docker'), ['docker']);
});
