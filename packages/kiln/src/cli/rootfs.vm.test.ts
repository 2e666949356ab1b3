import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

/** The store that tests with machines share, so that packages are fetched once (scripts/test.ts sets it). */
const sharedHome = process.env.KILN_TEST_HOME ?? join(homedir(), '.cache', 'kiln', 'test');

const profile = `profile: 1
os: debian/12
packages: [nginx-light, tree]
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
        name,
      ]);
      assert.equal((await kiln('destroy', name, '--yes')).code, 0);
    }
  });

  // The store is kept for other tests.
  assert.equal((await kiln('image', 'remove', 'rootfs-test')).code, 0);

  await t.test('elsewhere, at another time, the same bits come out', async (inner) => {
    // Another store: of this one it has the packages, which cost time to fetch, and nothing else.
    const other = makeWorkshop(inner, files, { TZ: 'Asia/Tokyo' });
    mkdirSync(other.home, { recursive: true });
    cpSync(join(sharedHome, 'downloads'), join(other.home, 'downloads'), { recursive: true });
    cpSync(join(folder, 'kiln.lock'), join(other.folder, 'kiln.lock'));
    const { code, stderr } = await other.kiln('build', '--locked');
    assert.equal(code, 0, stderr);
    for (const name of ['disk.raw', 'disk.vhd', 'disk.vmdk', 'disk.ova'])
      assert.equal(digestOf(join(other.folder, 'out', name)), digestOf(out(name)), name);
    const [one, two] = [folder, other.folder].map((place) => readFileSync(join(place, 'kiln.lock'), 'utf8'));
    assert.equal(one, two);
  });
});
