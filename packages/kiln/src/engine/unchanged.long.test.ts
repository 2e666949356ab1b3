import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runOrFail } from '../base/processes.ts';
import type { Output } from '../plan/output.ts';
import type { Build } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { openStore, type Store } from '../store/store.ts';
import type { BuildResult } from './plan-result.ts';
import type { RunOptions } from './run-options.ts';
import { runPlan } from './run-plan.ts';
import { diskHost, filesUnder, imageBuild, makeBench, shellLocal, shellStep } from './test-support.ts';

interface Workshop {
  readonly store: Store;
  readonly folder: string;
  readonly home: string;
  /** A build with one script, `script.sh`, on the image `base`. */
  image(outputs?: Build['outputs'], steps?: readonly Step[]): Build;
  run(build: Build, options?: Partial<RunOptions>): Promise<BuildResult>;
}

const script = shellStep('script.sh');

async function makeWorkshop(t: TestContext): Promise<Workshop> {
  const bench = await makeBench(t);
  const { folder, home } = bench;
  const store = openStore(home);
  const disk = join(folder, 'base.qcow2');
  await runOrFail('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '2M']);
  const layer = await store.addLayer({ diskPath: disk, move: true });
  await store.putImage(
    {
      schema: 1,
      id: layer.digest,
      layers: layer.layers,
      virtualSize: layer.virtualSize,
      createdAt: new Date().toISOString(),
      seeded: false,
      firmware: [],
      provenance: { kilnVersion: '0', made: 'test' },
    },
    ['base'],
  );
  await writeFile(join(folder, 'script.sh'), 'echo hi\n');
  await writeFile(join(folder, 'template.json'), '{}');
  // The machine is only a disk: what its scripts would do is not at question here.
  const services = { ...bench.services, host: diskHost(bench.told), runStep: async () => {} };
  return {
    store,
    folder,
    home,
    image: (outputs = [[{ kind: 'store', references: ['web'] }]], steps = [script]) =>
      imageBuild('web', { kind: 'store', reference: 'base' }, { outputs, steps }),
    run: async (build, options = {}) => {
      const result = await runPlan(bench.plan([build], ['s3cret']), { emit: () => {}, ...options }, services);
      return result.builds[0]!;
    },
  };
}

test('a build whose image is in the store already makes no machine and tags the image again', async (t) => {
  const { run, image, store, home } = await makeWorkshop(t);
  const first = await run(image());
  assert.equal(first.outcome, 'succeeded', first.errors.join());
  const { id, provenance, layers } = await store.getImage('web');
  assert.equal(layers.length, 2, 'a layer on the base');
  assert.match(provenance.key ?? '', /^[0-9a-f]{64}$/);
  assert.equal(provenance.base, layers[1]);
  assert.equal(provenance.template?.file, 'template.json');
  assert.deepEqual(
    provenance.inputs?.map((input) => input.what.split('/').at(-1)),
    ['script.sh'],
  );
  assert.deepEqual(
    provenance.steps?.map((step) => step.step),
    ['step 1 of 1: shell'],
  );

  await store.untag('web');
  const again = await run(image());
  assert.equal(again.outcome, 'unchanged');
  assert.deepEqual(again.stages, []);
  assert.equal((await store.getImage('web')).id, id);
  const left = (await filesUnder(home)).filter((file) => /^(runs|pins\/run|locks)/.test(file));
  assert.deepEqual(
    left.filter((file) => file.startsWith('runs') || file.startsWith('pins')),
    [],
  );
});

test('a changed script, another base, or force makes it be built again', async (t) => {
  const { run, image, folder, store } = await makeWorkshop(t);
  const outcome = async (options: Partial<RunOptions> = {}) => (await run(image(), options)).outcome;
  assert.equal(await outcome(), 'succeeded');
  await writeFile(join(folder, 'script.sh'), 'echo ho\n');
  assert.equal(await outcome(), 'succeeded');
  await store.tag('web', 'base');
  assert.equal(await outcome(), 'succeeded');
  assert.equal(await outcome({ force: true }), 'succeeded');
});

test('whoever wants steps to be run gets them run, although nothing has changed', async (t) => {
  const { run, image } = await makeWorkshop(t);
  await run(image());
  const outcome = async (checkpoints: RunOptions['checkpoints']) =>
    (await run(image(), { ...(checkpoints && { checkpoints }) })).outcome;
  assert.equal(await outcome({ mode: 'memory', use: false }), 'succeeded');
  assert.equal(await outcome({ mode: 'memory', use: true, refreshFrom: '1' }), 'succeeded');
  assert.equal(await outcome({ mode: 'none', use: true }), 'unchanged');
});

test('a local script that is declared to have no effects outside does not keep a build from being unchanged', async (t) => {
  const { run, image } = await makeWorkshop(t);
  const build = image(undefined, [shellLocal('true', { cache: {} }), script]);
  assert.equal((await run(build)).outcome, 'succeeded');
  assert.equal((await run(build)).outcome, 'unchanged');
});

test('a disk file that is missing is made from the image, without a machine', async (t) => {
  const { run, image, folder, store } = await makeWorkshop(t);
  const outputs: readonly (readonly Output[])[] = [
    [{ kind: 'store', references: ['web'] }],
    [{ kind: 'disk', format: 'raw', path: 'web.raw', compress: false }],
  ];
  await run(image(outputs));
  const path = join(folder, 'web.raw');
  const compare = async () =>
    runOrFail('qemu-img', [
      'compare',
      '-f',
      'raw',
      '-F',
      'qcow2',
      path,
      store.diskPath(await store.getImage('web')),
    ]);
  await compare();
  await rm(path);
  const again = await run(image(outputs));
  assert.equal(again.outcome, 'unchanged');
  assert.deepEqual(
    again.artifacts.flatMap((artifact) => artifact.files),
    ['web.raw'],
  );
  await compare();
});

test('builds that do or see more than an image are never unchanged', async (t) => {
  const { run, image } = await makeWorkshop(t);
  const store: Output = { kind: 'store', references: ['web'] };
  const environment = [['WHEN', { kind: 'template', source: '{{ timestamp }}' }]] as const;
  const builds = [
    image(undefined, [shellLocal('true')]),
    image([[store], [{ kind: 'checksum', types: ['md5'], output: 'sum' }]]),
    image(undefined, [{ ...script, environment }]),
    image(undefined, [{ ...script, cache: false }]),
    image(undefined, [{ ...script, cache: { maxAge: 3_600_000 } }]),
  ];
  for (const build of builds) {
    for (let times = 0; times < 2; times++) {
      const { outcome, errors } = await run(build);
      assert.equal(outcome, 'succeeded', errors.join());
    }
  }
});

test('secrets count for nothing in the key and are not in the record', async (t) => {
  const { run, image, store } = await makeWorkshop(t);
  const secret = image(undefined, [{ ...script, environment: [['TOKEN', 's3cret']] }]);
  await run(secret);
  assert.ok(!JSON.stringify(await store.getImage('web')).includes('s3cret'));
});

test('a script that is missing fails the build before a machine is made', async (t) => {
  const { run, image, folder } = await makeWorkshop(t);
  await rm(join(folder, 'script.sh'));
  const { outcome, errors } = await run(image());
  assert.equal(outcome, 'failed');
  assert.equal(errors[0]?.code, 'file-missing');
  assert.match(errors[0]?.message ?? '', /script\.sh/);
});
