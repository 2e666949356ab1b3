import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machineOf, makeProject, told } from './testing/reading.ts';

test('configuration of version 1 becomes one of version 2', async (t) => {
  const project = makeProject(t, {
    Vagrantfile: `
Vagrant::Config.run do |config|
  config.vm.box = "old"
  config.vm.host_name = "old.local"
  config.vm.forward_port 80, 8080
  config.vm.network :hostonly, "10.0.0.10"
  config.vm.share_folder "v-data", "/data", ".", :create => true
  config.vm.customize ["modifyvm", :id, "--memory", 512]
  config.vm.boot_mode = :gui
  config.ssh.forward_agent = true
  config.vm.provision :shell, :inline => "echo hi"
end
Vagrant.configure("1") do |config|
  config.vm.define(:db) { |db| db.vm.host_name = "db" }
end
Vagrant.configure("2") { |config| config.vm.box = "new" }`,
  });
  const reading = await project.read();
  assert.deepEqual(told(reading), []);
  const { vm, networks, syncedFolders, hardware, ssh, provisioners } = machineOf(reading, 'db');
  assert.deepEqual([vm.box, vm.hostname, ssh.forward_agent], ['new', 'db', true]);
  assert.deepEqual(
    networks.map((one) => (one.kind === 'forwarded_port' ? `${one.guest}:${one.host}` : one.ip)),
    ['80:8080', '10.0.0.10', '22:2222'],
  );
  assert.deepEqual(
    syncedFolders.map((one) => [one.hostPath, one.guestPath, one.create]),
    [['.', '/data', true]],
  );
  assert.deepEqual([hardware.memory, hardware.gui], [512, true]);
  assert.deepEqual(provisioners[0]!.settings['inline'], 'echo hi');
});
