import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DebianTree, debianNodes, writeNodes } from '../profile/testing/debian-tree.ts';
import { writeDisk } from '../profile/testing/disk-image.ts';
import { makeWorkshop } from './testing.ts';

const web: DebianTree = {
  packages: [{ name: 'web', files: { '/etc/web.conf': 'port 80\n' }, conffiles: ['/etc/web.conf'] }],
  files: {
    '/etc/web.conf': 'port 8080\n',
    '/etc/sysctl.d/web.conf': 'vm.swappiness = 10\n',
    '/etc/app/key.pem': {
      text: '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFRx6mL2H0XfLZ9XcQv1uY8Gd3fTn0bZpQh1sXw2k9aB\n-----END PRIVATE KEY-----\n',
      mode: 0o600,
    },
    '/usr/local/share/logo': { bytes: Buffer.from([0, 1, 2, 3]) },
  },
};

test('a disk image is captured into a folder, and the profile has nothing against the image', async (t) => {
  const { folder, kiln } = makeWorkshop(t);
  await writeDisk(join(folder, 'web.raw'), web);
  const captured = await kiln('profile', 'capture', 'web.raw', '-o', 'web', '--name', 'web');
  assert.deepEqual([captured.code, captured.stdout], [0, '']);
  assert.match(
    captured.stderr,
    /^looking at web\.raw\nwrote FOLDER\/web\/kiln\.profile\.yaml, and what stands in files of its own in files\/ beside it\n/,
  );
  assert.match(
    captured.stderr,
    /left out because they are secrets; put them there another way:\n {2}\/etc\/app\/key\.pem.*: .*private key\n$/,
  );
  const text = readFileSync(join(folder, 'web/kiln.profile.yaml'), 'utf8');
  assert.match(text, /\n {2}\/etc\/web\.conf: \|\n {4}port 8080\n/);
  assert.ok(!text.includes('MC4CAQ'));
  assert.deepEqual([...readFileSync(join(folder, 'web/files/usr/local/share/logo'))], [0, 1, 2, 3]);
  const same = await kiln('profile', 'diff', 'web/kiln.profile.yaml', 'web.raw');
  assert.deepEqual(same, { code: 0, stdout: 'nothing that matters differs\n', stderr: '' });
  const again = await kiln('profile', 'capture', 'web.raw', '-o', 'web');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^error: FOLDER\/web\/kiln\.profile\.yaml is there already\nhint: .*--force\n$/);
});

test('without an output the profile goes to the standard output, whole', async (t) => {
  const { folder, kiln } = makeWorkshop(t);
  await writeDisk(join(folder, 'web.raw'), web);
  const { code, stdout } = await kiln('profile', 'capture', 'file:web.raw');
  assert.equal(code, 0);
  assert.match(stdout, /\n {2}\/usr\/local\/share\/logo:\n {4}base64: AAECAw==\n/);
  assert.match(stdout, /^name: web-1$/m);
});

test('a tree of files on this host is compared with a profile, an image and another tree', async (t) => {
  const { folder, kiln } = makeWorkshop(t, {
    'web.yaml': 'profile: 1\npackages: [web, curl]\nfiles: { /etc/web.conf: "port 9090\\n" }\n',
  });
  writeNodes(join(folder, 'one'), debianNodes(web));
  writeNodes(
    join(folder, 'two'),
    debianNodes({
      ...web,
      files: { ...web.files, '/etc/web.conf': 'port 80\n', '/etc/app/key.pem': 'another\n' },
    }),
  );
  const trees = await kiln('profile', 'diff', 'dir:one', 'dir:two', '--only', 'files', '--text');
  assert.equal(trees.code, 2);
  assert.match(
    trees.stdout,
    /\n {2}~ \/etc\/app\/key\.pem {2}content, mode 0600 → 0644\n {2}~ \/etc\/web\.conf {2}content\n/,
  );
  assert.match(
    trees.stdout,
    /\n--- a\/etc\/web\.conf\n\+\+\+ b\/etc\/web\.conf\n@@ -1 \+1 @@\n-port 8080\n\+port 80\n/,
  );
  assert.ok(!trees.stdout.includes('MC4CAQ'), 'lines of secret files are not shown');
  const profile = await kiln('profile', 'diff', 'web.yaml', 'dir:one', '--format', 'json');
  assert.equal(profile.code, 2);
  const { differences } = JSON.parse(profile.stdout) as {
    readonly differences: readonly {
      readonly section: string;
      readonly name: string;
      readonly kind: string;
    }[];
  };
  assert.deepEqual(
    differences.map(({ section, name, kind }) => [section, name, kind]),
    [
      ['packages', 'curl', 'removed'],
      ['files', '/etc/web.conf', 'changed'],
    ],
  );
});

test('words that name nothing, or too much, are told with what to write', async (t) => {
  const { folder, kiln } = makeWorkshop(t, { 'web.yaml': 'profile: 1\n' });
  writeNodes(join(folder, 'tree'), debianNodes(web));
  const cases: [args: string[], code: number, message: RegExp][] = [
    [['profile', 'capture', 'nothing'], 1, /there is no file, machine or image "nothing"/],
    [['profile', 'capture', 'web.yaml'], 2, /web\.yaml is a profile already/],
    [['profile', 'capture', 'file:tree'], 2, /tree is a folder\nhint: write dir:tree/],
    [['profile', 'capture', 'dir:none'], 1, /the folder FOLDER\/none cannot be read/],
    [['profile', 'capture', 'ssh://-oProxyCommand=x'], 2, /is not the address of an SSH server/],
    [['profile', 'capture', 'docker:--privileged'], 2, /cannot be the name of a container/],
    [['profile', 'capture', 'machine:none'], 1, /there is no machine "none"/],
    [['profile', 'diff', 'web.yaml'], 2, /B/],
    [
      ['profile', 'diff', 'web.yaml', 'dir:tree', '--only', 'package'],
      2,
      /there is no section "package"\nhint: did you mean "packages"\?/,
    ],
  ];
  for (const [args, code, message] of cases) {
    const result = await kiln(...args);
    assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`);
    assert.match(result.stderr, message);
  }
  assert.ok(!existsSync(join(folder, 'kiln.profile.yaml')));
});
