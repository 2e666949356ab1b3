import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CustomizeLine, readCustomizations } from './virtualbox-commands.ts';

const line = (...words: unknown[]): CustomizeLine => ['pre-boot', words, ['Vagrantfile', 1]];

test('customize lines that change the machine are understood, in old and new spellings', () => {
  const { hardware, unknown } = readCustomizations([
    line('modifyvm', ':id', '--memory', '1024'),
    line('modifyvm', ':id', '--memory', '2048', '--cpus', 3),
    line('modifyvm', ':id', '--cpuexecutioncap', '50'),
    line('modifyvm', ':id', '--nested-hw-virt', 'on'),
    line('modifyvm', ':id', '--firmware', 'efi64', '--name', 'one'),
    line('modifyvm', ':id', '--nictype1', 'virtio', '--macaddress2', '080027ABCDEF'),
  ]);
  assert.deepEqual(unknown, []);
  assert.deepEqual(hardware, {
    ...{ memory: 2048, cpus: 3, cpuCap: 50, nested: true, firmware: 'efi', name: 'one' },
    ...{ networkCard: 'virtio-net-pci', macAddresses: { 2: '08:00:27:ab:cd:ef' } },
  });
});

test('disks that are made and attached are disks of the machine', () => {
  const { hardware } = readCustomizations([
    line('createhd', '--filename', 'a.vdi', '--size', 1024),
    line('createmedium', 'disk', '--filename', 'b.vdi', '--size', '2048', '--format', 'VDI'),
    line('storagectl', ':id', '--name', 'SATA', '--add', 'sata'),
    line('storageattach', ':id', '--storagectl', 'SATA Controller', '--port', 1, '--medium', 'a.vdi'),
    line('modifymedium', 'disk', 'first.vdi', '--resize', 10_240),
  ]);
  assert.deepEqual(hardware.extraDisks, [
    { size: 1024 ** 3, name: 'a.vdi', bus: 'sata' },
    { size: 2 * 1024 ** 3, name: 'b.vdi', bus: undefined },
  ]);
  assert.equal(hardware.diskSize, 10 * 1024 ** 3);
});

test('what only concerns VirtualBox itself is passed over; what nobody knows is named with its place', () => {
  const { hardware, unknown } = readCustomizations([
    line(
      'modifyvm',
      ':id',
      '--natdnshostresolver1',
      'on',
      '--audio',
      'none',
      '--vram=16',
      '--nic-promisc2',
      'allow-all',
    ),
    line('setextradata', ':id', 'VBoxInternal2/x', '1'),
    line('guestproperty', 'set', ':id', '/VirtualBox/x', 1000),
    ['post-boot', ['modifyvm', ':id', '--teleporter', 'on'], ['Vagrantfile', 7]],
    line('encryptvm', ':id'),
    ['pre-boot', 'no list', null],
  ]);
  assert.deepEqual(hardware, {});
  assert.deepEqual(unknown, [
    { option: 'modifyvm --teleporter', place: ['Vagrantfile', 7] },
    { option: 'encryptvm', place: ['Vagrantfile', 1] },
  ]);
});
