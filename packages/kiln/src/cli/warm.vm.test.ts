import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../base/processes.ts';
import { listWarm } from '../store/warm/warm-store.ts';
import { makeWorkshop } from './testing.ts';

/** The store that tests with machines share, so that the base image is made once (scripts/test.ts sets it). */
const sharedHome = process.env['KILN_TEST_HOME'] ?? join(homedir(), '.cache', 'kiln', 'test');

const project = `kiln: 1
machines:
  one: { from: debian/12, memory: 512M }
  two: { from: debian/12, memory: 512M, ports: ["18089:80"] }
`;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly ssh: { readonly port: number };
}

test('copies of one machine are machines of their own', { timeout: 900_000 }, async (t) => {
  const workshop = makeWorkshop(t, { 'kiln.yaml': project }, { KILN_HOME: sharedHome });
  const { kiln, start, folder } = workshop;
  const rows = async (): Promise<readonly Row[]> =>
    JSON.parse((await kiln('status', '--json')).stdout) as Row[];
  const row = async (name: string) => (await rows()).find((one) => one.name === name)!;
  const files = async (name: string) => join(sharedHome, 'machines', (await row(name)).id);
  const inside = async (name: string, script: string): Promise<string> => {
    const { stdout, stderr, code } = await kiln('exec', name, '--', 'sh', '-c', script);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };

  await t.test('both come up, and begin as the same machine', async () => {
    const { code, stderr } = await kiln('up', '-v');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /one began as a copy/);
    assert.match(stderr, /two began as a copy/);
    const boots = await Promise.all(
      ['one', 'two'].map((name) => inside(name, 'cat /proc/sys/kernel/random/boot_id')),
    );
    assert.equal(boots[0], boots[1]);
  });

  await t.test('they differ in everything by which machines are told apart', async () => {
    const facts = [
      'cat /etc/machine-id',
      'cat /sys/class/net/e*/address',
      'cat /etc/ssh/ssh_host_ed25519_key.pub',
      'head -c 32 /dev/urandom | od -An -tx1',
      'hostname; cat /etc/hostname; grep 127.0.1.1 /etc/hosts',
      'sudo cat /run/kiln/authorized_keys',
      'cat /var/lib/kiln/instance',
    ];
    for (const fact of facts) {
      const [one, two] = await Promise.all([inside('one', fact), inside('two', fact)]);
      assert.notEqual(one, two, fact);
    }
    assert.equal(await inside('one', 'hostname'), 'one');
    assert.equal(await inside('two', 'cat /etc/hostname'), 'two');
    const clock = Number(await inside('one', 'date +%s'));
    assert.ok(Math.abs(clock - Date.now() / 1000) < 5, `the guest's clock is ${clock}`);
  });

  await t.test('both reach the network, and SSH reaches both by keys that were known before', async () => {
    const server = createServer((socket) => socket.end('hello\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const name of ['one', 'two']) {
      assert.equal(await inside(name, `bash -c 'exec 3<>/dev/tcp/10.0.2.2/${port}; cat <&3'`), 'hello');
      assert.match(await inside(name, 'ip route'), /default via 10\.0\.2\.2/);
      const known = readFileSync(join(await files(name), 'known_hosts'), 'utf8')
        .split(' ')
        .slice(1)
        .join(' ');
      assert.equal(
        known.trim(),
        (await inside(name, 'cut -d" " -f1,2 /etc/ssh/ssh_host_ed25519_key.pub')).trim(),
      );
      const config = join(folder, `${name}.config`);
      writeFileSync(config, (await kiln('ssh-config', name)).stdout);
      const ssh = await run('ssh', ['-F', config, '-o', 'StrictHostKeyChecking=yes', name, 'hostname']);
      assert.equal(ssh.stdout.trim(), name, ssh.stderr);
    }
    server.close();
  });

  await t.test('exec carries input, output and exit codes as they are', async () => {
    const bytes = 'x\0y\n'.repeat(50_000);
    const piped = await run('sh', ['-c', `cd "${folder}" && printf '%s' "$0" | cat`, 'text']);
    assert.equal(piped.stdout, 'text');
    const told = await kiln('exec', 'one', '--', 'sh', '-c', 'echo out; echo err >&2; exit 37');
    assert.deepEqual([told.stdout, told.stderr, told.code], ['out\n', 'err\n', 37]);
    const printed = await kiln(
      'exec',
      'one',
      '--',
      'printf',
      '%s|',
      'a b',
      '$HOME',
      "it's",
      '*',
      'two\nlines',
    );
    assert.equal(printed.stdout, "a b|$HOME|it's|*|two\nlines|");
    writeFileSync(join(folder, 'bytes'), bytes);
    assert.equal((await kiln('upload', 'bytes', 'there/', '-m', 'one')).code, 1);
    assert.equal((await kiln('upload', 'bytes', '-m', 'one')).code, 0);
    assert.equal(await inside('one', 'wc -c <bytes'), String(bytes.length));
  });

  await t.test(
    'a snapshot brings memory, disk and processes back, and the machine is the same one',
    async () => {
      await inside('one', 'echo before >state; echo memory >/dev/shm/m; sync');
      const identity = 'cat /etc/machine-id; hostname; cat /sys/class/net/e*/address';
      const before = await inside('one', identity);
      assert.equal((await kiln('snapshot', 'save', 'one', 'clean')).code, 0);
      assert.equal((await kiln('snapshot', 'save', 'one', 'clean')).code, 1);
      await inside('one', 'echo after >state; rm /dev/shm/m');
      const draws: string[] = [];
      for (let round = 0; round < 2; round++) {
        const restored = await kiln('snapshot', 'restore', 'one', 'clean');
        assert.equal(restored.code, 0, restored.stderr);
        draws.push(await inside('one', 'cat state /dev/shm/m; head -c 16 /dev/urandom | od -An -tx1'));
      }
      assert.match(draws[0]!, /^before\nmemory\n/);
      assert.notEqual(draws[0], draws[1]);
      assert.equal(await inside('one', identity), before);
      assert.match(await inside('one', 'ip route'), /default via/);
      assert.deepEqual(
        (JSON.parse((await kiln('snapshot', 'list', '--json')).stdout) as { name: string }[]).map(
          ({ name }) => name,
        ),
        ['clean'],
      );
      assert.equal((await kiln('snapshot', 'delete', 'one', 'clean')).code, 0);
      assert.match((await kiln('snapshot', 'restore', 'one', 'clean')).stderr, /has no snapshot "clean"/);
    },
  );

  await t.test('a copy is suspended, woken, halted and booted like any other machine', async () => {
    const identity =
      'cat /etc/machine-id /sys/class/net/e*/address /etc/ssh/ssh_host_ed25519_key.pub; hostname';
    const before = await inside('two', identity);
    assert.equal((await kiln('suspend', 'two')).code, 0);
    assert.equal((await kiln('up', 'two')).code, 0);
    assert.equal(await inside('two', identity), before);
    assert.match(await inside('two', 'ip route'), /default via/);
    const halted = await kiln('halt', 'two');
    assert.match(halted.stderr, /two is off/);
    const again = await kiln('up', 'two', '-v');
    assert.match(again.stderr, /two was booted: a machine that was shut down boots from its own disk/);
    assert.equal(await inside('two', identity), before);
    const port = await kiln('port', 'two', '--guest', '80');
    assert.match(port.stdout, /^\d+\n$/);
  });

  await t.test('eight commands at once leave a machine that works', async () => {
    const commands = [
      ['exec', 'one', '--', 'true'],
      ['halt', 'one'],
      ['up', 'one'],
      ['suspend', 'one'],
      ['exec', 'one', '--', 'sync'],
      ['up', 'one'],
      ['status'],
      ['snapshot', 'push', 'one'],
    ];
    const results = await Promise.all(commands.map((words) => start(words).done));
    for (const { stderr } of results) assert.doesNotMatch(stderr, /internal|at .*\.ts:/);
    assert.ok(['running', 'suspended', 'halted'].includes((await row('one')).state));
    const up = await kiln('up', 'one');
    assert.equal(up.code, 0, up.stderr);
    assert.equal(await inside('one', 'hostname'), 'one');
    const many = await Promise.all(
      Array.from(
        { length: 8 },
        (_, at) => start(['exec', 'one', '--', 'sh', '-c', `sleep 0.3; echo ${at}`]).done,
      ),
    );
    assert.deepEqual(
      many.map(({ stdout }) => stdout),
      Array.from({ length: 8 }, (_, at) => `${at}\n`),
    );
  });

  await t.test('nothing is left when they are gone', async () => {
    const folders = await Promise.all(['one', 'two'].map(files));
    assert.equal((await kiln('destroy', '--force')).code, 0);
    for (const path of folders) {
      assert.throws(() => statSync(path), { code: 'ENOENT' });
      assert.equal(processesOf(path).length, 0);
    }
  });
});

test('a kept machine that is of no use is removed, and the machine boots', {
  timeout: 900_000,
}, async (t) => {
  const odd = 'kiln: 1\nmachines:\n  odd: { from: debian/12, memory: 520M }\n';
  const { kiln } = makeWorkshop(t, { 'kiln.yaml': odd }, { KILN_HOME: sharedHome });
  const known = new Set((await listWarm(sharedHome)).map(({ record }) => record.key));
  const first = await kiln('up');
  assert.equal(first.code, 0, first.stderr);
  const kept = (await listWarm(sharedHome)).find(({ record }) => !known.has(record.key));
  // A machine with other memory is another kind; it is there already when this test was cut off before.
  const mine = kept ?? (await listWarm(sharedHome)).find(({ record }) => record.machine.includes('520 MB'));
  assert.ok(mine, 'a machine with other memory is of another kind');

  // What copies begin as was booted without its boot loader; they themselves have it.
  const told = async () => (await kiln('exec', 'odd', '--', 'cat', '/proc/cmdline')).stdout;
  const began = await told();
  assert.match(began, /root=UUID=/);
  assert.doesNotMatch(began, /BOOT_IMAGE/);
  await kiln('exec', 'odd', '--', 'sudo', 'systemctl', 'reboot');
  const patience = Date.now() + 180_000;
  while (!(await told()).includes('BOOT_IMAGE')) {
    assert.ok(Date.now() < patience, 'it comes up from its own disk');
    await sleep(1000);
  }
  // The first command by SSH has had the agent started anew.
  while ((await kiln('exec', 'odd', '--', 'test', '-e', '/run/kiln/agent')).code !== 0) {
    assert.ok(Date.now() < patience, 'the agent runs again');
    await sleep(1000);
  }

  assert.equal((await kiln('destroy', '--yes')).code, 0);
  truncateSync(mine.files.state, 1000);
  const second = await kiln('up', '-v');
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stderr, /a kept machine is of no use and was removed/);
  assert.match(second.stderr, /odd was booted: the kept machine cannot be used/);
  assert.equal((await kiln('exec', 'odd', '--', 'hostname')).stdout, 'odd\n');
  assert.equal((await kiln('destroy', '--yes')).code, 0);
});

function processesOf(path: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path);
    } catch {
      return false;
    }
  });
}
