import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { canMakeLinks, ownLinks } from '../machines/networks/host-links.ts';
import { makeWorkshop } from './testing.ts';

/** The store that tests with machines share, so that the base image is made once (scripts/test.ts sets it). */
const home = process.env['KILN_TEST_HOME'] ?? join(homedir(), '.cache', 'kiln', 'test');

const project = `kiln: 1
machines:
  web:
    from: debian/12
    memory: 512M
    hostname: web.example.org
    networks: ["192.168.231.10", dhcp, "fd00:231::10"]
    folders:
      - ./src:/srv/app
      - {from: ./copied, to: /srv/copied, type: rsync, owner: www-data, rsync: {exclude: [node_modules/]}}
  db:
    from: debian/12
    memory: 512M
    networks: [{address: 192.168.231.11, hostname: true}, dhcp, "fd00:231::11"]
`;

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) assert.fail(`it did not come about that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('machines reach each other by name, and see folders of the host', { timeout: 900_000 }, async (t) => {
  const { kiln, start, folder } = makeWorkshop(t, { 'kiln.yaml': project }, { KILN_HOME: home });
  for (const name of ['src', 'copied/node_modules']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'src/page'), 'from the host\n');
  writeFileSync(join(folder, 'copied/page'), 'copied\n');
  writeFileSync(join(folder, 'copied/node_modules/x'), '');
  const inMachine = async (name: string, script: string) => {
    const { code, stdout, stderr } = await kiln('exec', name, '--', 'sh', '-c', script);
    assert.equal(code, 0, `${script}: ${stdout}${stderr}`);
    return stdout.trim();
  };
  const up = await kiln('up');
  assert.equal(up.code, 0, up.stderr);
  const withBridges = await canMakeLinks();

  await t.test('by fixed, chosen and IPv6 addresses, in both directions', async () => {
    await inMachine('web', 'ping -c 1 -W 5 192.168.231.11');
    await inMachine('web', 'ping -c 5 -W 5 fd00:231::11');
    await inMachine('db', 'ping -c 1 -W 5 192.168.231.10');
    const chosen = await inMachine('db', "ip -4 -o address show | grep -o '172.28.[0-9.]*/24' | cut -d/ -f1");
    assert.match(chosen, /^172\.28\.\d+\.\d+$/);
    await inMachine('web', `ping -c 1 -W 5 ${chosen}`);
    if (withBridges) {
      const socket = connect(22, '192.168.231.10');
      const [greeting] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      assert.match(greeting.toString(), /^SSH-2\.0/);
      await inMachine('web', 'ping -c 1 -W 5 192.168.231.1');
    } else assert.match(up.stderr, /its private networks are between machines only/);
  });

  await t.test('by name', async () => {
    assert.match(await inMachine('web', 'getent ahostsv4 db'), /^192\.168\.231\.11 /);
    assert.match(await inMachine('db', 'getent ahostsv4 web'), /^192\.168\.231\.10 /);
    assert.match(await inMachine('db', 'getent ahostsv4 web.example.org'), /^192\.168\.231\.10 /);
    assert.match(await inMachine('db', 'getent ahostsv4 db'), /^192\.168\.231\.11 /);
  });

  await t.test('a mounted folder is one for both', async () => {
    assert.equal(
      await inMachine('web', 'cat /srv/app/page; stat -c %U /srv/app/page'),
      'from the host\nkiln',
    );
    await inMachine(
      'web',
      'cd /srv/app && mkdir -p a/b && echo there > a/b/c && ln -s c a/b/d && mv a moved',
    );
    assert.equal(readFileSync(join(folder, 'src/moved/b/d'), 'utf8'), 'there\n');
    chmodSync(join(folder, 'src/page'), 0o640);
    writeFileSync(join(folder, 'src/page'), 'changed\n');
    assert.equal(
      await inMachine('web', 'sleep 1; cat /srv/app/page; stat -c %a /srv/app/page'),
      'changed\n640',
    );
  });

  await t.test('nothing that a machine does in a folder leaves it', async () => {
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    await inMachine(
      'web',
      `cd /srv/app && ln -s ${outside} out && ln -s ../outside up; mkdir -p out/x; echo no > up/y; true`,
    );
    assert.deepEqual([existsSync(join(outside, 'x')), existsSync(join(outside, 'y'))], [false, false]);
    symlinkSync('/etc', join(folder, 'src/etc'));
    // A link of the host leads to where it says in the machine.
    assert.equal(await inMachine('web', 'cat /srv/app/etc/hostname'), 'web.example.org');
    await inMachine(
      'web',
      'cd /srv/app && cp /bin/true suid && sudo chown root suid && sudo chmod 4755 suid',
    );
    assert.equal(statSync(join(folder, 'src/suid')).mode & 0o7000, 0);
  });

  await t.test('a copied folder has its owner, and follows when it is told to', async () => {
    const look = 'cat /srv/copied/page; stat -c %U:%G /srv/copied/page; ls /srv/copied';
    assert.equal(await inMachine('web', look), 'copied\nwww-data:www-data\npage');
    writeFileSync(join(folder, 'copied/page'), 'again\n');
    const copied = await kiln('rsync', 'web');
    assert.equal(copied.code, 0, copied.stderr);
    assert.match(copied.stderr, /web is up to date: \/srv\/copied \(1 sent\)/);
    assert.match(await inMachine('web', look), /^again\n/);
  });

  await t.test(
    'changes are copied as they happen, and programs that watch mounted files are told',
    async () => {
      const watching = start(['rsync-auto', 'web']);
      await watching.printed('watching its folders');
      writeFileSync(join(folder, 'copied/page'), 'at once\n');
      await until(
        'the change is there',
        async () => (await inMachine('web', 'cat /srv/copied/page')) === 'at once',
      );
      // inotify_init, inotify_add_watch for IN_MODIFY and IN_ATTRIB (inotify(7)): the numbers of Linux on x86-64.
      const watcher =
        '$f = syscall(253); $p = "/srv/app/page"; syscall(254, $f, $p, 6) >= 0 or die; open W, ">/tmp/watching"; open F, "<&=", $f; sysread F, $b, 64; open S, ">/tmp/seen"';
      await inMachine(
        'web',
        `nohup perl -e '${watcher}' >/dev/null 2>&1 & while [ ! -e /tmp/watching ]; do sleep 0.1; done`,
      );
      const before = statSync(join(folder, 'src/page')).mtimeMs;
      writeFileSync(join(folder, 'src/page'), 'noticed\n');
      await until('the program in the machine is told', async () => {
        const { code } = await kiln('exec', 'web', '--', 'test', '-e', '/tmp/seen');
        return code === 0;
      });
      assert.equal(await inMachine('web', 'cat /srv/app/page'), 'noticed');
      assert.ok(statSync(join(folder, 'src/page')).mtimeMs - before < 60_000);
      watching.signal('SIGINT');
      assert.equal((await watching.done).code, 0);
    },
  );

  await t.test('all of it is there after a suspend and after a restart', async () => {
    assert.equal((await kiln('suspend', 'web')).code, 0);
    const resumed = await kiln('resume', 'web');
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal(await inMachine('web', 'ping -c 1 -W 5 db >/dev/null && cat /srv/app/moved/b/c'), 'there');
    assert.equal((await kiln('halt', 'web')).code, 0);
    const again = await kiln('up', 'web');
    assert.equal(again.code, 0, again.stderr);
    assert.equal(await inMachine('web', 'ping -c 1 -W 5 db >/dev/null && cat /srv/app/moved/b/c'), 'there');
    await inMachine('db', 'ping -c 1 -W 5 web');
  });

  await t.test('what is destroyed is known by name no more', async () => {
    assert.equal((await kiln('destroy', '--yes', 'db')).code, 0);
    assert.equal(await inMachine('web', 'getent hosts db || echo nobody'), 'nobody');
  });

  await t.test('nothing is left when they are gone', async () => {
    assert.equal((await kiln('destroy', '--yes')).code, 0);
    const links = (await ownLinks(home)).map(({ of }) => of);
    assert.ok(!links.some((of) => /192\.168\.231\.|fd00:231:/.test(of)), links.join(', '));
  });
});
