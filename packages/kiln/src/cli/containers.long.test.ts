import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { engineObstacle, type OwnEngine, startOwnEngine } from '../hosts/docker/testing/own-engine.ts';
import { makeWorkshop } from './testing.ts';

let engine: OwnEngine;

before(async () => {
  if (!engineObstacle) engine = await startOwnEngine();
});

after(async () => {
  if (!engineObstacle) await engine.close();
});

const vagrantfile = `
Vagrant.configure("2") do |config|
  config.vm.define "web" do |web|
    web.vm.hostname = "shop"
    web.vm.network "forwarded_port", guest: 80, host: 18180, auto_correct: true
    web.vm.provision "shell", inline: "echo provisioned as $(id -un) > /root/done"
    web.vm.provider "docker" do |d|
      d.image = "kiln-test:busybox"
      d.cmd = ["httpd", "-f", "-p", "80", "-h", "/vagrant"]
      d.env = { "GREETING" => "hello there" }
      d.create_args = ["--label", "mine=yes"]
    end
  end
  config.vm.define "built", autostart: false do |built|
    built.vm.provider "docker" do |d|
      d.build_dir = "context"
      d.cmd = ["sh", "-c", "echo did its work; exit $CODE"]
      d.env = { "CODE" => ENV["CODE"] || "0" }
      d.remains_running = false
    end
  end
end
`;

const machinesLeft = () =>
  spawnSync('docker', ['ps', '--all', '--quiet', '--filter', 'label=kiln.machine'], {
    encoding: 'utf8',
    env: { ...process.env, DOCKER_HOST: engine.host },
  }).stdout.trim();

test('a container stands for a machine, from up to destroy', {
  skip: engineObstacle,
  timeout: 240_000,
}, async (t) => {
  const files = { Vagrantfile: vagrantfile, 'index.html': 'a page\n' };
  const { kiln, folder } = makeWorkshop(t, files, { DOCKER_HOST: engine.host });
  const up = await kiln('up');
  assert.equal(up.code, 0, up.stderr);
  const page = await (await fetch('http://127.0.0.1:18180/index.html')).text();
  assert.equal(page, 'a page\n', 'the project is the folder /vagrant, and the port leads in');
  const look = await kiln('exec', 'web', '--', 'sh', '-c', 'hostname; echo $GREETING; cat /root/done');
  assert.deepEqual(look.stdout.split('\n'), ['shop', 'hello there', 'provisioned as root', '']);
  writeFileSync(join(folder, 'index.html'), 'another page\n');
  assert.equal(await (await fetch('http://127.0.0.1:18180/index.html')).text(), 'another page\n');
  assert.equal((await kiln('up')).code, 0);
  const state = async () =>
    (JSON.parse((await kiln('status', '--json')).stdout) as { state: string }[])[0]?.state;
  assert.equal(await state(), 'running');
  assert.equal((await kiln('suspend', 'web')).code, 0);
  assert.equal(await state(), 'suspended');
  assert.equal((await kiln('up', 'web')).code, 0);
  const halt = await kiln('halt', 'web');
  assert.equal(halt.code, 0, halt.stderr);
  assert.equal(await state(), 'halted');
  const again = await kiln('up', 'web');
  assert.equal(again.code, 0, again.stderr);
  assert.match(
    (await kiln('exec', 'web', '--', 'cat', '/root/done')).stdout,
    /provisioned/,
    'it is the same one',
  );
  assert.equal((await kiln('destroy', '--yes')).code, 0);
  assert.equal(machinesLeft(), '');
});

test('a container that only does its work is built, run and shown', {
  skip: engineObstacle,
  timeout: 240_000,
}, async (t) => {
  const workshop = makeWorkshop(t, { Vagrantfile: vagrantfile }, { DOCKER_HOST: engine.host });
  cpSync(engine.context, join(workshop.folder, 'context'), { recursive: true });
  const up = await workshop.kiln('up', 'built');
  assert.equal(up.code, 0, up.stderr);
  assert.match(up.stderr, /did its work/);
  assert.equal((await workshop.kiln('destroy', 'built', '--yes')).code, 0);
  const failing = await workshop.start(['up', 'built'], { CODE: '3' }).done;
  assert.equal(failing.code, 1);
  assert.match(failing.stderr, /ended with 3/);
  assert.equal(machinesLeft(), '', 'one that failed leaves nothing behind');
});

test("somebody else's container of the same name is left alone", {
  skip: engineObstacle,
  timeout: 120_000,
}, async (t) => {
  const env = { ...process.env, DOCKER_HOST: engine.host };
  const docker = (...args: string[]) => spawnSync('docker', args, { encoding: 'utf8', env });
  assert.equal(docker('run', '--detach', '--name', 'precious', 'kiln-test:busybox').status, 0);
  t.after(() => docker('rm', '--force', 'precious'));
  const file =
    'machine = Vagrant.configure("2") do |c|\n  c.vm.provider "docker" do |d|\n    d.image = "kiln-test:busybox"\n    d.name = "precious"\n  end\nend\n';
  const { kiln } = makeWorkshop(t, { Vagrantfile: file }, { DOCKER_HOST: engine.host });
  const up = await kiln('up');
  assert.equal(up.code, 1);
  assert.match(up.stderr, /precious/);
  assert.equal(docker('inspect', '--format', '{{.State.Running}}', 'precious').stdout.trim(), 'true');
});

test('without an engine it is said what to do', { skip: engineObstacle }, async (t) => {
  const { kiln } = makeWorkshop(
    t,
    { Vagrantfile: vagrantfile },
    { DOCKER_HOST: 'unix:///nonexistent/socket' },
  );
  const { code, stderr } = await kiln('up', 'web');
  assert.equal(code, 1);
  assert.match(stderr, /no Docker engine answers/);
  assert.match(stderr, /DOCKER_HOST/);
});
