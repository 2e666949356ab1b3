import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MachineNetwork } from '../../plan/machine-network.ts';
import type { CardRecord, NetworkState } from './network-state.ts';
import { type SettleRequest, settleCards } from './settle-cards.ts';

const card = (changes: Partial<MachineNetwork> = {}): MachineNetwork => ({
  kind: 'private',
  id: 'one',
  configure: true,
  ownsHostname: false,
  bridges: [],
  isolated: false,
  ...changes,
});

const empty: NetworkState = { schema: 1, networks: {}, members: {} };

function settle(networks: readonly MachineNetwork[], changes: Partial<SettleRequest> = {}) {
  return settleCards({
    home: '/somewhere',
    state: empty,
    machine: { id: '0a0b0c0d', name: 'web', project: '/project' },
    networks,
    withBridges: true,
    hostAddresses: [{ device: 'eth0', cidr: '10.1.2.3/16' }],
    publicLink: () => undefined,
    ...changes,
  });
}

function joined(
  { networks, cards }: { networks: NetworkState['networks']; cards: readonly CardRecord[] },
  id = 'ffffffff',
  project = '/project',
): NetworkState {
  const member = { name: id, project, names: [id], cards, others: [], inMachine: true, onHost: false };
  return { schema: 1, networks, members: { [id]: member } };
}

test('machines with addresses of one subnet share a network, in which the host has the first', () => {
  const first = settle([card({ address: '192.168.60.10' })]);
  assert.deepEqual(Object.keys(first.networks), ['subnet 192.168.60.0/24']);
  assert.deepEqual(first.networks['subnet 192.168.60.0/24']!.subnets, [
    { subnet: '192.168.60.0/24', hostAddress: '192.168.60.1' },
  ]);
  const other = { id: '11111111', name: 'db', project: '/other' };
  const second = settle([card({ address: '192.168.60.11' })], { state: joined(first), machine: other });
  assert.deepEqual(second.networks, first.networks);
  assert.notEqual(second.cards[0]!.mac, first.cards[0]!.mac);
  assert.match(first.cards[0]!.mac, /^52:54(:[0-9a-f]{2}){4}$/);
});

test('without an address a machine gets a free one, and the same one again', () => {
  const first = settle([card()]);
  assert.equal(first.cards[0]!.address, '172.28.128.100');
  const other = { id: '11111111', name: 'db', project: '/project' };
  const second = settle([card()], { state: joined(first), machine: other });
  assert.equal(second.cards[0]!.address, '172.28.128.101');
  const again = settle([card()], { state: joined(second, '11111111'), machine: other });
  assert.equal(again.cards[0]!.address, '172.28.128.101');
});

test('networks that the host has already are not used', () => {
  assert.throws(() => settle([card({ address: '10.1.77.5' })]), {
    code: 'already-exists',
    message: "web: the network 10.1.77.0/24 overlaps with 10.1.2.3/16 of this host's eth0",
  });
  assert.throws(() => settle([card({ address: '10.0.2.5' })]), /by which every machine reaches the host/);
  const chosen = settle([card()], { hostAddresses: [{ device: 'vboxnet0', cidr: '172.28.128.1/24' }] });
  assert.equal(chosen.cards[0]!.address, '172.28.129.100');
  const inner = settle([card({ address: '10.1.77.5', isolated: true })]);
  assert.deepEqual(Object.values(inner.networks)[0]!.subnets, [{ subnet: '10.1.77.0/24' }]);
});

test('an address that somebody has is refused', () => {
  const state = joined(settle([card({ address: '192.168.60.10' })]));
  const other = { id: '11111111', name: 'db', project: '/project' };
  const taken = (address: string) => () => settle([card({ address })], { state, machine: other });
  assert.throws(taken('192.168.60.10'), /db: the address 192.168.60.10 belongs to ffffffff already/);
  assert.throws(taken('192.168.60.1'), /belongs to this host already/);
  assert.throws(
    () => settle([card({ address: '192.168.61.5' }), card({ id: 'two', address: '192.168.61.5' })]),
    /belongs to web already/,
  );
});

test('a machine that wants the first address has it, and the host takes the last', () => {
  const { networks } = settle([card({ address: '192.168.60.1' })]);
  assert.equal(Object.values(networks)[0]!.subnets[0]!.hostAddress, '192.168.60.254');
});

test('networks of one name are one in a project and another in the next', () => {
  const first = settle([card({ network: 'back', address: '192.168.70.2' })]);
  const same = settle([card({ network: 'back' })], {
    state: joined(first),
    machine: { id: '11111111', name: 'db', project: '/project' },
  });
  assert.deepEqual(Object.keys(same.networks), ['named back /project']);
  assert.equal(same.cards[0]!.address, '192.168.70.100');
  const elsewhere = settle([card({ network: 'back' })], {
    state: joined(first),
    machine: { id: '22222222', name: 'db', project: '/elsewhere' },
  });
  assert.equal(Object.keys(elsewhere.networks).length, 2);
});

test('without the right to make bridges, machines of a network meet in a multicast group of their own', () => {
  const one = settle([card({ address: '192.168.60.10' })], { withBridges: false });
  const two = settle([card({ address: '192.168.61.10' })], { withBridges: false });
  const links = [one, two].map(({ cards }) => cards[0]!.link);
  for (const link of links) {
    assert.ok(link.kind === 'multicast');
    assert.match(link.group, /^239\.(19[2-9]|2[0-4]\d|25[01])\.\d+\.\d+:[23]\d{4}$/);
  }
  assert.notDeepEqual(links[0], links[1]);
});

test('IPv6 addresses have networks of 64 bits', () => {
  const { networks, cards } = settle([card({ address: 'fde4:8dba:82::c4' })]);
  assert.deepEqual(Object.values(networks)[0]!.subnets, [
    { subnet: 'fde4:8dba:82::/64', hostAddress: 'fde4:8dba:82::1' },
  ]);
  assert.equal(cards[0]!.prefix, 64);
});
