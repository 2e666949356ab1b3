import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ProfileScript } from '../../../plan/profile.ts';
import { profileOf, temporaryFolder } from '../testing.ts';

/** Runs a script as a machine would, but that its marks are in a folder. */
function run(script: ProfileScript, folder: string) {
  const text = script.run.replaceAll('/var/lib/kiln', join(folder, 'marks'));
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', text], { encoding: 'utf8' });
  return { status, stdout, stderr, mark: script.creates?.replace('/var/lib/kiln', join(folder, 'marks')) };
}

function scriptsOf(t: TestContext, text: string): readonly ProfileScript[] {
  return profileOf(t, `#cloud-config\n${text}`).scripts;
}

test('what is appended stands behind what a file has, byte for byte, and a new file gets its mode', (t) => {
  const folder = temporaryFolder(t);
  const { uid, gid } = statSync(folder);
  writeFileSync(join(folder, "it's"), 'first\n');
  const entry = (name: string, content: string) =>
    `  - { path: "${folder}/${name}", append: true, owner: "${uid}:${gid}", permissions: "0640", content: ${JSON.stringify(content)} }\n`;
  const long = `${'long line é '.repeat(30)}\n$HOME \`date\` \\ 'END'\n`;
  const scripts = scriptsOf(t, `write_files:\n${entry("it's", long)}${entry('new/file', 'x')}`);
  const results = scripts.map((script) => run(script, folder));
  assert.deepEqual(
    results.map(({ status, stderr }) => [status, stderr]),
    [
      [0, ''],
      [0, ''],
    ],
  );
  assert.equal(readFileSync(join(folder, "it's"), 'utf8'), `first\n${long}`);
  assert.equal(readFileSync(join(folder, 'new/file'), 'utf8'), 'x');
  assert.equal(statSync(join(folder, 'new/file')).mode & 0o7777, 0o640);
  for (const { mark } of results) assert.ok(mark !== undefined && existsSync(mark));
});

test('commands share one shell, one that fails is told and does not stop the next, and it is marked as done', (t) => {
  const folder = temporaryFolder(t);
  const [script] = scriptsOf(
    t,
    `runcmd:
  - cd ${folder}
  - [sh, -c, "echo \\"$0 $1\\" > list", it's, "a  b"]
  - "false"
  - |
    x=5
    cat > here <<'EOF'
    $x
    EOF
  - echo "$x" >> here
`,
  );
  const { status, stderr, mark } = run(script!, folder);
  assert.deepEqual([status, stderr], [0, 'runcmd: command 3 ended with 1\n']);
  assert.equal(readFileSync(join(folder, 'list'), 'utf8'), "it's a  b\n");
  assert.equal(readFileSync(join(folder, 'here'), 'utf8'), '$x\n5\n');
  assert.ok(existsSync(mark!));
});

test('every script that is made of cloud-config is one that a POSIX shell can read', (t) => {
  const scripts = scriptsOf(
    t,
    `package_upgrade: true
users: [default]
password: $6$abcdefgh$0123456789abcdefghijklmnop
apt: { debconf_selections: { a: "tzdata tzdata/Areas select Europe" } }
mounts: [["LABEL=it's", "/srv/it's", ext4]]
ca_certs: { trusted: ["-----BEGIN CERTIFICATE-----\\nx\\n-----END CERTIFICATE-----"] }
`,
  );
  assert.ok(scripts.length >= 5);
  for (const { name, run: text, unless } of scripts) {
    for (const part of [text, unless ?? 'true']) {
      const { status, stderr } = spawnSync('/bin/sh', ['-n'], { input: part, encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, ''], name);
    }
  }
});
