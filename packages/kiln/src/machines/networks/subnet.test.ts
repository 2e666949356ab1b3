import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressAt,
  contains,
  formatAddress,
  formatSubnet,
  netmaskOf,
  overlap,
  parseAddress,
  parseSubnet,
  placesIn,
  subnetOf,
} from './subnet.ts';

test('addresses are read, and written as RFC 5952 has them', () => {
  for (const [text, written] of [
    ['192.168.60.10', '192.168.60.10'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['fde4:8dba:0082:0000:0000:0000:0000:00c4', 'fde4:8dba:82::c4'],
    ['2001:db8::1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['fe80::', 'fe80::'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['1:0:1:1:1:1:1:1', '1:0:1:1:1:1:1:1'],
  ] as const) {
    const parsed = parseAddress(text)!;
    assert.equal(formatAddress(parsed.family, parsed.value), written, text);
  }
  for (const text of ['300.1.1.1', 'fe80::1%eth0', 'host', '10.0.0.1/24', ''])
    assert.equal(parseAddress(text), undefined, text);
});

test('a subnet knows its addresses and what overlaps with it', () => {
  const subnet = subnetOf('192.168.60.10')!;
  assert.equal(formatSubnet(subnet), '192.168.60.0/24');
  assert.equal(addressAt(subnet, 1), '192.168.60.1');
  assert.equal(placesIn(subnet), 254);
  assert.ok(contains(subnet, '192.168.60.255'));
  assert.ok(!contains(subnet, '192.168.61.1'));
  assert.ok(!contains(subnet, 'fd00::1'));
  assert.equal(formatSubnet(subnetOf('fd00:0:0:1::5')!), 'fd00:0:0:1::/64');
  assert.ok(overlap(parseSubnet('10.0.0.0/8')!, parseSubnet('10.20.30.0/24')!));
  assert.ok(!overlap(parseSubnet('10.0.0.0/24')!, parseSubnet('10.0.1.0/24')!));
  assert.equal(netmaskOf(24), '255.255.255.0');
  assert.equal(netmaskOf(20), '255.255.240.0');
});
