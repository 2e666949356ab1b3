import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkpointFiles } from '../packages/kiln/src/store/checkpoints/checkpoint-files.ts';
import type { CheckpointRecord } from '../packages/kiln/src/store/checkpoints/checkpoint-record.ts';
import { storeLayout } from '../packages/kiln/src/store/home.ts';
import { compareTrees, extractTree } from './images/file-tree.ts';
import { makePasswordBase } from './images/password-base.ts';
import { unequalByNature } from './images/unequal-by-nature.ts';
import { testHome } from './test-home.ts';

const kiln = fileURLToPath(new URL('../kiln', import.meta.url));
const home = testHome();

interface Result {
  readonly code: number | null;
  readonly outcome: string;
  /** Outcome of every step, in order: `restored`, `succeeded`, `failed`. */
  readonly steps: readonly string[];
  readonly stages: readonly string[];
  readonly output: readonly string[];
  readonly all: string;
}

interface Event {
  readonly event: string;
  readonly stage?: string;
  readonly outcome?: string;
  readonly line?: string;
  readonly builds?: readonly { readonly outcome: string }[];
}

function run(
  folder: string,
  args: readonly string[],
  input = '',
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(kiln, args, { cwd: folder, env: { ...process.env, KILN_HOME: home } });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

async function build(folder: string, ...args: readonly string[]): Promise<Result> {
  const { code, out, err } = await run(folder, ['build', 'template.json', '--json', ...args]);
  const events = out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
  const finished = events.filter(({ event }) => event === 'stage-finished');
  return {
    code,
    outcome: events.findLast(({ event }) => event === 'finished')?.builds?.[0]?.outcome ?? 'none',
    steps: finished.filter(({ stage }) => stage?.startsWith('step ')).map(({ outcome }) => outcome ?? ''),
    stages: finished.map(({ stage, outcome }) => `${stage}: ${outcome}`),
    output: events.flatMap(({ line }) => (line === undefined ? [] : [line])),
    all: out + err,
  };
}

function template(
  base: string,
  changes: { readonly last?: string; readonly builder?: object; readonly env?: string } = {},
) {
  return JSON.stringify({
    variables: { greeting: 'hello' },
    builders: [
      {
        ...{
          type: 'qemu',
          name: 'web',
          disk_image: true,
          iso_url: base,
          iso_checksum: 'none',
          headless: true,
        },
        ...{ memory: 768, disk_size: '5G', ssh_username: 'kiln', ssh_password: 'kiln', ssh_timeout: '10m' },
        ...{ shutdown_command: 'sudo systemctl poweroff', output_directory: 'out', vm_name: 'web.qcow2' },
        ...changes.builder,
      },
    ],
    provisioners: [
      { type: 'file', source: 'tree', destination: '/tmp/' },
      {
        type: 'shell',
        environment_vars: [`COLOR=${changes.env ?? 'red'}`],
        inline: ['sudo cp -r /tmp/tree /srv/', 'echo $COLOR | sudo tee /srv/color'],
      },
      { type: 'shell', script: 'setup.sh' },
      { type: 'shell', inline: [changes.last ?? 'echo {{user `greeting`}} | sudo tee /srv/last'] },
    ],
    'post-processors': [{ type: 'checksum', checksum_types: ['sha256'], keep_input_artifact: true }],
  });
}

function makeProject(parent: string, name: string, base: string): string {
  const folder = join(parent, name);
  mkdirSync(join(folder, 'tree'), { recursive: true });
  writeFileSync(join(folder, 'tree', 'a'), 'a');
  writeFileSync(
    join(folder, 'setup.sh'),
    'echo set up | sudo tee /srv/setup; sudo touch /var/tmp/$(uname -r)\n',
  );
  writeFileSync(join(folder, 'template.json'), template(base));
  return folder;
}

/** Verdict of every step, as `kiln plan` foresees it. */
async function plan(
  folder: string,
): Promise<{ readonly verdicts: string; readonly reasons: readonly string[] }> {
  const { out } = await run(folder, ['plan', 'template.json', '--json']);
  const { predicted } = JSON.parse(out) as {
    readonly predicted: readonly {
      readonly steps: readonly { readonly verdict: string; readonly reason?: string }[];
    }[];
  };
  const steps = predicted[0]!.steps;
  return {
    verdicts: steps.map(({ verdict }) => (verdict === 'restored' ? '-' : 'R')).join(''),
    reasons: steps.flatMap(({ reason }) => reason ?? []),
  };
}

/** Changes a byte in every saved memory of this run's builds; others share the store. @returns how many there were */
function damageMemories(step: RegExp): number {
  const { records, memory } = checkpointFiles(storeLayout(home));
  let damaged = 0;
  for (const name of readdirSync(records)) {
    const record = JSON.parse(readFileSync(join(records, name), 'utf8')) as CheckpointRecord;
    if (record.build !== 'web' || !record.memory || !step.test(record.step)) continue;
    if (Date.parse(record.createdAt) < startedAt) continue;
    const path = join(memory, record.memory.digest);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 0xff;
    chmodSync(path, 0o600);
    writeFileSync(path, bytes);
    damaged++;
  }
  return damaged;
}

const startedAt = Date.now();
const folder = mkdtempSync(join(tmpdir(), 'kiln-states-'));

test('every step is built once', { timeout: 1_500_000 }, async (t) => {
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const base = makePasswordBase([kiln], join(folder, 'base'), home);
  const project = makeProject(folder, 'project', base);
  const file = join(project, 'template.json');
  const edit = (changes: Parameters<typeof template>[1]) => writeFileSync(file, template(base, changes));

  await t.test('a first build runs everything', async () => {
    const first = await build(project);
    assert.deepEqual([first.code, first.outcome], [0, 'succeeded'], first.all);
    assert.deepEqual(first.steps, ['succeeded', 'succeeded', 'succeeded', 'succeeded']);
  });

  await t.test('built again it ends at once with the same files, which are left alone', async () => {
    const sum = readFileSync(join(project, 'packer_web_qemu_sha256.checksum'), 'utf8');
    const again = await build(project);
    assert.deepEqual([again.code, again.outcome], [0, 'unchanged'], again.all);
    assert.ok(
      again.stages.every((stage) => stage.endsWith(': restored')),
      again.stages.join('\n'),
    );
    assert.equal(readFileSync(join(project, 'packer_web_qemu_sha256.checksum'), 'utf8'), sum);
  });

  await t.test('a result that is gone is made again without a machine', async () => {
    rmSync(join(project, 'out'), { recursive: true });
    const again = await build(project);
    assert.deepEqual([again.code, again.outcome], [0, 'succeeded'], again.all);
    assert.ok(
      again.stages.every((stage) => !stage.includes('the machine')),
      again.stages.join('\n'),
    );
  });

  await t.test('an edit of each kind of input runs exactly the steps that depend on it', async () => {
    const same = '----';
    assert.equal((await plan(project)).verdicts, same);
    const tries: readonly (readonly [
      what: string,
      change: () => void,
      undo: () => void,
      verdicts: string,
      reason: RegExp,
    ])[] = [
      [
        'a byte of a script',
        () =>
          writeFileSync(
            join(project, 'setup.sh'),
            'echo set up | sudo tee /srv/setup; sudo touch /var/tmp/x$(uname -r)\n',
          ),
        () =>
          writeFileSync(
            join(project, 'setup.sh'),
            'echo set up | sudo tee /srv/setup; sudo touch /var/tmp/$(uname -r)\n',
          ),
        '--RR',
        /^setup\.sh changed$/,
      ],
      [
        'the mode of a file',
        () => chmodSync(join(project, 'tree', 'a'), 0o600),
        () => chmodSync(join(project, 'tree', 'a'), 0o644),
        'RRRR',
        /^tree\/? changed$/,
      ],
      [
        'an environment variable',
        () => edit({ env: 'blue' }),
        () => edit({}),
        '-RRR',
        /^environment changed$/,
      ],
      [
        'a member of a tree',
        () => writeFileSync(join(project, 'tree', 'b'), ''),
        () => rmSync(join(project, 'tree', 'b')),
        'RRRR',
        /^tree\/? changed$/,
      ],
      [
        'the size of the disk',
        () => edit({ builder: { disk_size: '6G' } }),
        () => edit({}),
        'RRRR',
        /the machine changed: size of the disk/,
      ],
      [
        'the number of processors',
        () => edit({ builder: { cpus: 2 } }),
        () => edit({}),
        'RRRR',
        /the machine changed: cpus/,
      ],
      [
        'the memory',
        () => edit({ builder: { memory: 512 } }),
        () => edit({}),
        'RRRR',
        /the machine changed: memory/,
      ],
      ['the last step', () => edit({ last: 'true' }), () => edit({}), '---R', /^script changed$/],
      [
        'where the result goes',
        () => edit({ builder: { output_directory: 'elsewhere' } }),
        () => edit({}),
        same,
        /^$/,
      ],
    ];
    for (const [what, change, undo, verdicts, reason] of tries) {
      change();
      const changed = await plan(project);
      undo();
      assert.equal(changed.verdicts, verdicts, what);
      assert.match(changed.reasons[0] ?? '', reason, what);
      assert.equal((await plan(project)).verdicts, same, `${what}, undone`);
    }
  });

  await t.test('a variable of the command line counts too', async () => {
    const { out } = await run(project, ['plan', 'template.json', '--var', 'greeting=bye']);
    assert.match(out, /3\. .*restored\n.*4\. .*runs: script changed/);
  });

  await t.test(
    'a restored machine has the right time, its own randomness, a network, and builds the same',
    async () => {
      const server = createServer((socket) => socket.end('from the host'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { readonly port: number };
      const look = [
        'echo now=$(date +%s.%N)',
        'echo random=$(head -c16 /dev/urandom | od -An -tx1 | tr -d " \\n")',
        `echo net=$(bash -c "cat </dev/tcp/10.0.2.2/${port}")`,
      ].join('; ');
      try {
        const seen: string[] = [];
        // The same state twice, at the same time.
        const copies = ['one', 'two'].map((name) => {
          const copy = makeProject(folder, name, base);
          writeFileSync(
            join(copy, 'template.json'),
            template(base, { last: `${look}; echo ${name} | sudo tee /srv/last` }),
          );
          return copy;
        });
        const results = await Promise.all(
          copies.map(async (copy) => {
            const result = await build(copy);
            return { result, ended: Date.now() };
          }),
        );
        for (const { result } of results) {
          assert.equal(result.code, 0, result.all);
          assert.deepEqual(
            result.steps,
            ['restored', 'restored', 'restored', 'succeeded'],
            result.stages.join('\n'),
          );
          assert.ok(result.output.includes('net=from the host'), result.output.join('\n'));
          seen.push(result.output.find((line) => line.startsWith('random='))!);
        }
        assert.notEqual(seen[0], seen[1]);
      } finally {
        server.close();
      }
    },
  );

  await t.test('the clock of a restored machine is right', async () => {
    edit({ last: 'date +now=%s.%N' });
    rmSync(join(project, 'out'), { recursive: true });
    const child = spawn(kiln, ['build', 'template.json', '--json'], {
      cwd: project,
      env: { ...process.env, KILN_HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const offsets: number[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const now = /"now=([\d.]+)"/.exec(text)?.[1];
      if (now) offsets.push(Date.now() / 1000 - Number(now));
    });
    await new Promise((resolve) => child.once('close', resolve));
    assert.equal(offsets.length, 1);
    t.diagnostic(`the clock is off by ${offsets[0]!.toFixed(3)} s, the way of the line included`);
    assert.ok(Math.abs(offsets[0]!) < 1, `${offsets[0]} s`);
    edit({});
  });

  // Each holds a machine in memory and works in its turn: more of them take minutes and find nothing else.
  const branches = process.env['KILN_SLOW_TESTS'] ? 10 : 5;
  await t.test(`${branches} builds branch from one state at once, and each is right`, async () => {
    const names = Array.from({ length: branches }, (_, at) => `branch-${at}`);
    const results = await Promise.all(
      names.map(async (name) => {
        const copy = makeProject(folder, name, base);
        const last = `cat /srv/color /srv/setup; echo ${name} | sudo tee /srv/last`;
        writeFileSync(join(copy, 'template.json'), template(base, { last }));
        return { name, result: await build(copy) };
      }),
    );
    for (const { name, result } of results) {
      assert.equal(result.code, 0, result.all);
      assert.deepEqual(result.steps, ['restored', 'restored', 'restored', 'succeeded'], name);
      assert.deepEqual(result.output, ['red', 'set up', name], name);
    }
  });

  await t.test('the result of a build from states equals that of a build without', async () => {
    edit({ last: 'echo the end | sudo tee /srv/last' });
    rmSync(join(project, 'out'), { recursive: true, force: true });
    const cached = await build(project);
    assert.deepEqual(cached.steps, ['restored', 'restored', 'restored', 'succeeded'], cached.all);
    const plain = makeProject(folder, 'plain', base);
    writeFileSync(join(plain, 'template.json'), readFileSync(file));
    const uncached = await build(plain, '--no-cache', '--checkpoint=none');
    assert.deepEqual(uncached.steps, ['succeeded', 'succeeded', 'succeeded', 'succeeded'], uncached.all);
    const trees = [project, plain].map((one) => {
      const scratch = join(one, 'tree-of-result');
      mkdirSync(scratch);
      return extractTree(join(one, 'out', 'web.qcow2'), scratch, 3);
    });
    assert.deepEqual(await compareTrees(trees[0]!, trees[1]!, unequalByNature), []);
  });

  await t.test(
    'after a failure the build goes on from the state before it, or in the failed machine',
    async () => {
      edit({ last: 'echo half | sudo tee /srv/half; false' });
      rmSync(join(project, 'out'), { recursive: true, force: true });
      const failed = await build(project, '--on-error=resume-later');
      assert.deepEqual(failed.steps, ['restored', 'restored', 'restored', 'failed'], failed.all);
      const shell = (at: string, command: string) =>
        run(project, ['build', 'template.json', '--shell-at', at], command);
      const looked = await shell('failed', 'cat /srv/half; exit 3\n');
      assert.deepEqual([looked.code, looked.out.trim().split('\n').at(-1)], [3, 'half'], looked.err);
      const before = await shell('3', 'ls /srv\n');
      assert.ok(!before.out.includes('half'), before.out);
      edit({ last: 'cat /srv/half' });
      const resumed = await build(project, '--resume');
      assert.deepEqual(resumed.steps, ['restored', 'restored', 'restored', 'succeeded'], resumed.all);
      assert.deepEqual(resumed.output, ['half']);
    },
  );

  await t.test('a damaged state is noticed, and built again', async () => {
    const list = await run(project, ['plan', 'template.json']);
    assert.match(list.out, /3\. .*restored/);
    edit({ last: 'cat /srv/setup' });
    rmSync(join(project, 'out'), { recursive: true, force: true });
    assert.ok(damageMemories(/^step 3 of 4/) > 0);
    const mended = await build(project);
    assert.equal(mended.code, 0, mended.all);
    // The state before it is whole.
    assert.deepEqual(mended.steps, ['restored', 'restored', 'succeeded', 'succeeded'], mended.all);
    assert.deepEqual(mended.output, ['set up', 'set up']);
  });
});
