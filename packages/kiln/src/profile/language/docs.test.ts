import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { factNames } from '../facts.ts';
import { idleKeys, refusedKeys } from './cloud-config/other-keys.ts';
import { cloudConfig } from './cloud-config/shape.ts';
import { formatProfile } from './format-profile.ts';
import { profileFields } from './profile-shape.ts';
import { readProfile } from './read-profile.ts';
import { configShape } from './sections/config-shape.ts';
import { scriptPoints } from './sections/scripts.ts';
import { temporaryFolder } from './testing.ts';

const page = readFileSync(fileURLToPath(new URL('../../../../../docs/profiles.md', import.meta.url)), 'utf8');
const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);

const publicKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGk8Rk2bH1nNLgKkMqm0Zr2i2T0dYk8o5uYhSg1qP0aB deploy@example\n';
/** What the examples name. */
const files: Readonly<Record<string, string>> = {
  'keys/deploy.pub': publicKey,
  'site.conf': 'server {}\n',
  'site/index.html': 'hello\n',
  'nginx.conf': '',
  'app.ini.in': 'port=${port}\n',
  'setup.sh': '#!/bin/sh\n',
  'docker.asc': '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n',
  'common.yaml': `profile: 1
parameters: { port: 80 }
packages: [telnet]
users: { deploy: { shell: /bin/bash } }
files: { /etc/motd: x }
config: { sysctl: { net.ipv4.ip_forward: 1 } }
`,
  'monitoring.yaml': 'profile: 1\npackages: [prometheus-node-exporter]\n',
};

test('every example of docs/profiles.md is a right profile, and written anew the same', (t) => {
  assert.ok(examples.length >= 11);
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const read = (text: string) =>
    readProfile({ file: join(folder, 'kiln.profile.yaml'), text, parameters: {}, env: {}, bases: new Map() });
  for (const example of examples) {
    const { profile, diagnostics } = read(example);
    assert.deepEqual(diagnostics, [], example);
    assert.deepEqual(read(formatProfile(profile!)).profile, profile, example);
  }
});

test('docs/profiles.md tells of every field, setting, point, fact and key', () => {
  const names = [
    ...Object.keys(profileFields),
    ...Object.keys(configShape.fields),
    ...scriptPoints,
    ...factNames,
  ];
  const missing = names.filter((name) => !page.includes(name));
  assert.deepEqual(missing, []);
  const others = [...Object.keys(refusedKeys), ...Object.keys(idleKeys)];
  // Fields that only change how another one is meant, and old names.
  const minor = /^(?:apt_|ca-|create_|prefer_|preserve_|manage_resolv)|_reboot_|_opts$/;
  const untold = Object.keys(cloudConfig.fields).filter(
    (key) => !others.includes(key) && !minor.test(key) && !page.includes(key),
  );
  assert.deepEqual(untold, []);
});
