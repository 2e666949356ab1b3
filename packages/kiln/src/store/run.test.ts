import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { processStartTime } from '../base/processes.ts';
import { Run, reapDeadRuns } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'kiln-run-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const freshHome = () => join(folder, `home-${count++}`);
const runs = (home: string) => readdirSync(join(home, 'runs'));

/** Runs a script in a process of its own, waits for the line it prints when it is ready, and kills it. */
async function killWhenReady(script: string, ...args: string[]): Promise<string> {
  const prelude = `
    const { Run } = await import(${JSON.stringify(new URL('./run.ts', import.meta.url).href)});
    const { spawn } = await import('node:child_process');
    const [home, ...args] = process.argv.slice(1);
  `;
  const victim = spawn(process.execPath, ['--input-type=module', '-e', prelude + script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await firstLine(victim);
  victim.kill('SIGKILL');
  await new Promise((resolve) => victim.once('close', resolve));
  return line;
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line;
  throw new Error('the process printed nothing');
}

const keepRunning = 'setInterval(() => {}, 1000);';

test('a closed run leaves nothing, neither in its folder nor outside', async () => {
  const home = freshHome();
  const run = await Run.open(home);
  assert.equal(statSync(run.folder).mode & 0o777, 0o700);
  writeFileSync(join(run.folder, 'scratch'), '');
  const [doomed, kept] = [join(folder, 'doomed'), join(folder, 'kept')];
  for (const path of [doomed, kept]) {
    run.ownPath(path);
    writeFileSync(path, '');
  }
  run.disownPath(kept);
  const order: string[] = [];
  run.scope.defer('first', () => order.push('first'));
  run.scope.defer('second', () => order.push(existsSync(run.folder) ? 'second' : 'too late'));
  await run.close();
  await run.close();
  assert.deepEqual(order, ['second', 'first']);
  assert.ok(!existsSync(doomed) && existsSync(kept));
  assert.deepEqual(runs(home), []);
});

test('a living run is not reaped', async () => {
  const home = freshHome();
  const run = await Run.open(home);
  assert.deepEqual(await reapDeadRuns(home), []);
  assert.ok(existsSync(run.folder));
  await run.close();
});

test('a killed run is undone by the next command: processes with their children, files, folder', async () => {
  const home = freshHome();
  const path = join(folder, 'half-made');
  const line = await killWhenReady(
    `
      const run = await Run.open(home);
      run.ownPath(args[0]);
      (await import('node:fs')).writeFileSync(args[0], 'half');
      const child = spawn('sh', ['-c', 'sleep 1000 & echo $!; wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
      run.ownProcess(child.pid);
      child.stdout.once('data', (grandchild) => console.log([child.pid, String(grandchild).trim(), run.id].join(' ')));
      ${keepRunning}
    `,
    home,
    path,
  );
  const [child, grandchild, id] = line.split(' ');
  assert.ok(processStartTime(Number(child)) && processStartTime(Number(grandchild)));
  assert.deepEqual(await reapDeadRuns(home), [{ run: id }]);
  assert.equal(processStartTime(Number(child)), undefined);
  assert.equal(processStartTime(Number(grandchild)), undefined);
  assert.ok(!existsSync(path));
  assert.deepEqual(runs(home), []);
  assert.deepEqual(await reapDeadRuns(home), []);
});

test('a process that was started but not yet journalled is found: QEMU by its arguments, others by the environment', async () => {
  const home = freshHome();
  const line = await killWhenReady(
    `
      const run = await Run.open(home);
      const monitor = 'unix:' + run.folder + '/monitor,server=on,wait=off';
      const qemu = spawn('qemu-system-x86_64', ['-machine', 'none', '-display', 'none', '-nodefaults', '-monitor', monitor], { detached: true, stdio: 'ignore' });
      const script = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore', env: { ...process.env, ...run.environment } });
      const { existsSync } = await import('node:fs');
      while (!existsSync(run.folder + '/monitor')) await new Promise((resolve) => setTimeout(resolve, 10));
      console.log(qemu.pid + ' ' + script.pid);
      ${keepRunning}
    `,
    home,
  );
  const pids = line.split(' ').map(Number);
  for (const pid of pids) assert.ok(processStartTime(pid), 'it has outlived its owner');
  await reapDeadRuns(home);
  for (const pid of pids) assert.equal(processStartTime(pid), undefined);
});

test('a pid that now belongs to another process is left alone', async () => {
  const home = freshHome();
  const bystander = spawn('sleep', ['1000'], { stdio: 'ignore' });
  try {
    const run = await Run.open(home);
    writeFileSync(
      join(run.folder, 'journal'),
      `${JSON.stringify({ kind: 'process', pid: bystander.pid, started: '1' })}\n`,
    );
    await run.close();
    assert.ok(processStartTime(bystander.pid!));
  } finally {
    bystander.kill('SIGKILL');
  }
});

test('a journal that was cut off or damaged does not hide its other entries', async () => {
  const home = freshHome();
  const run = await Run.open(home);
  const [before, behind, cut] = ['before', 'behind', 'cut'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [before, behind, cut]) writeFileSync(path, '');
  const entry = (path: string) => JSON.stringify({ kind: 'path', path });
  writeFileSync(
    join(run.folder, 'journal'),
    `${entry(before)}\n{"kind":"pa\n${entry(behind)}\n${entry(cut)}`,
  );
  await run.close();
  assert.ok(!existsSync(before) && !existsSync(behind));
  assert.ok(existsSync(cut), 'what it stands for was not done before the whole line was written');
});

test('a run folder without an owner is left alone while it is young, and removed when it is old', async () => {
  const home = freshHome();
  const unowned = join(home, 'runs', 'deadbeef');
  mkdirSync(unowned, { recursive: true });
  writeFileSync(join(unowned, 'owner.json'), '{"pid":');
  assert.deepEqual(await reapDeadRuns(home), []);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(unowned, longAgo, longAgo);
  assert.deepEqual(await reapDeadRuns(home), [{ run: 'deadbeef' }]);
  assert.deepEqual(runs(home), []);
});

test('a run that was killed while it was opened, closed or reaped is finished at once', async () => {
  const home = freshHome();
  const run = await Run.open(home);
  const dead = JSON.parse(
    await killWhenReady(
      `
    console.log(JSON.stringify(JSON.parse((await import('node:fs')).readFileSync((await Run.open(home)).folder + '/owner.json', 'utf8'))));
    ${keepRunning}
  `,
      freshHome(),
    ),
  ) as { pid: number; started: string };
  const path = join(folder, 'still-there');
  writeFileSync(path, '');
  for (const way of ['new', 'old']) {
    const passing = join(home, 'runs', `.${way}-${dead.pid}-${dead.started}-0000000${way.length}`);
    mkdirSync(passing);
    writeFileSync(join(passing, 'journal'), `${JSON.stringify({ kind: 'path', path })}\n`);
  }
  assert.equal((await reapDeadRuns(home)).length, 2);
  assert.deepEqual(runs(home), [run.id]);
  assert.ok(!existsSync(path));
  await run.close();
});

test('several commands that reap at once do it once', async () => {
  const home = freshHome();
  const id = await killWhenReady(`console.log((await Run.open(home)).id); ${keepRunning}`, home);
  const all = await Promise.all(Array.from({ length: 8 }, () => reapDeadRuns(home)));
  assert.deepEqual(all.flat(), [{ run: id }]);
});

test('half-written files, locks and pins of killed commands are swept up, those of living ones are not', async () => {
  const home = freshHome();
  const { pid } = JSON.parse(
    await killWhenReady(
      `
    const run = await Run.open(home);
    console.log((await import('node:fs')).readFileSync(run.folder + '/owner.json', 'utf8'));
    ${keepRunning}
  `,
      home,
    ),
  ) as { pid: number };
  const at = (...names: string[]) => join(home, ...names);
  for (const name of ['tags/web', 'machines/abcd', 'checkpoints/records', 'checkpoints/bases'])
    mkdirSync(at(name), { recursive: true });
  const dead = [
    at('tags', 'web', `latest.${pid}.0123abcd.tmp`),
    at('images', `x.json.${pid}.0123abcd.tmp`),
    at('machines', 'abcd', `machine.json.${pid}.0123abcd.tmp`),
    at('checkpoints', `secret-key.${pid}.0123abcd.tmp`),
    at('checkpoints', 'records', `x.json.${pid}.0123abcd.tmp`),
  ];
  const deadLink = at('checkpoints', 'bases', `x.${pid}.0123abcd.tmp`);
  const living = [
    at('tags', 'web', `latest.${process.pid}.0123abcd.tmp`),
    at('tags', 'web', `v1.${pid}.0123abcd`),
    at('checkpoints', 'records', `x.json.${process.pid}.0123abcd.tmp`),
  ];
  for (const path of [...dead, ...living]) writeFileSync(path, '');
  symlinkSync(at('nowhere'), deadLink);
  const lock = at('locks', 'download-x');
  symlinkSync(`${pid} 1 ab`, lock);
  const own = at('locks', 'download-y');
  symlinkSync(`${process.pid} ${processStartTime(process.pid)} ab`, own);
  const pin = at('pins', `process-${pid}-1.json`);
  const owner = { kind: 'process', id: `${pid}-1` };
  const empty = { images: [], layers: [], downloads: [] };
  writeFileSync(pin, JSON.stringify({ schema: 1, owner, process: { pid, started: '1' }, ...empty }));
  await reapDeadRuns(home);
  for (const path of [...dead, pin]) assert.ok(!existsSync(path), path);
  assert.deepEqual(readdirSync(at('checkpoints', 'bases')), []);
  for (const path of living) assert.ok(existsSync(path), path);
  assert.deepEqual(
    readdirSync(at('locks')).filter((name) => name.startsWith('download')),
    ['download-y'],
  );
});
