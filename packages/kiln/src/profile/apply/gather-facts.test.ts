import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factNames } from '../facts.ts';
import { gatherFacts, parseFacts } from './gather-facts.ts';
import { smallSystem, smallSystemObstacle } from './testing/small-system.ts';

const skip = (await smallSystemObstacle('dash')) ?? false;

test('facts of a machine that runs', () => {
  const lines = [
    ...['os.distribution\tdebian', 'os.release\t12', 'os.codename\tbookworm', 'architecture\tamd64'],
    ...['hostname\tweb-1', 'kernel\t6.1.0-18-amd64', 'container\tfalse', 'booted\ttrue', 'virtual\ttrue'],
    ...['cpus\t2', 'memory\t1024', 'user\t1000', 'manager\tapt-get', 'init\tsystemd'],
  ];
  const { facts, user, manager, init } = parseFacts(lines);
  assert.deepEqual(facts, {
    ...{ 'os.distribution': 'debian', 'os.release': '12', 'os.codename': 'bookworm' },
    ...{ architecture: 'amd64', hostname: 'web-1', kernel: '6.1.0', container: false, booted: true },
    ...{ virtual: true, cpus: 2, memory: 1024 },
  });
  assert.deepEqual(Object.keys(facts).sort(), [...factNames].sort());
  assert.deepEqual([user, manager, init], [1000, 'apt', 'systemd']);
});

test('of a tree only that is known which the machine will have too', { skip }, async (t) => {
  const { guest } = await smallSystem(t);
  const { facts, user, manager, init } = await gatherFacts(guest);
  const { architecture, ...others } = facts;
  assert.equal(typeof architecture, 'string');
  assert.deepEqual(others, {
    ...{ 'os.distribution': 'debian', 'os.release': '12', 'os.codename': 'bookworm' },
    ...{ container: false, booted: false },
  });
  assert.deepEqual([user, manager, init], [0, 'apt', 'none']);
});

test('architectures have the names that Debian gives them', () => {
  for (const [machine, architecture] of [
    ['x86_64', 'amd64'],
    ['aarch64', 'arm64'],
    ['loongarch64', 'loongarch64'],
  ]) {
    assert.equal(parseFacts([`machine\t${machine}`]).facts['architecture'], architecture);
  }
});
