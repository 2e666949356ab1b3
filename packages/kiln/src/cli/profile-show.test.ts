import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

const files = {
  'kiln.profile.yaml': `profile: 1
extends: common.yaml
os: debian/12
parameters:
  port: 8080
  token: { secret: true, env: TOKEN }
packages:
  - nginx
  - { name: qemu-guest-agent, when: virtual }
files:
  /etc/app: "port=\${port}"
  /etc/token: "\${token}"
  /etc/other: { content: hidden too, secret: true }
config:
  environment: { TOKEN: "\${token}" }
`,
  'common.yaml': 'profile: 1\npackages: [curl]\nconfig: { timezone: UTC }\n',
};

test('a profile is shown as what it comes to, as a profile again, without its secrets', async (t) => {
  const { kiln } = makeWorkshop(t, files, { TOKEN: 'hunter"2' });
  const { code, stdout, stderr } = await kiln('profile', 'show', '--set', 'port=9090');
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout,
    `profile: 1
name: profile
os: debian/12
packages:
  - curl
  - nginx
  - name: qemu-guest-agent
    when: virtual
files:
  /etc/app: port=9090
  /etc/token:
    content: <sensitive>
    secret: true
  /etc/other:
    content: <sensitive>
    secret: true
config:
  timezone: UTC
  environment:
    TOKEN: <sensitive>
`,
  );
});

test('facts leave out what is not for such a machine; JSON is for programs', async (t) => {
  const { kiln, folder } = makeWorkshop(
    t,
    { ...files, 'facts.yaml': 'virtual: false\ncpus: 2\n' },
    { TOKEN: 'x1' },
  );
  const read = async (...args: readonly string[]) => {
    const { stdout, stderr } = await kiln('profile', 'show', '--format', 'json', ...args);
    assert.equal(stderr, '');
    const profile: { packages: { name: string; when?: object }[] } = JSON.parse(stdout);
    return profile.packages.map(({ name, when }) => (when ? `${name}?` : name));
  };
  assert.ok(folder);
  assert.deepEqual(await read(), ['curl', 'nginx', 'qemu-guest-agent?']);
  assert.deepEqual(await read('--facts', 'virtual=true'), ['curl', 'nginx', 'qemu-guest-agent']);
  assert.deepEqual(await read('--facts', '@facts.yaml'), ['curl', 'nginx']);
});

test('mistakes are told with their lines, and a password among them is hidden', async (t) => {
  const { kiln } = makeWorkshop(t, {
    'web.yaml': 'profile: 1\nusers: { a: { password: correct horse } }\npackges: [nginx]\n',
  });
  const { code, stdout, stderr } = await kiln('profile', 'show', 'web.yaml');
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^web\.yaml:2:25: error: the password stands here in clear/);
  assert.match(stderr, /password: <sensitive> \} \}/);
  assert.match(
    stderr,
    /web\.yaml:3:1: error: a profile has no field "packges"\n.*packges: \[nginx\]\n.*\n {2}hint: did you mean "packages"\?\n2 errors\n$/,
  );
  assert.ok(!stderr.includes('horse'));
});

test('a value that is none, an unknown fact and a missing file are mistakes of the command line', async (t) => {
  const { kiln } = makeWorkshop(t, { 'kiln.profile.yaml': 'profile: 1\n' });
  const run = async (...args: readonly string[]) => {
    const { code, stderr } = await kiln('profile', 'show', ...args);
    return [code, stderr];
  };
  assert.deepEqual(await run('--set', 'port'), [
    2,
    'error: --set port is not name=value\nhint: write --set name=value\n',
  ]);
  assert.deepEqual(await run('--facts', 'cpu=2'), [
    2,
    'error: there is no fact "cpu"\nhint: did you mean "cpus"?\n',
  ]);
  assert.deepEqual(await run('--facts', 'cpus=many'), [
    2,
    'error: the fact cpus cannot be "many"\nhint: write something like cpus=4\n',
  ]);
  assert.deepEqual(await run('nix.yaml'), [
    1,
    'error: there is no file nix.yaml\nhint: name a profile, or change into a folder that has a kiln.profile.yaml\n',
  ]);
});
