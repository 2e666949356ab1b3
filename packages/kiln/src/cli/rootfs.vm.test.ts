import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeWorkshop, type Workshop } from './testing.ts';

/** The store that tests with machines share, so that packages are fetched once (scripts/test.ts sets it). */
const sharedHome = process.env.KILN_TEST_HOME ?? join(homedir(), '.cache', 'kiln', 'test');

const profile = `profile: 1
os: debian/12
packages: [nginx-light, ssl-cert, tree]
users:
  - {name: ada, shell: /bin/bash, groups: [adm], ssh_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFT0qvS5fgHrSxJ8ZyPVZTeVDg3qV6kOhSYvBTXJh6TJ ada]}
files:
  - {path: /var/www/html/index.html, content: "made without a machine\\n"}
config:
  timezone: Europe/Berlin
  sysctl: {vm.swappiness: 10}
`;

const project = `kiln: 1
images:
  rootfs-test:
    from: debian/12
    builder: rootfs
    profile: web.profile.yaml
    steps:
      - run: printf '%s\\n' "$(id -un)" > /srv/who
      - copy: {content: "copied\\n", to: /srv/copied, mode: "0640", owner: "root:adm"}
    outputs:
      - disk: {path: out/disk.raw}
      - disk: {path: out/disk.vhd, format: vhd-fixed}
      - disk: {path: out/disk.vmdk, compress: true}
      - disk: {path: out/disk.ova}
machines:
  bios: {image: rootfs-test, memory: 512M, ports: ["18090:80"]}
  uefi: {image: rootfs-test, memory: 512M, firmware: efi}
`;

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

/** A user with ids for namespaces (subuid(5)) who may read this checkout; only root can become one. */
function ordinaryUser(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/etc/subuid')) return undefined;
  const names = readFileSync('/etc/subuid', 'utf8')
    .split('\n')
    .map((line) => line.split(':', 1)[0]!);
  return names.find(
    (name) => name !== '' && name !== 'root' && becoming(name, ['test', '-r', program]).status === 0,
  );
}

function becoming(user: string, command: readonly string[]) {
  const become = [`--reuid=${user}`, `--regid=${user}`, '--init-groups', '--'];
  return spawnSync('setpriv', [...become, ...command], { encoding: 'utf8' });
}

function buildAs(user: string | undefined, { folder, home }: Workshop) {
  const root = dirname(folder);
  const words = [
    `HOME=${root}`,
    `KILN_HOME=${home}`,
    `PATH=${process.env.PATH}`,
    'TZ=Asia/Tokyo',
    `TMPDIR=${root}`,
  ];
  const command = ['env', '-i', '-C', folder, ...words, process.execPath, program, 'build', '--locked'];
  if (user === undefined) return spawnSync(command[0]!, command.slice(1), { encoding: 'utf8' });
  execFileSync('chown', ['-R', `${user}:`, root]);
  return becoming(user, command);
}

/** Of the blocks of 4 KiB of the second disk that are not zeros, the share that the first has at the same place. */
function sharedBlocks(before: string, after: string): number {
  const files = [openSync(before, 'r'), openSync(after, 'r')] as const;
  const [one, two] = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)];
  const zeros = Buffer.alloc(4096);
  let [used, same] = [0, 0];
  for (let position = 0; readSync(files[1], two, 0, two.length, position) > 0; position += two.length) {
    one.fill(0);
    readSync(files[0], one, 0, one.length, position);
    for (let start = 0; start < two.length; start += 4096) {
      const block = two.subarray(start, start + 4096);
      if (block.equals(zeros)) continue;
      used++;
      if (block.equals(one.subarray(start, start + 4096))) same++;
    }
  }
  for (const file of files) closeSync(file);
  return same / used;
}

const digestOf = (path: string) => execFileSync('sha256sum', [path], { encoding: 'utf8' }).split(' ')[0];

test('an image is built from a profile without a machine', { timeout: 1_500_000 }, async (t) => {
  const files = { 'kiln.yaml': project, 'web.profile.yaml': profile };
  const { kiln, folder } = makeWorkshop(t, files, { KILN_HOME: sharedHome });
  const out = (name: string) => join(folder, 'out', name);

  await t.test('it builds', async () => {
    const { code, stderr } = await kiln('build', '--no-cache');
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /starting the machine/);
  });

  await t.test('tools of others find the disk sound', () => {
    const { stdout } = spawnSync('sgdisk', ['-v', out('disk.raw')], { encoding: 'utf8' });
    assert.match(stdout, /No problems found/);
    const root = join(folder, 'root.ext4');
    execFileSync('dd', [
      `if=${out('disk.raw')}`,
      `of=${root}`,
      'bs=1M',
      'skip=17',
      'conv=sparse',
      'status=none',
    ]);
    execFileSync('truncate', ['--size=-1M', root]);
    const { status, stdout: words } = spawnSync('e2fsck', ['-fn', root], { encoding: 'utf8' });
    assert.equal(status, 0, words);
    execFileSync('qemu-img', ['compare', out('disk.raw'), out('disk.vmdk')]);
    execFileSync('qemu-img', ['compare', '-F', 'vpc', out('disk.raw'), out('disk.vhd')]);
  });

  await t.test('unchanged it ends at once, and a changed file costs the files alone', async () => {
    const again = await kiln('build');
    assert.match(again.stderr, /nothing has changed/);
    const { stdout } = await kiln('plan');
    assert.doesNotMatch(stdout, /runs:/);
  });

  await t.test('it boots with BIOS and with UEFI to what the profile says', async () => {
    for (const name of ['bios', 'uefi']) {
      const up = await kiln('up', name);
      assert.equal(up.code, 0, up.stderr);
      const look = [
        'curl -s http://127.0.0.1/ || cat /var/www/html/index.html',
        'cat /srv/who; stat -c "%a %U:%G" /srv/copied; id -nG ada; readlink -f /etc/localtime',
        'cat /proc/sys/vm/swappiness; systemctl is-active nginx; systemctl --failed --no-legend',
        'sudo openssl pkey -in /etc/ssl/private/ssl-cert-snakeoil.key -noout && echo a key of its own',
        '[ -d /sys/firmware/efi ] && echo uefi || echo bios',
      ].join('; ');
      const { stdout } = await kiln('exec', name, '--', 'sh', '-c', look);
      assert.deepEqual(stdout.trimEnd().split('\n'), [
        'made without a machine',
        'root',
        '640 root:adm',
        'ada adm',
        '/usr/share/zoneinfo/Europe/Berlin',
        '10',
        'active',
        'a key of its own',
        name,
      ]);
      assert.equal((await kiln('destroy', name, '--yes')).code, 0);
    }
  });

  await t.test('the next version has what did not change at the same places of the disk', async () => {
    const next = join(folder, 'next');
    mkdirSync(next);
    writeFileSync(
      join(next, 'web.profile.yaml'),
      profile.replace('[nginx-light, ssl-cert, tree]', '[nginx-light, pv, ssl-cert, tree]'),
    );
    writeFileSync(
      join(next, 'kiln.yaml'),
      project
        .replace('  rootfs-test:', '  rootfs-test-next:\n    layout_of: rootfs-test')
        .replace(/ {6}- disk: \{path: out\/disk\.(?:vhd|vmdk|ova).*\n/g, '')
        .replace(/machines:[\s\S]*/, ''),
    );
    const { code, stderr } = await kiln('build', '-f', join(next, 'kiln.yaml'));
    assert.equal(code, 0, stderr);
    const share = sharedBlocks(out('disk.raw'), join(next, 'out', 'disk.raw'));
    assert.ok(share >= 0.97, `${share}`);
    t.diagnostic(`${(share * 100).toFixed(2)} % of the next version's blocks are those of the one before`);
    assert.equal((await kiln('image', 'remove', 'rootfs-test-next')).code, 0);
  });

  // The store is kept for other tests.
  assert.equal((await kiln('image', 'remove', 'rootfs-test')).code, 0);

  await t.test('elsewhere, for somebody else, at another time, the same bits come out', async (inner) => {
    // Another store: of this one it has the packages, which cost time to fetch, and nothing else.
    const other = makeWorkshop(inner, files);
    mkdirSync(other.home, { recursive: true });
    cpSync(join(sharedHome, 'downloads'), join(other.home, 'downloads'), { recursive: true });
    cpSync(join(folder, 'kiln.lock'), join(other.folder, 'kiln.lock'));
    const user = ordinaryUser();
    inner.diagnostic(user ? `built as ${user}` : 'built as the same user: no other one is fit for it');
    const { status, stderr } = buildAs(user, other);
    assert.equal(status, 0, stderr);
    for (const name of ['disk.raw', 'disk.vhd', 'disk.vmdk', 'disk.ova'])
      assert.equal(digestOf(join(other.folder, 'out', name)), digestOf(out(name)), name);
    const [one, two] = [folder, other.folder].map((place) => readFileSync(join(place, 'kiln.lock'), 'utf8'));
    assert.equal(one, two);
  });
});
