import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

/** The store that tests with machines share, so that the base image is made once (scripts/test.ts sets it). */
const sharedHome = process.env['KILN_TEST_HOME'] ?? join(homedir(), '.cache', 'kiln', 'test');

const project = `kiln: 1
machines:
  one:
    from: debian/12
    memory: 512M
    ports: ["18080:80"]
`;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly ports: readonly { readonly host: number; readonly guest: number }[];
}

test('a machine lives: up, exec, halt, up, suspend, resume, destroy', { timeout: 600_000 }, async (t) => {
  const { kiln, start } = makeWorkshop(t, { 'kiln.yaml': project }, { KILN_HOME: sharedHome });
  const status = async (): Promise<Row> => JSON.parse((await kiln('status', '--json')).stdout)[0] as Row;
  const files = async () => join(sharedHome, 'machines', (await status()).id);

  await t.test('it is not there before', async () => {
    assert.equal((await status()).state, 'not-created');
    const { code, stderr } = await kiln('exec', 'one', '--', 'true');
    assert.equal(code, 1);
    assert.match(stderr, /there is no machine "one"/);
  });

  await t.test('two ups at once make one machine; a port in use moves', async () => {
    const busy = createServer().listen(18080, '127.0.0.1');
    await once(busy, 'listening');
    const first = start(['up']);
    const second = start(['up']);
    const results = await Promise.all([first.done, second.done]);
    busy.close();
    for (const { code, stderr } of results) assert.equal(code, 0, stderr);
    const said = results.map(({ stderr }) => stderr).join('');
    assert.match(said, /port 18080 is in use/);
    assert.match(said, /was up already/);
    const row = await status();
    assert.equal(row.state, 'running');
    assert.notEqual(row.ports[0]!.host, 18080);
    const listed = JSON.parse((await kiln('list', '--json')).stdout) as { project: string }[];
    assert.equal(listed.filter((one) => one.project === 'FOLDER').length, 1);
  });

  await t.test('its key is its own and only the owner can read it', async () => {
    const key = join(await files(), 'key');
    assert.equal(statSync(key).mode & 0o777, 0o600);
    const { stdout } = await kiln('exec', 'one', '--', 'sudo', 'cat', '/run/kiln/authorized_keys');
    assert.equal(stdout.trim(), readFileSync(`${key}.pub`, 'utf8').trim());
  });

  await t.test('exec hands arguments on as they are, and the exit code back', async () => {
    const { stdout, code } = await kiln('exec', 'one', '--', 'printf', '[%s]', 'a b', '$HOME', "it's", '*');
    assert.equal(stdout, "[a b][$HOME][it's][*]");
    assert.equal(code, 0);
    assert.equal((await kiln('exec', 'one', '--', 'sh', '-c', 'exit 37')).code, 37);
    assert.equal((await kiln('ssh', 'one', '-c', 'exit 7')).code, 7);
    assert.equal((await kiln('ssh', '-c', 'hostname')).stdout, 'one\n');
  });

  await t.test('what is on its disk is there after a halt', async () => {
    assert.equal((await kiln('exec', 'one', '--', 'sh', '-c', 'echo kept > kept; sync')).code, 0);
    const halted = await kiln('halt');
    assert.equal(halted.code, 0, halted.stderr);
    assert.match(halted.stderr, /one is off/);
    assert.equal((await status()).state, 'halted');
    const refused = await kiln('ssh', 'one', '-c', 'true');
    assert.match(refused.stderr, /one does not run \(it is halted\)/);
    assert.equal((await kiln('up')).code, 0);
    assert.equal((await kiln('exec', 'one', '--', 'cat', 'kept')).stdout, 'kept\n');
  });

  await t.test('a suspended machine goes on where it was, with the right time', async () => {
    const boot = (await kiln('exec', 'one', '--', 'cat', '/proc/sys/kernel/random/boot_id')).stdout;
    assert.equal((await kiln('suspend', 'one')).code, 0);
    assert.equal((await status()).state, 'suspended');
    assert.equal(statSync(join(await files(), 'state')).mode & 0o777, 0o600);
    const resumed = await kiln('resume', 'one');
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal((await kiln('exec', 'one', '--', 'cat', '/proc/sys/kernel/random/boot_id')).stdout, boot);
    const clock = Number((await kiln('exec', 'one', '--', 'date', '+%s')).stdout);
    assert.ok(Math.abs(clock - Date.now() / 1000) < 5, `the guest's clock is ${clock}`);
  });

  await t.test('halting a suspended machine says that its memory is gone', async () => {
    assert.equal((await kiln('suspend', 'one')).code, 0);
    assert.match((await kiln('halt', 'one')).stderr, /one is off; it was suspended, and its memory is gone/);
    assert.equal((await status()).state, 'halted');
  });

  await t.test('nobody destroys it by accident; then it is gone with all its files', async () => {
    const asked = await kiln('destroy', 'one');
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /give --yes/);
    const folderOfMachine = await files();
    assert.equal((await kiln('destroy', 'one', '--yes')).code, 0);
    assert.equal((await status()).state, 'not-created');
    assert.throws(() => statSync(folderOfMachine), { code: 'ENOENT' });
  });
});

/** No other test has machines of this kind: none is kept that these could begin as. */
const ofItsOwnKind = project.replace('512M', '516M');

test('an up that is killed leaves nothing after the next command', { timeout: 300_000 }, async (t) => {
  const { kiln, start } = makeWorkshop(t, { 'kiln.yaml': ofItsOwnKind }, { KILN_HOME: sharedHome });
  const up = start(['up']);
  await up.printed('booting');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  up.signal('SIGKILL');
  await up.done;
  const again = start(['up']);
  await again.printed('booting');
  const listed = JSON.parse((await kiln('list', '--json')).stdout) as (Row & { project: string })[];
  assert.deepEqual(
    listed.filter((one) => one.project === 'FOLDER').map((one) => one.name),
    ['one'],
  );
  again.signal('SIGINT');
  const { code } = await again.done;
  assert.equal(code, 130);
  const after = JSON.parse((await kiln('list', '--json')).stdout) as { project: string }[];
  assert.deepEqual(
    after.filter((one) => one.project === 'FOLDER'),
    [],
  );
});
