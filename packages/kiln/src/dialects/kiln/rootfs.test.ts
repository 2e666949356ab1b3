import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ProfileStep } from '../../plan/step.ts';
import { planOf, read, temporaryFolder } from './testing.ts';

const image = (lines: string) =>
  `kiln: 1\nimages:\n  web:\n    from: debian/12\n    builder: rootfs\n${lines}`;

test('an image without a machine is changed by one word only', (t) => {
  const [build] = planOf(t, image('    memory: 2G\n    disk: 6G\n    steps: [{run: "true"}]\n')).builds;
  assert.equal(build?.type, 'rootfs');
  assert.deepEqual(build.source, {
    kind: 'rootfs',
    os: { distribution: 'debian', release: '12' },
    network: true,
    result: { machineName: 'web', diskSize: 6 * 2 ** 30, allowSecrets: [] },
  });
  assert.equal(build.steps[0]?.kind, 'shell');
});

test('a profile becomes one step for each of its parts, before the others', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(
    join(folder, 'base.yaml'),
    'profile: 1\nname: base\npackages: [nginx]\nconfig: {timezone: UTC}\nfiles: {/srv/a: x}\n',
  );
  const text = image(
    '    profile: base.yaml\n    steps:\n      - run: "true"\n      - profile: {packages: [vim]}\n',
  );
  const [build] = planOf(t, text, { folder }).builds;
  const steps = build!.steps.map((step) => [step.name, step.kind]);
  assert.deepEqual(steps, [
    ['profile base: packages', 'profile'],
    ['profile base: config', 'profile'],
    ['profile base: files', 'profile'],
    ['run true', 'shell'],
    ['profile a profile: packages', 'profile'],
  ]);
  const first = build!.steps[0] as ProfileStep;
  assert.deepEqual(
    first.profile.packages.map(({ name }) => name),
    ['nginx'],
  );
  assert.deepEqual(first.profile.files, [], 'a change of a file must not touch the packages');
});

test('profiles take the variables of the file, and what they read is part of the plan', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'motd'), 'hi');
  const text = `kiln: 1
variables: {zone: Europe/Berlin}
images:
  web:
    from: debian/12
    profile:
      config: {timezone: "\${zone}"}
      files: {/etc/motd: {source: ./motd}}
`;
  const [build] = planOf(t, text, { folder }).builds;
  assert.equal(build?.type, 'qemu', 'machines are brought to profiles too');
  const [config, files] = build.steps as readonly ProfileStep[];
  assert.equal(config!.profile.config.timezone, 'Europe/Berlin');
  assert.deepEqual(files!.reads, [join(folder, 'motd')]);
});

test('what takes a machine is refused with the reason, and mistakes of profiles are told at their place', (t) => {
  const text = image('    profile: {packges: [vim]}\n    steps: [{reboot: true}]\n').replace(
    'debian/12',
    'web:1',
  );
  assert.deepEqual(
    read(t, text).messages.map((message) => message.replace(/ \(.*/, '')),
    [
      'kiln.yaml:4:11: error: an image that is built without a machine starts from a distribution, and "web:1" is none',
      'kiln.yaml:6:15: error: a profile has no field "packges"',
      'kiln.yaml:7:13: error: there is no machine that could be restarted: this image is built in a tree of files',
    ],
  );
});

test('a profile that is not there is an error of the file that names it', (t) => {
  const [message] = read(t, image('    profile: none.yaml\n')).messages;
  assert.match(message ?? '', /^kiln\.yaml:6:14: error: .*none\.yaml/);
});
