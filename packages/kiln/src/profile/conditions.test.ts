import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Condition, Facts } from '../plan/profile.ts';
import { always, evaluateCondition, never, profileFor } from './conditions.ts';
import { factDefinitions } from './facts.ts';
import { formatCondition } from './language/format-condition.ts';
import { profileOf } from './language/testing.ts';

const debian: Facts = {
  'os.distribution': 'debian',
  'os.release': '12',
  'os.codename': 'bookworm',
  architecture: 'amd64',
  hostname: 'web-1',
  container: false,
  virtual: true,
  booted: true,
  cpus: 4,
  memory: 2 ** 32,
  kernel: '6.1.0',
};

function conditionOf(t: TestContext, text: string): Condition {
  const { packages } = profileOf(
    t,
    `profile: 1\npackages:\n  - name: aa\n    when: ${JSON.stringify(text)}\n`,
  );
  return packages[0] ? (packages[0].when ?? always) : never;
}

const table: readonly (readonly [text: string, holds: boolean])[] = [
  ['os.release >= 12 and not container', true],
  ['os.release >= 12.0', true],
  ['os.release > 12', false],
  ['os.release == 12.0', true],
  ['os.release < 9', false],
  ['os.release in [11, 12.0]', true],
  ['os.codename in [bookworm, trixie]', true],
  ['os.codename not in [bookworm, trixie]', false],
  ['os.codename != "bookworm"', false],
  ["os.distribution == 'debian' && !(container || cpus < 4)", true],
  ['hostname matches "web-*"', true],
  ['hostname matches "web-?" and hostname matches web-1', true],
  ['hostname matches "*eb"', false],
  ['hostname matches "web.1"', false],
  ['memory >= 4G and memory < 5G', true],
  ['cpus == 4', true],
  ['virtual == false', false],
  ['virtual != false', true],
  ['kernel >= 6.1 and kernel < 6.2', true],
  ['container or virtual and cpus > 8', false],
  ['(container or virtual) and cpus > 2', true],
  ['not not virtual', true],
  ['not container and not booted', false],
  ['true', true],
  ['false or virtual', true],
];

for (const [text, holds] of table) {
  test(`"${text}" is ${holds} on a Debian machine, also when it was written anew`, (t) => {
    const condition = conditionOf(t, text);
    assert.equal(evaluateCondition(condition, debian), holds);
    assert.deepEqual(conditionOf(t, formatCondition(condition)), condition);
  });
}

test('what depends on facts that are not known is undecided, unless the rest decides', (t) => {
  const facts: Facts = { container: true };
  assert.equal(evaluateCondition(conditionOf(t, 'cpus > 2'), facts), undefined);
  assert.equal(evaluateCondition(conditionOf(t, 'not cpus > 2'), facts), undefined);
  assert.equal(evaluateCondition(conditionOf(t, 'cpus > 2 and not container'), facts), false);
  assert.equal(evaluateCondition(conditionOf(t, 'cpus > 2 or container'), facts), true);
  assert.equal(evaluateCondition(conditionOf(t, 'cpus > 2 and container'), facts), undefined);
});

test('a list of conditions must hold as a whole', (t) => {
  const { packages } = profileOf(
    t,
    'profile: 1\npackages:\n  - name: aa\n    when: [virtual, not container, "cpus > 1 or booted"]\n',
  );
  assert.equal(formatCondition(packages[0]!.when!), 'virtual and not container and (cpus > 1 or booted)');
});

test('a profile for one machine is without what is not for it, and without conditions that are decided', (t) => {
  const profile = profileOf(
    t,
    `profile: 1
packages:
  - { name: open-vm-tools, when: virtual }
  - { name: firmware-linux, when: not virtual }
  - { name: smartmontools, when: booted }
files:
  /etc/a: { content: x, when: os.distribution == alpine }
scripts:
  - { run: one, when: os.distribution == debian and booted }
`,
  );
  const mine = profileFor(profile, { virtual: true, 'os.distribution': 'debian' });
  assert.deepEqual(mine.packages, [{ name: 'open-vm-tools', state: 'present' }, { ...profile.packages[2]! }]);
  assert.deepEqual(mine.files, []);
  assert.equal(mine.scripts.length, 1);
  assert.ok(Object.isFrozen(mine) && Object.isFrozen(mine.packages[0]));
});

test('conditions over parameters are decided when they are read', (t) => {
  const text = `profile: 1
parameters:
  debug: false
  size: { values: [small, large], default: small }
  port: 8080
  names: [a, b]
  wanted: 12
packages:
  - { name: p1, when: debug }
  - { name: p2, when: not debug }
  - { name: p3, when: size == large }
  - { name: p4, when: "port > 1024 and size in [small, tiny]" }
  - { name: p5, when: "size in \${names}" }
  - { name: p6, when: "os.release >= \${wanted}" }
  - { name: p7, when: "os.codename in \${names} or size != small" }
`;
  const { packages } = profileOf(t, text);
  assert.deepEqual(packages, [
    { name: 'p2', state: 'present' },
    { name: 'p4', state: 'present' },
    {
      name: 'p6',
      state: 'present',
      when: { kind: 'fact', name: 'os.release', operator: '>=', value: '12' },
    },
    {
      name: 'p7',
      state: 'present',
      when: { kind: 'fact', name: 'os.codename', operator: 'in', value: ['a', 'b'] },
    },
  ]);
});

test('every fact has an example that its own conditions take', (t) => {
  for (const [name, { example }] of Object.entries(factDefinitions)) {
    const condition = conditionOf(t, `${name} == ${String(example)}`);
    assert.equal(evaluateCondition(condition, { [name]: example as string }), true, name);
  }
});

test('a condition nested without end is refused', (t) => {
  assert.throws(() => conditionOf(t, `${'('.repeat(10_000)}virtual`), /nested too deeply/);
  assert.throws(() => conditionOf(t, `${'not '.repeat(10_000)}virtual`), /nested too deeply/);
});
