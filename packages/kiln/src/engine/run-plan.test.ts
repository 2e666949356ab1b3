import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { processStartTime } from '../base/processes.ts';
import type { Plan } from '../plan/plan.ts';
import type { RunOptions } from './run-options.ts';
import { runPlan } from './run-plan.ts';
import { type Bench, fileBuild, filesUnder, makeBench, nullBuild, shellLocal } from './test-support.ts';

function start(bench: Bench, plan: Plan, options: Partial<RunOptions> = {}, services = bench.services) {
  return runPlan(plan, { emit: (event) => bench.events.push(event), ...options }, services);
}

/** What a run leaves under `$KILN_HOME` besides logs. */
async function leftovers(bench: Bench): Promise<string[]> {
  return (await filesUnder(bench.home)).filter((file) => !file.startsWith('logs/'));
}

test('a file build writes its file, runs its steps in order and leaves nothing else', async (t) => {
  const bench = await makeBench(t);
  const target = join(bench.folder, 'hello.txt');
  const build = fileBuild('hello', target, 'hello\n', {
    steps: [shellLocal('echo one >> order'), shellLocal('echo two >> order')],
  });
  const result = await start(bench, bench.plan([build]));
  assert.equal(result.outcome, 'succeeded');
  assert.equal(await readFile(target, 'utf8'), 'hello\n');
  assert.equal(await readFile(join(bench.folder, 'order'), 'utf8'), 'one\ntwo\n');
  const [only] = result.builds;
  assert.deepEqual(only?.artifacts[0]?.files, [target]);
  assert.deepEqual(
    only?.stages.map(({ stage, outcome }) => `${stage}: ${outcome}`),
    ['step 1 of 2: shell-local: succeeded', 'step 2 of 2: shell-local: succeeded'],
  );
  assert.deepEqual(await leftovers(bench), []);
});

test('a failing build does not stop the others, and results stand in the order of the plan', async (t) => {
  const bench = await makeBench(t);
  const builds = [
    nullBuild('slow', { steps: [shellLocal('sleep 0.2')] }),
    nullBuild('bad', { steps: [shellLocal('echo no >&2; exit 3')] }),
    nullBuild('good', { steps: [shellLocal('echo yes')] }),
  ];
  const result = await start(bench, bench.plan(builds));
  assert.equal(result.outcome, 'failed');
  assert.deepEqual(
    result.builds.map(({ name, outcome }) => `${name} ${outcome}`),
    ['slow succeeded', 'bad failed', 'good succeeded'],
  );
  assert.match(result.builds[1]?.errors[0]?.message ?? '', /exit code 3;/);
  assert.equal(result.builds[1]?.errors[0]?.code, 'step-failed');
});

test('with parallel 1 a build starts only after the one before it has ended', async (t) => {
  const bench = await makeBench(t);
  const builds = ['a', 'b', 'c'].map((name) => nullBuild(name, { steps: [shellLocal('sleep 0.05')] }));
  await start(bench, bench.plan(builds), { parallel: 1 });
  assert.deepEqual(
    bench.told.filter((line) => !line.startsWith('destroy')),
    ['start a', 'finish a', 'start b', 'finish b', 'start c', 'finish c'],
  );
});

test('without a limit builds run side by side', { timeout: 20_000 }, async (t) => {
  const bench = await makeBench(t);
  // Each waits for the other's mark: they can only end together.
  const builds = [
    nullBuild('a', { steps: [shellLocal('touch a; until test -e b; do sleep 0.02; done')] }),
    nullBuild('b', { steps: [shellLocal('touch b; until test -e a; do sleep 0.02; done')] }),
  ];
  assert.equal((await start(bench, bench.plan(builds))).outcome, 'succeeded');
});

test('a failed step is tried again as often as it may, and the last error says how often', async (t) => {
  const bench = await makeBench(t);
  const count = 'n=$(cat n 2>/dev/null || echo 0); n=$((n+1)); echo $n > n;';
  const good = nullBuild('good', { steps: [shellLocal(`${count} test $n -ge 3`, { maxRetries: 2 })] });
  assert.equal((await start(bench, bench.plan([good]))).outcome, 'succeeded');
  await writeFile(join(bench.folder, 'n'), '0');
  const bad = nullBuild('bad', { steps: [shellLocal(`${count} exit $((10 + n))`, { maxRetries: 2 })] });
  const result = await start(bench, bench.plan([bad]));
  assert.equal(await readFile(join(bench.folder, 'n'), 'utf8'), '3\n');
  assert.match(result.builds[0]?.errors[0]?.message ?? '', /exit code 13;.*\(after 3 attempts\)/);
});

test('a step that takes too long is stopped with everything it started, with a pause before it too', async (t) => {
  const bench = await makeBench(t);
  const step = shellLocal('echo $$ > pid; sleep 60 & sleep 60', { timeout: 300, pauseBefore: 10 });
  const result = await start(bench, bench.plan([nullBuild('late', { steps: [step] })]));
  assert.equal(result.builds[0]?.errors[0]?.code, 'step-timeout');
  const pid = Number(await readFile(join(bench.folder, 'pid'), 'utf8'));
  assert.equal(processStartTime(pid), undefined);
});

test('the clean-up step runs after a failed step, before the machine is given up', async (t) => {
  const bench = await makeBench(t);
  const target = join(bench.folder, 'file');
  const build = fileBuild('x', target, 'x', {
    steps: [shellLocal('exit 1'), shellLocal('touch never')],
    cleanupStep: shellLocal('cp file seen-by-cleanup'),
  });
  const result = await start(bench, bench.plan([build]));
  assert.equal(result.outcome, 'failed');
  assert.deepEqual(await filesUnder(bench.folder), ['seen-by-cleanup']);
  assert.deepEqual(bench.told, ['start x', 'abandon x keep=false']);
});

test('a clean-up step that fails too is reported after the first error', async (t) => {
  const bench = await makeBench(t);
  const build = nullBuild('x', { steps: [shellLocal('exit 4')], cleanupStep: shellLocal('exit 5') });
  const [first, second] = (await start(bench, bench.plan([build]))).builds[0]?.errors ?? [];
  assert.match(first?.message ?? '', /exit code 4;/);
  assert.match(second?.message ?? '', /exit code 5;/);
});

test('a build that succeeds does not run the clean-up step', async (t) => {
  const bench = await makeBench(t);
  await start(bench, bench.plan([nullBuild('x', { cleanupStep: shellLocal('touch cleaned') })]));
  assert.deepEqual(await filesUnder(bench.folder), []);
});

test('on-error abort leaves the machine and skips the clean-up step; run-cleanup-provisioner runs it', async (t) => {
  const bench = await makeBench(t);
  const build = (name: string) =>
    fileBuild(name, join(bench.folder, name), '', {
      steps: [shellLocal('exit 1')],
      cleanupStep: shellLocal(`touch cleaned-${name}`),
    });
  await start(bench, bench.plan([build('a')]), { onError: 'abort' });
  await start(bench, bench.plan([build('b')]), { onError: 'run-cleanup-provisioner' });
  assert.deepEqual(await filesUnder(bench.folder), ['a', 'b', 'cleaned-b']);
  assert.ok(bench.told.includes('abandon a keep=true') && bench.told.includes('abandon b keep=true'));
});

test('on-error ask: retry runs the failed step again, anything strange is asked again', async (t) => {
  const bench = await makeBench(t);
  const questions: string[] = [];
  const answers = ['what?', 'r', 'C'];
  const ask = async (question: string) => {
    questions.push(question);
    return answers.shift() ?? '';
  };
  const build = nullBuild('x', { steps: [shellLocal('echo try >> tries; exit 7')] });
  const result = await start(bench, bench.plan([build]), { onError: 'ask' }, { ...bench.services, ask });
  assert.equal(result.outcome, 'failed');
  assert.equal(await readFile(join(bench.folder, 'tries'), 'utf8'), 'try\ntry\n');
  assert.equal(questions.length, 3);
  assert.match(questions[0] ?? '', /\[c\].*\[a\].*\[r\]/);
});

test('debug asks before every step', async (t) => {
  const bench = await makeBench(t);
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return '';
  };
  const steps = [shellLocal('true'), shellLocal('true', { name: 'use s3cr3t' })];
  const build = nullBuild('x', { steps });
  await start(bench, bench.plan([build], ['s3cr3t']), { debug: true }, { ...bench.services, ask });
  assert.equal(questions.length, 2);
  assert.match(questions[1] ?? '', /step 2 of 2: use <sensitive>/);
});

test('secrets, and passwords that appear at run time, are in no event, error or log', async (t) => {
  const bench = await makeBench(t);
  const build = nullBuild('x', {
    steps: [
      shellLocal([
        'echo the secret is s3cr3t',
        { kind: 'template', source: 'echo {{ build `Password` }}; exit 1' },
      ]),
    ],
  });
  const result = await start(bench, bench.plan([build], ['s3cr3t']));
  const shown = JSON.stringify(bench.events) + (await readFile(result.builds[0]?.logFile ?? '', 'utf8'));
  assert.ok(!shown.includes('s3cr3t') && !shown.includes('run-time-password'));
  assert.ok(shown.includes('the secret is <sensitive>'));
});

test('the log of each build is a file that the first event names', async (t) => {
  const bench = await makeBench(t);
  const result = await start(bench, bench.plan([nullBuild('../a b', { steps: [shellLocal('echo hi')] })]));
  const [first] = bench.events;
  assert.equal(first?.kind, 'build-started');
  const logFile = first?.kind === 'build-started' ? first.logFile : undefined;
  assert.equal(logFile, result.builds[0]?.logFile);
  assert.ok(logFile?.startsWith(join(bench.home, 'logs')));
  const log = await readFile(logFile ?? '', 'utf8');
  assert.match(log, /> step 1 of 1: shell-local\n(?:.*\n)*.*\| hi\n.*< step 1 of 1: shell-local: succeeded/);
});

test('two builds into one file at once: the second one fails and names the process', async (t) => {
  const bench = await makeBench(t);
  const target = join(bench.folder, 'same');
  const steps = [shellLocal('until test -e go; do sleep 0.02; done')];
  const builds = [fileBuild('a', target, 'a', { steps }), fileBuild('b', target, 'b', { steps })];
  const result = await start(bench, bench.plan(builds), {
    emit: (event) => {
      if (event.kind === 'build-finished') writeFileSync(join(bench.folder, 'go'), '');
    },
  });
  const outcomes = result.builds.map((build) => build.outcome).sort();
  assert.deepEqual(outcomes, ['failed', 'succeeded']);
  const error = result.builds.find((build) => build.outcome === 'failed')?.errors[0];
  assert.equal(error?.code, 'locked');
  assert.match(error?.message ?? '', new RegExp(`${target}.*${process.pid}`));
  assert.match(await readFile(target, 'utf8'), /^[ab]$/);
});

test('a build that starts from another one waits for it, and is not tried when that one fails', async (t) => {
  const bench = await makeBench(t);
  const builds = [
    nullBuild('base', { steps: [shellLocal('sleep 0.2; touch made')] }),
    nullBuild('web', { after: ['base'], steps: [shellLocal('test -e made')] }),
    nullBuild('bad', { steps: [shellLocal('sleep 0.1; exit 1')] }),
    nullBuild('app', { after: ['bad'], steps: [shellLocal('touch never')] }),
    nullBuild('top', { after: ['app'] }),
    nullBuild('free', { after: ['not-asked-for'] }),
  ];
  const result = await start(bench, bench.plan(builds));
  assert.deepEqual(
    result.builds.map((build) => [build.name, build.outcome, build.errors[0]?.message]),
    [
      ['base', 'succeeded', undefined],
      ['web', 'succeeded', undefined],
      ['bad', 'failed', result.builds[2]?.errors[0]?.message],
      ['app', 'failed', '"app" starts from the image of "bad", which was not made'],
      ['top', 'failed', '"top" starts from the image of "app", which was not made'],
      ['free', 'succeeded', undefined],
    ],
  );
  assert.deepEqual(await filesUnder(bench.folder), ['made']);
});
