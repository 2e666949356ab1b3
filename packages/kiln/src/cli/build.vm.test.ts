import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

/** The store that tests with machines share, so that the base image is made once (scripts/test.ts sets it). */
const sharedHome = process.env.KILN_TEST_HOME ?? join(homedir(), '.cache', 'kiln', 'test');

const template = `kiln: 1
variables:
  word: it's "quoted" $HOME
images:
  vm-test-steps:
    from: debian/12
    memory: 512M
    steps:
      - copy: {from: page/, to: /srv/www/}
      - copy: {content: "secret\\n", to: /etc/new/app.conf, mode: "0640", owner: "kiln:adm"}
      - run:
          inline: printf '%s|%s|%s\\n' "$(id -un)" "$WORD" "$HOME"
          env: {WORD: "\${word}"}
          user: kiln
      - run: |
          cat /proc/sys/kernel/random/boot_id > /root/boot
          stat -c '%a %U:%G %n' /srv/www /srv/www/index.html /srv/www/.hidden /etc/new/app.conf
      - reboot: true
      - run: |
          test "$(cat /root/boot)" != "$(cat /proc/sys/kernel/random/boot_id)"
          echo "another boot"
          false || echo "and no error"
      - fetch: {from: /etc/new/app.conf, to: got/}
    outputs:
      - disk: {path: dist/disk.qcow2, compress: true}
      - checksum: {}
      - manifest: dist/manifest.json
`;

test('the steps and outputs of a kiln.yaml do in a real machine what they say', {
  timeout: 900_000,
}, async (t) => {
  const { kiln, folder } = makeWorkshop(
    t,
    { 'kiln.yaml': template, 'page/index.html': 'hello', 'page/.hidden': 'x' },
    { KILN_HOME: sharedHome },
  );
  // The store is kept for other tests, and for other runs of this one: what it has kept is not to be taken.
  const { code, stdout, stderr } = await kiln('build', '--no-cache');
  await kiln('image', 'remove', 'vm-test-steps');
  assert.equal(code, 0, stderr);

  const printed = [...stderr.matchAll(/^vm-test-steps: {4}(.*)$/gm)].map((line) => line[1]);
  assert.deepEqual(printed, [
    `kiln|it's "quoted" $HOME|/home/kiln`,
    '755 root:root /srv/www',
    '644 root:root /srv/www/index.html',
    '644 root:root /srv/www/.hidden',
    '640 kiln:adm /etc/new/app.conf',
    'another boot',
    'and no error',
  ]);
  assert.equal(readFileSync(join(folder, 'got/app.conf'), 'utf8'), 'secret\n');

  assert.match(stdout, /^vm-test-steps: qcow2 disk .*dist\/disk\.qcow2$/m);
  assert.match(stdout, /^vm-test-steps: image vm-test-steps:latest /m);
  execFileSync('sha256sum', ['--check', '--status', 'disk.qcow2.sha256'], { cwd: join(folder, 'dist') });
  const manifest = JSON.parse(readFileSync(join(folder, 'dist/manifest.json'), 'utf8')) as {
    builds: { name: string; files: { name: string }[] }[];
  };
  assert.deepEqual(
    manifest.builds.map((build) => [build.name, build.files.map((file) => file.name)]),
    [['vm-test-steps', ['dist/disk.qcow2']]],
  );

  // What a machine writes while it is turned off must not come back after it was cleaned.
  const list = async (path: string) => kiln('image', 'ls', 'dist/disk.qcow2', path);
  const state = await list('/var/lib/systemd');
  assert.equal(state.code, 0, state.stderr);
  assert.doesNotMatch(state.stdout, /random-seed/);
  assert.deepEqual(await list('/var/log/journal'), { code: 0, stdout: '', stderr: '' });
  const info = JSON.parse(
    execFileSync('qemu-img', ['info', '--output=json', join(folder, 'dist/disk.qcow2')], {
      encoding: 'utf8',
    }),
  ) as { format: string; 'backing-filename'?: string };
  assert.deepEqual([info.format, info['backing-filename']], ['qcow2', undefined]);
  assert.ok(!existsSync(join(folder, '.kiln')));
});
