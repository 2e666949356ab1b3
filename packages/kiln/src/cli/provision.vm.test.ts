import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { withoutTool } from '../steps/testing/tool.ts';
import { makeWorkshop } from './testing.ts';

/** The store that tests with machines share, so that the base image is made once (scripts/test.ts sets it). */
const sharedHome = process.env['KILN_TEST_HOME'] ?? join(homedir(), '.cache', 'kiln', 'test');

const project = `kiln: 1
machines:
  web:
    from: debian/12
    memory: 1G
    provision:
      - name: words
        run: {inline: 'echo "$GREETING as $(id -un)" >>/root/log', env: {GREETING: "it's me"}}
      - name: user
        run: {inline: 'id -un >/tmp/user', user: kiln}
      - name: early
        run: echo early >>/root/log
        before: words
      - copy: {content: "from the host\\n", to: /etc/from-host, mode: 0640}
      - name: start
        run: echo started >>/root/log
        when: always
      - name: wipe
        run: rm -f /root/log
        when: never
      - name: check
        run: test -e /srv/fixed
`;

const tools = `kiln: 1
machines:
  web:
    from: debian/12
    memory: 1G
    provision:
      - name: python
        run: |
          apt-get update
          apt-get install -y --no-install-recommends python3
      - name: host
        ansible: {playbook: play/site.yml, vars: {where: host}}
      - name: local
        ansible: {playbook: play/site.yml, local: true, vars: {where: machine}}
      - name: puppet
        puppet: {manifest: site.pp, facts: {word: hello}}
      - name: restart
        reboot: true
`;

// The store outlives runs of the tests: what this run keeps must not be what an earlier one has kept.
const again = `kiln: 1
machines:
  kept:
    from: debian/12
    memory: 512M
    provision:
      - run: echo ${randomUUID()} >/root/run
      - run: od -An -N8 -tx8 /dev/urandom >/root/drawn
      - run: echo up >>/root/ups
        when: always
`;

const files = {
  'kiln.yaml': project,
  'again.yaml': again,
  'tools.yaml': tools,
  'play/site.yml': `- hosts: web
  gather_facts: false
  tasks:
    - template: { src: page.j2, dest: "/etc/page-{{ where }}" }
`,
  'play/page.j2': 'made from the {{ where }}\n',
  'site.pp': 'file { "/etc/puppet-was-here": content => $facts["word"] }\n',
};

test('a machine is provisioned: once, always, by name, and with tools', { timeout: 1_800_000 }, async (t) => {
  const { kiln } = makeWorkshop(t, files, { KILN_HOME: sharedHome });
  const inside = async (line: string) => {
    const { code, stdout, stderr } = await kiln('exec', 'web', '--', 'sudo', 'sh', '-c', line);
    assert.equal(code, 0, stderr);
    return stdout;
  };

  await t.test('the first up runs what stands in the file, up to what fails; the machine stays', async () => {
    const { code, stderr } = await kiln('up');
    assert.equal(code, 1);
    assert.match(stderr, /web: the provisioner check \(run\) failed: .* exit code 1/);
    assert.match(stderr, /the machine is still up/);
    assert.equal(await inside('cat /root/log'), "early\nit's me as root\nstarted\n");
    assert.equal(await inside('cat /tmp/user'), 'kiln\n');
    assert.equal(
      await inside('cat /etc/from-host; stat -c %a:%U /etc/from-host'),
      'from the host\n640:root\n',
    );
  });

  await t.test('when that is mended, all runs again, and then never more by itself', async () => {
    await inside('touch /srv/fixed');
    const again = await kiln('up');
    assert.equal(again.code, 0, again.stderr);
    assert.equal(await inside('grep -c . /root/log'), '6\n');
    const third = await kiln('up');
    assert.equal(third.code, 0, third.stderr);
    assert.match(third.stderr, /is provisioned already/);
    assert.equal(await inside('tail -n 2 /root/log'), 'started\nstarted\n');
  });

  await t.test('what is named runs alone, and a name that nobody has is refused', async () => {
    const wiped = await kiln('provision', 'web', '--provision-with', 'wipe');
    assert.equal(wiped.code, 0, wiped.stderr);
    assert.match(wiped.stderr, /web is provisioned: one provisioner in/);
    assert.equal(await inside('ls /root/log 2>/dev/null || echo gone'), 'gone\n');
    const wrong = await kiln('provision', '--provision-with', 'wpie');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /there is no provisioner "wpie"[\s\S]*did you mean "wipe"/);
    const none = await kiln('up', '--no-provision');
    assert.equal(none.code, 0, none.stderr);
    assert.equal(await inside('ls /root/log 2>/dev/null || echo gone'), 'gone\n');
  });

  // Installing them in an emulated machine takes longer than all else here; steps/ tries the tools on this host.
  const skipSlow = process.env['KILN_SLOW_TESTS'] ? false : 'takes minutes: set KILN_SLOW_TESTS=1';
  await t.test('Ansible inside, Puppet and a restart', { skip: skipSlow }, async () => {
    const { code, stderr } = await kiln(
      ...['provision', '--file', 'tools.yaml', '--provision-with', 'python,local,puppet,restart'],
    );
    assert.equal(code, 0, stderr);
    assert.equal(await inside('cat /etc/page-machine /etc/puppet-was-here'), 'made from the machine\nhello');
    assert.match(stderr, /The machine is back/);
  });

  const skip = skipSlow || withoutTool('ansible-playbook');
  await t.test('Ansible of this host', { skip }, async () => {
    const first = await kiln('provision', '--file', 'tools.yaml', '--provision-with', 'host');
    assert.equal(first.code, 0, first.stderr);
    assert.equal(await inside('cat /etc/page-host'), 'made from the host\n');
    const second = await kiln('provision', '--file', 'tools.yaml', '--provision-with', 'host');
    assert.match(second.stderr, /changed=0/);
  });

  await t.test('one that is destroyed comes back as it was provisioned, and is another machine', async () => {
    const look = async () => {
      const line = 'cat /root/drawn /etc/machine-id; wc -l </root/ups; hostname';
      const { stdout } = await kiln('exec', '--file', 'again.yaml', 'kept', '--', 'sudo', 'sh', '-c', line);
      return stdout.trim().split(/\s+/);
    };
    const seen: string[][] = [];
    for (let round = 0; round < 2; round++) {
      const up = await kiln('up', '--file', 'again.yaml');
      assert.equal(up.code, 0, up.stderr);
      seen.push(await look());
      assert.equal((await kiln('destroy', '--file', 'again.yaml', '--yes')).code, 0);
    }
    const [[drawn, id, ups, name], [drawnAgain, idAgain, upsAgain]] = seen as [string[], string[]];
    assert.equal(drawnAgain, drawn, 'what runs once did not run again');
    assert.notEqual(idAgain, id);
    assert.deepEqual([ups, upsAgain, name], ['1', '2', 'kept']);
  });

  await t.test('the machine goes as it came', async () => {
    const { code, stderr } = await kiln('destroy', '--yes');
    assert.equal(code, 0, stderr);
  });
});

const withMore = `Vagrant.configure("2") do |config|
  config.vm.box = "kiln:debian/12"
  config.vm.synced_folder ".", "/vagrant", disabled: true
  config.vm.provider(:libvirt) { |machine| machine.memory = 512 }
  config.vm.hostname = "more"
  config.vm.network "private_network", ip: "192.168.233.10"
  config.vm.disk :disk, name: "data", size: "64MB"
  config.vm.provision "shell", inline: <<~SH
    mkfs.ext4 -q /dev/disk/by-id/virtio-data
    mkdir -p /data
    mount /dev/disk/by-id/virtio-data /data
    echo ${randomUUID()} >/data/drawn
  SH
end
`;

test('a machine with a network and a second disk comes back as it was provisioned', {
  timeout: 900_000,
}, async (t) => {
  // Before the workshop's own clean-up, which comes after it: the command needs its folder.
  t.after(() => workshop.kiln('destroy', '--yes'));
  const workshop = makeWorkshop(t, { Vagrantfile: withMore }, { KILN_HOME: sharedHome });
  const { kiln } = workshop;
  const inside = async (line: string) => {
    const { code, stdout, stderr } = await kiln('exec', '--', 'sudo', 'sh', '-c', line);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const address = "ip -4 -o address show | grep -c '192.168.233.10/24'";
  const card = "ip -o link | grep -o 'link/ether [0-9a-f:]*' | tail -n 1";
  const first = await kiln('up');
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /keeping it as it is now/);
  // It has its cards again, and goes on with its disks.
  assert.equal(await inside(address), '1');
  const drawn = await inside('cat /data/drawn');
  const mac = await inside(card);
  await inside('echo first >/data/own; sync');
  assert.equal((await kiln('halt')).code, 0);
  const again = await kiln('up');
  assert.equal(again.code, 0, again.stderr);
  assert.equal(await inside('mount /dev/disk/by-id/virtio-data /data; cat /data/own'), 'first');
  assert.equal(await inside(address), '1');
  assert.equal((await kiln('destroy', '--yes')).code, 0);

  const second = await kiln('up');
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stderr, /begins as it was when its provisioners had run/);
  assert.equal(await inside('cat /data/drawn; ls /data'), `${drawn}\ndrawn\nlost+found`);
  assert.equal(await inside(address), '1');
  assert.notEqual(await inside(card), mac);
  assert.equal(await inside('hostname; ls /etc/systemd/network/70-kiln-*.network | wc -l'), 'more\n1');
});
