import assert from 'node:assert/strict';
import { chmod, truncate, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { checkpointBytes } from '../store/checkpoints/checkpoint-budget.ts';
import { recordPath } from '../store/checkpoints/checkpoint-files.ts';
import type { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { CheckpointWorkshop, key } from '../store/checkpoints/test-support.ts';
import { type KilnResult, makeWorkshop } from './testing.ts';

interface Bench {
  readonly states: CheckpointWorkshop;
  readonly store: CheckpointStore;
  kiln(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<KilnResult>;
}

/** The real program on a home with real checkpoints of a command that has ended. */
function makeBench(t: TestContext): Bench {
  const states = new CheckpointWorkshop(t);
  const workshop = makeWorkshop(t);
  return {
    states,
    store: states.open({ kind: 'run', id: 'ended' }),
    kiln: async (args, env = {}) => {
      const result = await workshop.start(args, { KILN_HOME: states.home, ...env }).done;
      const hide = (text: string) =>
        text
          .replaceAll(states.home, 'HOME')
          .replaceAll(states.folder, 'FOLDER')
          .replace(/\d[\d.]* (?:B|KB|MB|GB)\b/g, 'SIZE')
          .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'TIME');
      return { ...result, stdout: hide(result.stdout), stderr: hide(result.stderr) };
    },
  };
}

test('without checkpoints the commands say so, and nothing is wrong', async (t) => {
  const { kiln } = makeBench(t);
  assert.deepEqual(await kiln(['cache', 'list']), {
    code: 0,
    stdout: '',
    stderr: 'There are no checkpoints yet. `kiln build` keeps one after each step of a machine.\n',
  });
  assert.equal((await kiln(['cache', 'list', '--json'])).stdout, '[]\n');
  assert.equal(
    (await kiln(['cache', 'prune'])).stdout,
    'removed 0 checkpoints: SIZE are free, SIZE are kept\n',
  );
  assert.equal((await kiln(['cache', 'verify'])).stdout, 'all is well\n');
});

test('checkpoints are listed and shown, and nobody is told the key that logs in', async (t) => {
  const { kiln, states, store } = makeBench(t);
  const first = await states.addState(store, 'a', { memory: 100_000, step: 'the start of the machine' });
  await states.age(store, first, 50);
  const base = await states.base(store);
  const digest = await store.addDisk({ path: states.layer(store, first), below: first.disks[0]! }, base);
  await store.add({
    key: key('b'),
    build: 'web',
    step: 'step 1 of 2: install nginx (shell)',
    base,
    disks: [[digest, ...first.disks[0]!]],
    lostByReboot: ['programs that ran'],
    login: { privateKey: 'PRIVATE', publicKey: 'ssh-ed25519 AAAA' },
    firmwareVariables: 'AAAA',
  });
  const listed = await kiln(['cache', 'list']);
  assert.deepEqual(
    { ...listed, stdout: listed.stdout.replace(/ {2,}/g, '  ') },
    {
      code: 0,
      stdout: [
        'KEY  BUILD  AGE  USED  SIZE  OWN  MEMORY  AFTER',
        'bbbbbbbbbbbb  web  now  now  SIZE  SIZE  no  step 1 of 2: install nginx (shell)',
        'aaaaaaaaaaaa  web  now  2 d  SIZE  SIZE  yes  the start of the machine',
        '',
      ].join('\n'),
      stderr: 'together SIZE, at most SIZE\n',
    },
  );
  const shown = await kiln(['cache', 'show', 'bbbb']);
  assert.equal(
    shown.stdout,
    [
      `key           ${key('b')}`,
      'build         web',
      'after         step 1 of 2: install nginx (shell)',
      'made          TIME (just now)',
      'last used     TIME (just now)',
      `source image  sha256:${base.slice(0, 12)} (${states.basePath.replace(states.folder, 'FOLDER')})`,
      `disk          HOME/checkpoints/disks/${digest}.qcow2 (2 layers)`,
      'memory        not kept: the machine boots from its disks',
      'lost by that  programs that ran',
      'size          SIZE, of which SIZE are its own',
      '',
    ].join('\n'),
  );
  assert.match((await kiln(['cache', 'show', 'a'])).stdout, /^memory {8}SIZE, kept in SIZE$/m);

  const [second] = JSON.parse((await kiln(['cache', 'list', '--json'])).stdout) as Record<string, unknown>[];
  assert.deepEqual(second?.['login'], { publicKey: 'ssh-ed25519 AAAA' });
  const one = await kiln(['cache', 'show', 'bbbb', '--json']);
  assert.deepEqual(JSON.parse(one.stdout), second);
  assert.ok(!JSON.stringify([listed, shown, one, second]).includes('PRIVATE'));
});

test('a key that is not there, or not clear, is told', async (t) => {
  const { kiln, states, store } = makeBench(t);
  await states.addState(store, 'a');
  const { base, disks } = await states.addState(store, 'b');
  const other = `${'a'.repeat(63)}b`;
  await store.add({ key: other, build: 'web', step: 'x', base: base!, disks, lostByReboot: [] });
  assert.deepEqual(await kiln(['cache', 'show', 'c']), {
    code: 1,
    stdout: '',
    stderr: 'error: there is no checkpoint "c"\nhint: see `kiln cache list`\n',
  });
  const unclear = await kiln(['cache', 'show', 'aaa']);
  assert.equal(unclear.stderr, 'error: aaa is the start of 2 keys\nhint: say more of it: aaaaaaa, aaaaaaa\n');
});

test('prune keeps to a size, tells before what it would do, and says what became free', async (t) => {
  const { kiln, states, store } = makeBench(t);
  const old = await states.addState(store, 'a', { memory: 3_000_000 });
  await states.age(store, old, 5);
  await states.addState(store, 'b');
  const would = await kiln(['cache', 'prune', '--max-size', '2M', '--dry-run']);
  assert.equal(would.stdout, 'would remove 1 checkpoint: SIZE would be free, SIZE would be kept\n');
  const before = await checkpointBytes(states.home);
  const did = JSON.parse((await kiln(['cache', 'prune', '--max-size=2M', '--json'])).stdout) as Record<
    string,
    unknown
  >;
  const after = await checkpointBytes(states.home);
  assert.deepEqual(did, {
    dryRun: false,
    checkpoints: [key('a')],
    bytes: before - after,
    keptBytes: after,
    machines: { removed: [], bytes: 0, keptBytes: 0 },
  });
  assert.ok(before - after > 3_000_000);
  const byVariable = await kiln(['cache', 'prune'], { KILN_CACHE_SIZE: '1k' });
  assert.equal(byVariable.stdout, 'removed 1 checkpoint: SIZE are free, SIZE are kept\n');
  assert.equal(await checkpointBytes(states.home), 0);
});

test('prune --all leaves what a running command uses, and says so', async (t) => {
  const { kiln, states, store } = makeBench(t);
  await states.addState(store, 'a');
  await states.addState(states.open(), 'b');
  const pruned = await kiln(['cache', 'prune', '--all']);
  assert.deepEqual(pruned, {
    code: 0,
    stdout: 'removed 1 checkpoint: SIZE are free, SIZE are kept\n',
    stderr: 'what is kept beyond that is used by commands that run\n',
  });
  assert.match((await kiln(['cache', 'show', 'b'])).stdout, /^used by/m);
});

const refused: readonly (readonly [args: readonly string[], stderr: string])[] = [
  [['--all', '--max-size', '1G'], 'error: only one of --all and --max-size is possible\n'],
  [['--max-size', 'much'], 'error: --max-size: "much" is no size\nhint: such as 500M or 10G\n'],
];
for (const [args, stderr] of refused) {
  test(`prune ${args.join(' ')} is refused`, async (t) => {
    const { kiln } = makeBench(t);
    assert.deepEqual(await kiln(['cache', 'prune', ...args]), { code: 2, stdout: '', stderr });
  });
}

test('a KILN_CACHE_SIZE that is no size is told by everybody who would go by it', async (t) => {
  const { kiln, states, store } = makeBench(t);
  await states.addState(store, 'a');
  const env = { KILN_CACHE_SIZE: 'big' };
  const words = 'KILN_CACHE_SIZE is "big", which is no size';
  const stderr = `error: ${words}\nhint: give it a size such as 20G, or unset it\n`;
  assert.deepEqual(await kiln(['cache', 'prune'], env), { code: 2, stdout: '', stderr });
  assert.deepEqual(await kiln(['cache', 'list'], env), { code: 2, stdout: '', stderr });
  const { checks } = JSON.parse((await kiln(['doctor', '--json'], env)).stdout) as {
    checks: { name: string; status: string; detail: string }[];
  };
  const check = checks.find(({ name }) => name === 'checkpoints');
  assert.deepEqual([check?.status, check?.detail], ['warn', words]);
});

test('verify finds damage and removes it when told', async (t) => {
  const { kiln, states, store } = makeBench(t);
  const a = await states.addState(store, 'a', { memory: 100_000 });
  await states.addState(store, 'b', { on: a });
  await writeFile(recordPath(store.files, key('c')), 'nonsense');
  assert.equal((await kiln(['cache', 'verify'])).code, 1);
  const path = store.diskPath(a.disks[0]![0]!);
  await chmod(path, 0o600);
  await truncate(path, 1000);
  const found = await kiln(['cache', 'verify']);
  assert.deepEqual([found.code, found.stdout], [1, '']);
  assert.deepEqual(
    found.stderr
      .replace(/[0-9a-f]{64}/g, 'DIGEST')
      .split('\n')
      .slice(-4),
    [
      'HOME/checkpoints/records/DIGEST.json: it is not a record that this Kiln understands (checkpoints lost by it: cccccccccccc)',
      'HOME/checkpoints/disks/DIGEST.qcow2: its content has the digest DIGEST (checkpoints lost by it: aaaaaaaaaaaa, bbbbbbbbbbbb)',
      '`kiln cache verify --repair` removes what is damaged; builds do without it',
      '',
    ],
  );
  const json = JSON.parse((await kiln(['cache', 'verify', '--json'])).stdout) as Record<string, unknown>;
  assert.deepEqual([json['ok'], json['repaired'], json['checkpoints']], [false, false, 3]);
  const repaired = await kiln(['cache', 'verify', '--repair']);
  assert.deepEqual(
    [repaired.code, repaired.stdout],
    [0, 'removed what is damaged, and with it 3 checkpoints of 3\n'],
  );
  assert.equal(await checkpointBytes(states.home), 0);
  assert.equal((await kiln(['cache', 'verify'])).stdout, 'all is well\n');
});

test('image prune and the doctor tell what checkpoints take', async (t) => {
  const { kiln, states, store } = makeBench(t);
  await states.addState(store, 'a');
  assert.deepEqual(await kiln(['image', 'prune']), {
    code: 0,
    stdout: 'removed 0 images, 0 layers, 0 downloads: SIZE\n',
    stderr: 'checkpoints of builds take SIZE more: see `kiln cache list`\n',
  });
  assert.match(
    (await kiln(['doctor'])).stdout,
    /^ok {7}checkpoints +SIZE, at most SIZE \(see kiln cache\)$/m,
  );
});
