import assert from 'node:assert/strict';
import { test } from 'node:test';
import { p, profileOf, read } from './testing.ts';

const greeting = p(
  'parameters: {greeting: {default: one, env: GREETING}}\nfiles: {/etc/motd: "${greeting}"}\n',
);

function textOf(profile: ReturnType<typeof profileOf>): unknown {
  const [file] = profile.files;
  return file?.kind === 'file' && file.content?.kind === 'text' ? file.content.text : undefined;
}

test('the command line is stronger than KILN_VAR_name, which is stronger than a named variable and the default', (t) => {
  const env = { GREETING: 'two', KILN_VAR_greeting: 'three' };
  assert.equal(textOf(profileOf(t, greeting)), 'one');
  assert.equal(textOf(profileOf(t, greeting, { env: { GREETING: 'two' } })), 'two');
  assert.equal(textOf(profileOf(t, greeting, { env })), 'three');
  assert.equal(textOf(profileOf(t, greeting, { env, parameters: { greeting: 'four' } })), 'four');
});

test('a value for a parameter that does not exist is a mistake', (t) => {
  const { messages } = read(t, greeting, { parameters: { greting: 'x' } });
  assert.deepEqual(messages, [
    'kiln.profile.yaml:1:1: error: a value is given for "greting", but there is no such parameter (did you mean "greeting"?)',
  ]);
});

test('a list stands for a whole list or for some of its entries, from a default or from the command line', (t) => {
  const text = p(`parameters: { tools: [vim, htop=3.*], none: { type: list, default: [] } }
packages: [nginx, "\${tools}", "\${none}"]
users: { a: { groups: "\${tools}" } }
config: { locales: "\${none}" }
`).replace('htop=3.*', 'htop');
  const profile = profileOf(t, text);
  assert.deepEqual(
    profile.packages.map(({ name }) => name),
    ['nginx', 'vim', 'htop'],
  );
  assert.deepEqual(profile.users[0]?.groups, ['vim', 'htop']);
  const given = profileOf(t, text, { parameters: { tools: 'curl, jq', none: '' } });
  assert.deepEqual(
    given.packages.map(({ name }) => name),
    ['nginx', 'curl', 'jq'],
  );
  const { messages } = read(t, text, { parameters: { tools: 'curl,a b' } });
  assert.deepEqual(messages.slice(0, 1), [
    'kiln.profile.yaml:3:19: error: entry 2 of packages: "a b" is more than one word (make an entry for each package)',
  ]);
});

test('values have the type of their default, or the one that is declared', (t) => {
  const text = p(`parameters:
  port: 8080
  on: true
  version: "10"
  any: { type: string, default: 5 }
packages:
  - { name: aa, absent: "\${on}" }
  - { name: bb, version: "\${version}" }
users: { a: { uid: "\${port}" } }
`);
  const { packages, users } = profileOf(t, text);
  assert.deepEqual([packages[0]?.state, packages[1]?.version, users[0]?.uid], ['absent', '10', 8080]);
  const { messages } = read(t, text, {
    parameters: { port: 'http', on: 'maybe', version: '10.1', any: 'x' },
  });
  assert.deepEqual(messages, [
    'kiln.profile.yaml:3:3: error: the parameter "port": "http" is no number (give it a number, such as 8080)',
    'kiln.profile.yaml:4:3: error: the parameter "on": "maybe" is no true or false (give it true or false)',
  ]);
});

test('limits and patterns hold for values from outside too', (t) => {
  const text = p(`parameters:
  port: { type: number, min: 1, max: 65535, default: 80 }
  name: { pattern: "[a-z]+", default: web, max: 5 }
  tags: { type: list, pattern: "[a-z]", default: [a], max: 2 }
`);
  const { messages } = read(t, text, { parameters: { port: '0', name: 'websites', tags: 'a,B' } });
  assert.deepEqual(messages, [
    'kiln.profile.yaml:3:3: error: the parameter "port": "0" is below the least, 1 (it is at least 1)',
    'kiln.profile.yaml:4:3: error: the parameter "name": "websites" is above the most, 5 (its characters are at most 5)',
    'kiln.profile.yaml:5:3: error: the parameter "tags": "a,B" does not match [a-z] (give a value that matches, or change "pattern")',
  ]);
});

test('no message shows a secret, and files that take one are secret', (t) => {
  const text = p(`parameters: { token: { secret: true, pattern: "[a-z0-9]+" } }
files: { /etc/token: "token=\${token}", /etc/other: x }
config: { timezone: "\${token}" }
`);
  const { messages, secrets } = read(t, text, { parameters: { token: 'hunter2' } });
  assert.deepEqual(messages, [
    'kiln.profile.yaml:4:21: error: timezone: there is no time zone "<sensitive>" (a zone is like Europe/London; `timedatectl list-timezones` lists them)',
  ]);
  assert.deepEqual(secrets, ['hunter2']);
  const refused = read(t, text, { parameters: { token: 'Hunter 2' } });
  assert.deepEqual(refused.messages, [
    'kiln.profile.yaml:2:15: error: the parameter "token": its value does not match [a-z0-9]+ (give a value that matches, or change "pattern")',
  ]);
  const { files } = profileOf(t, text.replace('timezone', 'hostname'), {
    env: { KILN_VAR_token: 'hunter2' },
  });
  assert.deepEqual(
    files.map((file) => file.kind === 'file' && file.secret),
    [true, false],
  );
});

test('a password in clear is nowhere to be seen', (t) => {
  const { messages, secrets } = read(t, p('users: {a: {password: correct horse}}\n'));
  assert.deepEqual(secrets, ['correct horse']);
  assert.ok(messages.every((one) => !one.includes('horse')));
});

test('facts that are known are filled in, and those of the system come from its name', (t) => {
  const text = p(
    'os: ubuntu/noble\nfiles: {/etc/a: "${os.distribution} ${os.release} ${os.codename} ${architecture}"}\n',
  );
  const facts = { architecture: 'arm64', cpus: 4 };
  assert.equal(textOf(profileOf(t, text, { facts })), 'ubuntu 24.04 noble arm64');
  assert.equal(
    textOf(profileOf(t, text, { facts: { ...facts, 'os.release': '24.10' } })),
    'ubuntu 24.10 noble arm64',
  );
  assert.deepEqual(read(t, text).messages, [
    'kiln.profile.yaml:3:66: error: the fact "architecture" is not known where this profile is read (give it (--facts architecture=…), or use it in "when" only, which each machine decides for itself)',
  ]);
});
