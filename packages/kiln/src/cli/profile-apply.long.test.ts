import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sleep } from '../base/cancellation.ts';
import { Sandbox } from '../guests/chroot/sandbox.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import { startSshd, type TestSshd } from '../guests/testing/sshd.ts';
import type { FileWish, Profile } from '../plan/profile.ts';
import { type SmallSystem, smallSystem, smallSystemObstacle } from '../profile/apply/testing/small-system.ts';
import { makeWorkshop, type Workshop } from './testing.ts';

const skip = (await smallSystemObstacle('dash')) ?? false;

const profile = `profile: 1
name: web
files:
  /etc/motd: |
    Welcome
    to web
  /etc/token: { content: "tok-3f9a7c21", secret: true }
config:
  hosts: { 192.0.2.1: [db] }
`;

interface Scene extends SmallSystem {
  readonly workshop: Workshop;
  readonly target: string;
}

/** A tree that is nobody's guest, with a profile beside it. */
async function scene(t: TestContext, text = profile): Promise<Scene> {
  const system = await smallSystem(t);
  await system.guest.close();
  const workshop = makeWorkshop(t, { 'kiln.profile.yaml': text });
  return { ...system, workshop, target: `dir:${system.tree}` };
}

test('a tree is checked, brought to a profile, and checked again', { skip }, async (t) => {
  const { workshop, target, tree } = await scene(t);
  const { kiln, home } = workshop;
  const before = await kiln('profile', 'check', target);
  assert.equal(before.code, 2, before.stderr);
  assert.equal(
    before.stdout.replaceAll(tree, 'TREE'),
    `differs  setting hosts
           address of db: none, should be 192.0.2.1
differs  file /etc/motd
           exists: no, should be yes
differs  file /etc/token
           exists: no, should be yes
the tree TREE: 3 differ
`,
  );
  const applied = await kiln('profile', 'apply', target);
  assert.equal(applied.code, 0, applied.stderr);
  assert.match(applied.stdout, /^changed {2}setting hosts\n {11}address of db: none → 192\.0\.2\.1\n/);
  assert.equal((await stat(join(tree, 'etc/token'))).mode & 0o777, 0o600);
  const again = await kiln('profile', 'apply', target, '--verbose');
  assert.match(again.stdout, /^ok +setting hosts\nok +file \/etc\/motd\nok +file \/etc\/token\n.*: 3 ok\n$/);
  assert.equal((await kiln('profile', 'check', target)).code, 0);
  assert.deepEqual(
    (await readdir(tree)).filter((name) => ['dev', 'proc', 'run', 'sys'].includes(name)),
    [],
  );
  assert.deepEqual(await readdir(join(home, 'runs')), []);
});

test('a check shows how texts differ, but no secrets, to people and programs', { skip }, async (t) => {
  const { workshop, target, tree } = await scene(t);
  const { kiln } = workshop;
  await kiln('profile', 'apply', target);
  await writeFile(join(tree, 'etc/motd'), 'Welcome\nto hell\n');
  await writeFile(join(tree, 'etc/token'), 'stolen-tok-3f9a7c21\n');
  const { code, stdout } = await kiln('profile', 'apply', target, '--check');
  assert.equal(code, 2);
  assert.match(stdout, /^ {6}-to hell\n {6}\+to web$/m);
  assert.match(stdout, /file \/etc\/token\n {11}content: something else, should be as given\n/);
  const json = await kiln('profile', 'check', target, '--format', 'json');
  const { counts, resources } = JSON.parse(json.stdout) as {
    counts: object;
    resources: { name: string; outcome: string }[];
  };
  assert.deepEqual(counts, { ok: 1, changed: 0, 'would-change': 2, failed: 0, skipped: 0 });
  assert.deepEqual(
    resources.map(({ name, outcome }) => `${name} ${outcome}`),
    ['hosts ok', '/etc/motd would-change', '/etc/token would-change'],
  );
  assert.doesNotMatch(stdout + json.stdout, /tok-3f9a7c21/);
});

test('what fails is told with the words of the program, and the exit code is 1', { skip }, async (t) => {
  const text = `profile: 1
files: { /etc/passwd/x: "no\\n", /srv/fine: "yes\\n" }
packages: [tree]
`;
  const { workshop, target } = await scene(t, text);
  const { code, stdout } = await workshop.kiln('profile', 'apply', target);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /^failed {3}package tree/m);
  assert.match(stdout, /^failed {3}file \/etc\/passwd\/x: the folder \/etc\/passwd cannot be made$/m);
  assert.match(stdout, /^changed {2}file \/srv\/fine$/m);
  assert.match(stdout, /: 1 changed, 2 failed\n$/);
});

test('a target that is none, and a profile that is for something else, are mistakes with a way out', {
  skip,
}, async (t) => {
  const { workshop, target } = await scene(t, 'profile: 1\nname: other\nos: fedora/40\n');
  const { kiln } = workshop;
  const mistakes: readonly (readonly [target: string, message: RegExp])[] = [
    ['nowhere', /error: there is no machine "nowhere"\nhint: /],
    ['dir:/not/there', /error: there is no folder \/not\/there\nhint: /],
    ['dir:.', /is not the tree of a system: it has no programs\nhint: /],
    ['ssh://127.0.0.1:1', /error: 127\.0\.0\.1 cannot be reached: .*refused\nhint: /],
    ['ssh://a b', /error: "ssh:\/\/a b" is not the address of an SSH server\nhint: /],
    [target, /error: the profile other is for fedora 40, and this is debian 12\nhint: /],
  ];
  for (const [word, message] of mistakes) {
    const { code, stderr } = await kiln('profile', 'check', word);
    assert.equal(code, /a b/.test(word) ? 2 : 1, stderr);
    assert.match(stderr, message);
  }
});

test('Ctrl-C ends what runs in a tree, and leaves nothing behind', { skip }, async (t) => {
  const text = 'profile: 1\nscripts: { last: "echo has begun; sleep 4321" }\n';
  const { workshop, target, tree } = await scene(t, text);
  const started = workshop.start(['profile', 'apply', target, '-v']);
  await started.printed('has begun');
  started.signal('SIGINT');
  const { code } = await started.done;
  assert.equal(code, 130);
  assert.deepEqual(await readdir(join(tree, 'tmp')), []);
  assert.deepEqual(
    (await readdir(tree)).filter((name) => ['dev', 'proc', 'run', 'sys'].includes(name)),
    [],
  );
  assert.deepEqual(await readdir(join(workshop.home, 'runs')), []);
});

test('a machine with SSH is reached as the ssh program reaches it', { skip }, async (t) => {
  let sandbox: Sandbox | undefined;
  let server: TestSshd | undefined;
  // Clean-ups run in the order in which they are registered.
  t.after(async () => {
    await server?.stop();
    await sandbox?.close();
  });
  const { guest, tree, folder } = await smallSystem(t);
  await guest.close();
  sandbox = await Sandbox.open(
    { root: { kind: 'directory', path: tree }, network: 'none', hostname: 'far', binds: [] },
    { scratch: folder },
  );
  // Whoever logs in finds himself in the tree.
  const [program, args] = sandbox.enter('/bin/sh', ['-c']);
  const entrance = join(folder, 'entrance');
  await writeFile(
    entrance,
    `#!/bin/sh\nHOME=/root exec ${[program, ...args].map(shellQuote).join(' ')} "cd; $SSH_ORIGINAL_COMMAND"\n`,
    { mode: 0o755 },
  );
  server = await startSshd({ config: [`ForceCommand ${entrance}`] });
  const settings = [
    'Host far',
    '  HostName 127.0.0.1',
    `  Port ${server.port}`,
    `  User ${server.username}`,
    `  IdentityFile ${join(folder, 'key')}`,
    `  UserKnownHostsFile ${join(folder, 'known')}`,
  ];
  await writeFile(join(folder, 'settings'), `${settings.join('\n')}\n`);
  await writeFile(join(folder, 'key'), server.key.privateKey, { mode: 0o600 });
  await writeFile(join(folder, 'known'), `[127.0.0.1]:${server.port} ${server.hostKey.publicKey}\n`);
  await mkdir(join(folder, 'bin'));
  // Its own settings are in the home folder that the system knows, whatever HOME says.
  await writeFile(
    join(folder, 'bin/ssh'),
    `#!/bin/sh\nexec /usr/bin/ssh -F ${join(folder, 'settings')} "$@"\n`,
  );
  await chmod(join(folder, 'bin/ssh'), 0o755);
  const slow = 'profile: 1\nscripts: { last: "echo has begun; sleep 4321" }\n';
  const { kiln, start, home } = makeWorkshop(
    t,
    { 'kiln.profile.yaml': profile, 'slow.yaml': slow },
    { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` },
  );

  assert.equal((await kiln('profile', 'check', 'ssh://far')).code, 2);
  const applied = await kiln('profile', 'apply', 'ssh://far');
  assert.equal(applied.code, 0, applied.stderr + applied.stdout);
  assert.match(applied.stdout, /^far: 3 changed$/m);
  assert.equal(await readFile(join(tree, 'etc/motd'), 'utf8'), 'Welcome\nto web\n');
  assert.equal((await kiln('profile', 'check', 'ssh://far')).stdout, 'far: 3 ok\n');

  const started = start(['profile', 'apply', 'ssh://far', 'slow.yaml', '-v']);
  await started.printed('has begun');
  started.signal('SIGINT');
  assert.equal((await started.done).code, 130);
  const leftovers = () => readdir(join(tree, 'tmp'));
  for (let waited = 0; waited < 10_000; waited += 50) {
    if ((await sleepers()) === 0 && (await leftovers()).length === 0) break;
    await sleep(50);
  }
  assert.equal(await sleepers(), 0, 'what was started there does not go on');
  assert.deepEqual(await leftovers(), []);
  assert.deepEqual(await readdir(join(home, 'runs')), []);
});

async function sleepers(): Promise<number> {
  let count = 0;
  for (const name of await readdir('/proc')) {
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (line === 'sleep\x004321\0') count += 1;
  }
  return count;
}

test('a profile is rendered as a script that works alone, user data and a Containerfile', {
  skip,
}, async (t) => {
  const text = `profile: 1
name: box
os: debian/12
packages: [tree]
groups: { app: {} }
users: { web: { group: app, shell: /bin/bash, ssh_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl web"] } }
files:
  /etc/motd: "it's me\\n"
  /etc/app.conf: { content: "a=1\\n", mode: "0640", owner: root, group: app }
services: { cron: enabled }
config: { timezone: Europe/London, sysctl: { vm.swappiness: 5 } }
`;
  const { kiln, folder } = makeWorkshop(t, { 'kiln.profile.yaml': text });
  const shell = await kiln('profile', 'render', '-o', 'box.sh');
  assert.equal(shell.code, 0, shell.stderr);
  const script = await readFile(join(folder, 'box.sh'), 'utf8');
  assert.equal((await kiln('profile', 'render')).stdout, script);
  assert.equal((await stat(join(folder, 'box.sh'))).mode & 0o777, 0o600);
  assert.match((await kiln('profile', 'render', '-o', 'box.sh')).stderr, /box\.sh is there already/);

  const cloud = await kiln('profile', 'render', '--to', 'cloud-init');
  assert.match(cloud.stdout, /^#cloud-config\n/);
  await writeFile(join(folder, 'user-data.yaml'), cloud.stdout);
  // What is said in cloud-init's own words can be read as a profile again.
  const read = await kiln('profile', 'show', 'user-data.yaml', '--format', 'json');
  assert.equal(read.code, 0, read.stderr);
  const { packages, users, config, files, scripts } = JSON.parse(read.stdout) as Profile;
  assert.deepEqual(
    packages.map(({ name }) => name),
    ['tree'],
  );
  const web = users.find(({ name }) => name === 'web');
  assert.deepEqual([web?.group, web?.shell, web?.sshKeys?.length], ['app', '/bin/bash', 1]);
  assert.equal(config.timezone, 'Europe/London');
  assert.deepEqual(
    files.map(({ path }) => path),
    ['/etc/app.conf', '/run/kiln-profile.sh'],
  );
  const rest = (files[1] as Extract<FileWish, { kind: 'file' }>).content;
  assert.ok(rest?.kind === 'text');
  assert.match(rest.text, /\/etc\/motd/);
  assert.match(rest.text, /cron\.service/);
  assert.match(scripts[0]?.run ?? '', /sh \/run\/kiln-profile\.sh/);

  const container = await kiln('profile', 'render', '--to', 'containerfile');
  assert.equal(container.code, 0, container.stderr);
  assert.match(container.stdout, /^FROM docker\.io\/library\/debian:12$/m);
  assert.deepEqual(
    container.stdout.match(/^RUN --mount=\S+ sh \S+/gm)?.map((line) => line.replace(/.*\//, '')),
    ['packages.sh', 'config.sh', 'files.sh'],
  );

  await writeFile(join(folder, 'host.yaml'), 'profile: 1\nos: debian/12\nconfig: { hostname: a }\n');
  assert.match(
    (await kiln('profile', 'render', 'host.yaml', '--to', 'containerfile')).stderr,
    /sets what a container gets from whoever runs it: hostname/,
  );
  await writeFile(
    join(folder, 'any.yaml'),
    'profile: 1\nfiles: { /etc/x: { content: "x", when: "memory > 1G" } }\n',
  );
  assert.match(
    (await kiln('profile', 'render', 'any.yaml')).stderr,
    /does not say for which system it is\nhint: .*--facts os\.distribution=debian/,
  );
  const facts = ['--facts', 'os.distribution=alpine', '--facts', 'os.release=3.20'];
  assert.match(
    (await kiln('profile', 'render', 'any.yaml', ...facts)).stderr,
    /depends on what is not known of the machine: memory/,
  );
  assert.equal((await kiln('profile', 'render', 'any.yaml', ...facts, '--facts', 'memory=2G')).code, 0);
});
