import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { sleep } from '../base/cancellation.ts';
import { exists } from '../base/files.ts';
import { processStartTime } from '../base/processes.ts';
import { runPlan } from './run-plan.ts';
import { filesUnder, makeBench, nullBuild, shellLocal } from './test-support.ts';

test('what a killed command leaves behind, the next one removes: processes, scratch files, locks', async (t) => {
  const bench = await makeBench(t);
  const script = 'sleep 1000 & echo $! > child; echo $$ > pid; wait';
  const program = `
    const { runPlan } = await import(${JSON.stringify(import.meta.resolve('./run-plan.ts'))});
    const support = await import(${JSON.stringify(import.meta.resolve('./test-support.ts'))});
    const [home, plan] = JSON.parse(process.argv[1]);
    await runPlan(plan, { emit: () => {} }, support.realServices(home));
  `;
  const build = nullBuild('x', { steps: [shellLocal(script)] });
  const input = JSON.stringify([bench.home, bench.plan([build])]);
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, input], { stdio: 'inherit' });
  t.after(() => child.kill('SIGKILL'));
  const pidFile = join(bench.folder, 'pid');
  while (!(await exists(pidFile)) || (await readFile(pidFile, 'utf8')) === '') {
    assert.equal(child.exitCode, null, 'the command runs');
    await sleep(20);
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  const pids = await Promise.all(
    ['pid', 'child'].map(async (file) => Number(await readFile(join(bench.folder, file), 'utf8'))),
  );
  assert.ok(
    pids.every((pid) => processStartTime(pid) !== undefined),
    'the script is an orphan now',
  );
  const result = await runPlan(bench.plan([]), { emit: () => {} }, bench.services);
  assert.equal(result.outcome, 'succeeded');
  for (const pid of pids) assert.equal(processStartTime(pid), undefined);
  const left = (await filesUnder(bench.home)).filter((file) => !file.startsWith('logs/'));
  assert.deepEqual(left, []);
});
