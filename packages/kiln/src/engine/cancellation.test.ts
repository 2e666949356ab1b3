import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { sleep } from '../base/cancellation.ts';
import { exists } from '../base/files.ts';
import { processStartTime } from '../base/processes.ts';
import type { Build } from '../plan/plan.ts';
import type { EngineServices } from './engine-services.ts';
import type { PlanResult } from './plan-result.ts';
import type { RunOptions } from './run-options.ts';
import { runPlan } from './run-plan.ts';
import { type Bench, fileBuild, filesUnder, makeBench, nullBuild, shellLocal } from './test-support.ts';

/** Writes its process id, then takes forever. */
const forever = 'echo $$ > pid; sleep 1000 & sleep 1000';

interface Cancelled {
  readonly result: PlanResult;
  readonly bench: Bench;
}

/** Starts builds, waits for `until`, interrupts, and looks at what is left. */
async function interrupt(
  bench: Bench,
  builds: readonly Build[],
  until: () => Promise<void>,
  more: { readonly options?: Partial<RunOptions>; readonly services?: Partial<EngineServices> } = {},
): Promise<Cancelled> {
  const controller = new AbortController();
  const running = runPlan(
    bench.plan(builds),
    { emit: (event) => bench.events.push(event), signal: controller.signal, ...more.options },
    { ...bench.services, ...more.services },
  );
  await until();
  controller.abort();
  const result = await running;
  const left = (await filesUnder(bench.home)).filter((file) => !file.startsWith('logs/'));
  assert.deepEqual(left, [], 'nothing stays under $KILN_HOME but logs');
  return { result, bench };
}

async function fileAppears(path: string): Promise<void> {
  while (!(await exists(path)) || (await readFile(path, 'utf8')) === '') await sleep(10);
}

async function processIsGone(bench: Bench): Promise<void> {
  const pid = Number(await readFile(join(bench.folder, 'pid'), 'utf8'));
  assert.equal(processStartTime(pid), undefined);
}

test('an interrupt while a step runs ends its processes, gives up the machine and removes its file', async (t) => {
  const bench = await makeBench(t);
  const target = join(bench.folder, 'result');
  const build = fileBuild('x', target, 'x', {
    steps: [shellLocal(forever, { maxRetries: 5 })],
    cleanupStep: shellLocal('touch cleaned'),
  });
  const { result } = await interrupt(bench, [build], () => fileAppears(join(bench.folder, 'pid')));
  assert.equal(result.outcome, 'cancelled');
  assert.deepEqual(result.builds[0]?.errors, []);
  await processIsGone(bench);
  assert.deepEqual(bench.told, ['start x', 'abandon x keep=false']);
  assert.deepEqual(
    await filesUnder(bench.folder),
    ['pid'],
    'as with Packer, the clean-up step is for failures only',
  );
});

test('an interrupt ends the pause before a step', async (t) => {
  const bench = await makeBench(t);
  const build = nullBuild('x', { steps: [shellLocal('touch ran', { pauseBefore: 1_000_000 })] });
  const stepStarted = async () => {
    while (!bench.events.some((event) => event.kind === 'message' && /pausing/.test(event.text)))
      await sleep(5);
  };
  const { result } = await interrupt(bench, [build], stepStarted);
  assert.equal(result.outcome, 'cancelled');
  assert.deepEqual(await filesUnder(bench.folder), []);
});

test('an interrupt while a machine starts is passed on, and builds that wait their turn never start', async (t) => {
  const bench = await makeBench(t);
  let starting = 0;
  const host: EngineServices['host'] = {
    check: async () => [],
    start: async (_source, context) => {
      starting++;
      await sleep(1_000_000, context.signal);
      throw new Error('not reached');
    },
  };
  const { result } = await interrupt(
    bench,
    [nullBuild('a'), nullBuild('b')],
    async () => {
      while (starting === 0) await sleep(5);
    },
    { options: { parallel: 1 }, services: { host } },
  );
  assert.deepEqual(
    result.builds.map(({ name, outcome }) => `${name} ${outcome}`),
    ['a cancelled', 'b cancelled'],
  );
  assert.equal(starting, 1);
});

test('a machine that starts although it was told to stop is given up when it comes', async (t) => {
  const bench = await makeBench(t);
  const { promise: abandoned, resolve } = Promise.withResolvers<void>();
  let begun = false;
  const host: EngineServices['host'] = {
    check: async () => [],
    start: async (source, context) => {
      const machine = await bench.services.host.start(source, context);
      begun = true;
      await once(context.signal, 'abort');
      await sleep(50);
      return {
        ...machine,
        abandon: async (options) => {
          await machine.abandon(options);
          resolve();
        },
      };
    },
  };
  const { result } = await interrupt(
    bench,
    [nullBuild('late')],
    async () => {
      while (!begun) await sleep(5);
    },
    { options: { graces: { machine: 1 } }, services: { host } },
  );
  assert.equal(result.outcome, 'cancelled');
  await abandoned;
});

test('an interrupt while a person is asked ends the question and the build', async (t) => {
  const bench = await makeBench(t);
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const ask = () => {
    resolve();
    return new Promise<string>(() => {});
  };
  const build = nullBuild('x', { steps: [shellLocal('exit 1')] });
  const more = { options: { onError: 'ask' as const }, services: { ask } };
  const { result } = await interrupt(bench, [build], () => asked, more);
  assert.equal(result.outcome, 'cancelled');
  assert.deepEqual(bench.told, ['start x', 'abandon x keep=false']);
});

test('an interrupt while an output is made leaves neither it, nor earlier ones, nor the artifact', async (t) => {
  const bench = await makeBench(t);
  const big = join(bench.folder, 'big');
  await writeFile(big, randomBytes(24 << 20));
  const target = join(bench.folder, 'result');
  const build = fileBuild('x', target, 'x', {
    outputs: [
      [{ kind: 'checksum', types: ['md5'], output: 'sum' }],
      [
        { kind: 'artifice', files: ['big'] },
        { kind: 'compress', output: 'out/big.zst', format: 'zst', level: 19 },
      ],
    ],
  });
  const workshopAppears = async () => {
    while (!(await filesUnder(bench.folder)).some((file) => file.startsWith('out/.kiln-'))) await sleep(5);
  };
  const { result } = await interrupt(bench, [build], workshopAppears);
  assert.equal(result.outcome, 'cancelled');
  assert.deepEqual(await filesUnder(bench.folder), ['big'], 'what artifice named was there before and stays');
  assert.equal(await exists(join(bench.folder, 'out')), false);
});

test('a second interrupt does not wait for work that will not stop', { timeout: 20_000 }, async (t) => {
  const bench = await makeBench(t);
  const { promise: running, resolve } = Promise.withResolvers<void>();
  const runStep: EngineServices['runStep'] = () => {
    resolve();
    return new Promise(() => {});
  };
  const force = new AbortController();
  const options = { forceSignal: force.signal, graces: { work: 1_000_000 } };
  const stubborn = nullBuild('x', { steps: [shellLocal('true')] });
  const hurry = async () => {
    await running;
    setTimeout(() => force.abort(), 20);
  };
  const { result } = await interrupt(bench, [stubborn], hurry, { options, services: { runStep } });
  assert.equal(result.outcome, 'cancelled');
  assert.deepEqual(bench.told, ['start x', 'abandon x keep=false']);
});

test('a first interrupt lets a clean-up step that has begun come to its end; a second one ends it', async (t) => {
  const bench = await makeBench(t);
  const gentle = nullBuild('x', {
    steps: [shellLocal('exit 1')],
    cleanupStep: shellLocal('echo 1 > begun; until test -e go; do sleep 0.02; done; touch cleaned'),
  });
  const begun = () => fileAppears(join(bench.folder, 'begun'));
  const { result } = await interrupt(bench, [gentle], async () => {
    await begun();
    setTimeout(() => void writeFile(join(bench.folder, 'go'), ''), 50);
  });
  assert.equal(result.outcome, 'failed', 'it had failed before it was interrupted');
  assert.ok(await exists(join(bench.folder, 'cleaned')));

  const second = await makeBench(t);
  const force = new AbortController();
  const endless = nullBuild('y', { steps: [shellLocal('exit 1')], cleanupStep: shellLocal(forever) });
  await interrupt(
    second,
    [endless],
    async () => {
      await fileAppears(join(second.folder, 'pid'));
      force.abort();
    },
    { options: { forceSignal: force.signal } },
  );
  await processIsGone(second);
});

test('an interrupt before anything has begun starts nothing', async (t) => {
  const bench = await makeBench(t);
  const result = await runPlan(
    bench.plan([nullBuild('x')]),
    { emit: () => {}, signal: AbortSignal.abort() },
    bench.services,
  );
  assert.equal(result.outcome, 'cancelled');
  assert.deepEqual(bench.told, []);
});
