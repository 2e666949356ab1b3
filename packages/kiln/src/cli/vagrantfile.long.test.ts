import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeWorkshop } from './testing.ts';

/** Ruby is prepared once for all tests, and for the developer. */
const environment = { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache') };

function project(t: TestContext, vagrantfile: string) {
  return makeWorkshop(t, { Vagrantfile: vagrantfile }, environment);
}

const two = `
Vagrant.configure("2") do |config|
  config.vm.box = "debian/bookworm64"
  config.vm.define "web", primary: true
  config.vm.define "db", autostart: false
end`;

test('Kiln’s own commands take a Vagrantfile where there is no kiln.yaml, from folders below too', async (t) => {
  const { kiln, folder, start } = project(t, two);
  const { stdout, code } = await kiln('status', '--json');
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), [
    { name: 'web', state: 'not-created' },
    { name: 'db', state: 'not-created' },
  ]);
  assert.equal((await kiln('validate')).stdout, 'Vagrantfile is valid: no builds, 2 machines (web, db)\n');
  mkdirSync(join(folder, 'below'));
  const below = start(['status', '--json'], { VAGRANT_CWD: join(folder, 'below') });
  assert.equal((await below.done).stdout, stdout);
  assert.match((await kiln('ssh')).stderr, /^error: there is no machine here/);
});

test('a mistake in one machine is told where it matters, and keeps the others from nothing', async (t) => {
  const { kiln } = project(
    t,
    two.replace('define "db", autostart: false', 'define("db") { |db| db.vm.hostname = "?" }'),
  );
  const status = JSON.parse((await kiln('status', '--json')).stdout) as { name: string }[];
  assert.deepEqual(
    status.map(({ name }) => name),
    ['web', 'db'],
  );
  for (const words of [['validate'], ['up'], ['up', 'db']]) {
    const { code, stderr } = await kiln(...words);
    assert.equal(code, 1);
    assert.match(stderr, /^Vagrantfile:5:1: error: \? is no name for a host/);
  }
});

test('what Kiln cannot make is told when it is to come up', async (t) => {
  const { kiln } = project(
    t,
    two.replace('define "db", autostart: false', 'define("db") { |db| db.vm.communicator = "winrm" }'),
  );
  const validated = await kiln('validate');
  assert.equal(validated.code, 0);
  assert.match(
    validated.stderr,
    /^Vagrantfile:5:1: warning: db will not come up: config\.vm\.communicator is winrm/,
  );
  const up = await kiln('up', 'db');
  assert.equal(up.code, 1);
  assert.match(up.stderr, /Vagrantfile:5:1: error: db: config\.vm\.communicator is winrm/);
});

test('a file that ends the command ends it with its own exit code and words', async (t) => {
  const { kiln } = project(t, 'puts "so far"\nabort "not here" if ARGV.include?("up")\nexit 7');
  const { code, stdout, stderr } = await kiln('status');
  assert.deepEqual([code, stdout], [7, '']);
  assert.match(stderr, /^so far\n/);
  assert.equal((await kiln('up')).code, 1);
});

test('a project is trusted as its Vagrantfile is, until that changes', async (t) => {
  const { kiln, folder } = project(t, `${two}\nputs \`echo from the host\``);
  const before = await kiln('validate');
  assert.match(before.stderr, /the file wants to run `echo from the host`: not run/);
  assert.match(before.stderr, /hint: `kiln trust` allows it for this project/);
  assert.match((await kiln('trust')).stderr, /^FOLDER\/Vagrantfile may run programs of this host/);
  assert.match((await kiln('validate')).stderr, /^from the host\n/);
  const listed = JSON.parse((await kiln('trust', '--list', '--json')).stdout) as {
    file: string;
    state: string;
  }[];
  assert.deepEqual(
    listed.map(({ file, state }) => [file, state]),
    [['FOLDER/Vagrantfile', 'trusted']],
  );
  appendFileSync(join(folder, 'Vagrantfile'), '\n# more\n');
  assert.match((await kiln('trust', '--list')).stdout, /has changed since/);
  assert.match((await kiln('trust', '--remove')).stderr, /no longer trusted/);
  assert.match((await kiln('trust', '--remove')).stderr, /was not trusted/);
  assert.match((await kiln('trust', '--list')).stderr, /^No Vagrantfile is trusted/);
  assert.match((await kiln('trust', '/')).stderr, /^error: there is no Vagrantfile in \/ or above/);
});

test('triggers run around the commands of both command lines, and may end them', async (t) => {
  const { kiln } = project(
    t,
    `Vagrant.configure("2") do |config|
  config.vm.box = "kiln:debian/12"
  config.trigger.before :up do |trigger|
    trigger.info = "before it comes up"
    trigger.run = { inline: "echo 'on the host'" }
    trigger.ruby { |env, machine| puts "ruby of #{machine.name}" }
  end
  config.trigger.before(:up) { |trigger| trigger.abort = 5 }
end`,
  );
  for (const words of [['up'], ['vagrant', 'up']]) {
    const { code, stdout, stderr } = await kiln(...words);
    assert.equal(code, 5, stderr);
    for (const text of ['before it comes up', 'on the host', 'ruby of default']) {
      assert.ok(`${stdout}${stderr}`.includes(text), `${words.join(' ')}: ${text}\n${stdout}${stderr}`);
    }
  }
  assert.equal((await kiln('list', '--json')).stdout.trim(), '[]');
});
