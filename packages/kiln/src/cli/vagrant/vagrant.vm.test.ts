import assert from 'node:assert/strict';
import { existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from '../testing.ts';

/** The store that tests with machines share, so that the base image is made once (scripts/test.ts sets it). */
const sharedHome = process.env['KILN_TEST_HOME'] ?? join(homedir(), '.cache', 'kiln', 'test');
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');

const source = `
Vagrant.configure("2") do |config|
  config.vm.box = "kiln:debian/12"
  config.vm.synced_folder ".", "/vagrant", disabled: true
  config.vm.provision "shell", inline: "echo made by $(whoami) > /etc/made"
end`;

const fromBox = `
Vagrant.configure("2") do |config|
  config.vm.box = "local/try"
  config.vm.hostname = "tried"
  config.vm.synced_folder ".", "/vagrant", disabled: true
  config.vm.network "forwarded_port", guest: 80, host: 18480, host_ip: "127.0.0.1", auto_correct: true
  config.vm.provision "first", type: "shell", inline: "echo \\"$1 $GREETING\\" >> /root/told", args: ["one two"], env: { "GREETING" => "for $(whoami)" }
  config.vm.provision "file", source: "Vagrantfile", destination: "/tmp/copied"
  config.trigger.after(:up) { |trigger| trigger.run = { inline: "touch triggered" } }
  config.vm.post_up_message = "have a look"
end`;

test('vagrant up of a box that was packaged here: provisioned, logged in to, halted, removed', {
  timeout: 900_000,
}, async (t) => {
  const { kiln, folder } = makeWorkshop(
    t,
    { Vagrantfile: source },
    { KILN_HOME: sharedHome, XDG_CACHE_HOME: cache },
  );
  const vagrant = (...words: readonly string[]) => kiln('vagrant', ...words);
  const works = async (...words: readonly string[]) => {
    const result = await vagrant(...words);
    assert.equal(result.code, 0, `${words.join(' ')}:\n${result.stdout}${result.stderr}`);
    return result.stdout;
  };
  t.after(async () => {
    if (existsSync(folder)) await vagrant('destroy', '-f');
  });

  await t.test('a machine of an image of Kiln’s becomes a box', async () => {
    const up = await works('up');
    assert.match(up, /^==> default: /m);
    assert.equal(await works('ssh', '-c', 'cat /etc/made'), 'made by root\n');
    await works('package', '--output', 'try.box');
    await works('destroy', '-f');
    await works('box', 'add', '--name', 'local/try', 'try.box');
    assert.match(await works('box', 'list'), /^local\/try \(libvirt, 0/m);
    writeFileSync(join(folder, 'Vagrantfile'), fromBox);
  });

  await t.test('up makes a machine of it, and says what programs want to know', async () => {
    const up = await works('up', '--machine-readable');
    assert.match(up, /^\d+,default,action,up,start$/m);
    assert.match(up, /^\d+,default,action,up,end$/m);
    assert.match(up, /have a look/);
    assert.ok(existsSync(join(folder, 'triggered')));
    const status = await works('status', '--machine-readable');
    assert.match(status, /^\d+,default,state,running$/m);
    assert.equal((await vagrant('ssh', '-c', 'hostname; id -un; exit 7')).code, 7);
    assert.equal(await works('ssh', '-c', 'hostname; id -un'), 'tried\nvagrant\n');
    assert.equal(await works('ssh', '-c', 'sudo cat /root/told'), 'one two for root\n');
    assert.equal(await works('ssh', '-c', 'cat /tmp/copied'), fromBox);
    assert.match(await works('port', '--guest', '80'), /^\d+\n$/);
    assert.match(await works('ssh-config'), /^Host default\n {2}HostName 127\.0\.0\.1\n {2}User vagrant\n/);
  });

  await t.test('it stands where Vagrant’s machines stand', async () => {
    const data = join(folder, '.vagrant', 'machines', 'default', 'qemu');
    assert.match(readlinkSync(join(data, 'id')), /^kiln:[0-9a-f]+$/);
    assert.equal(statSync(join(data, 'private_key')).mode & 0o777, 0o600);
    assert.match(readFileSync(join(data, 'action_provision'), 'utf8'), /^1\.5:[0-9a-f]+$/);
    const box = JSON.parse(readFileSync(join(data, 'box_meta'), 'utf8')) as { name: string; version: string };
    assert.deepEqual([box.name, box.version], ['local/try', '0']);
    assert.match(await works('global-status'), /^[0-9a-f]{7} {2}default +qemu +running +FOLDER *$/m);
  });

  await t.test('halt, reload and provision do what they are asked for, once', async () => {
    await works('halt');
    assert.match(await works('status', '--machine-readable'), /^\d+,default,state,poweroff$/m);
    assert.equal((await vagrant('port')).code, 1);
    await works('up');
    assert.equal(await works('ssh', '-c', 'sudo cat /root/told'), 'one two for root\n');
    await works('provision', '--provision-with', 'first');
    assert.equal(await works('ssh', '-c', 'sudo cat /root/told | wc -l'), '2\n');
    assert.match(await works('halt', (await works('global-status')).match(/^[0-9a-f]{7}/m)![0]), /is off/);
  });

  await t.test('snapshots go back and forth', async () => {
    await works('up');
    await works('ssh', '-c', 'echo one > state');
    await works('snapshot', 'save', 'one');
    const again = await vagrant('snapshot', 'save', 'one', '--machine-readable');
    assert.match(again.stdout, /error-exit,Vagrant::Errors::SnapshotConflictFailed/);
    await works('ssh', '-c', 'echo two > state');
    await works('snapshot', 'push');
    assert.match(await works('snapshot', 'list'), /^one\npush_\d+_\d+$/m);
    await works('snapshot', 'restore', 'one');
    assert.equal(await works('ssh', '-c', 'cat state'), 'one\n');
    await works('snapshot', 'pop');
    assert.equal(await works('ssh', '-c', 'cat state'), 'two\n');
    await works('snapshot', 'delete', 'one');
    assert.match(await works('snapshot', 'list'), /has no snapshots/);
  });

  await t.test('destroy leaves nothing', async () => {
    const refused = await vagrant('destroy');
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    await works('destroy', '-f');
    assert.match(await works('status', '--machine-readable'), /^\d+,default,state,not_created$/m);
    assert.ok(!existsSync(join(folder, '.vagrant', 'machines', 'default')));
    await works('box', 'remove', 'local/try');
  });
});
