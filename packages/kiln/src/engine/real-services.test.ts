import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checksumOutputDefault } from '../outputs/checksum.ts';
import { buildWithPacker } from '../outputs/test-support.ts';
import type { Build, Plan } from '../plan/plan.ts';
import { checkPlan } from './check-plan.ts';
import { runPlan } from './run-plan.ts';
import { fileBuild, filesUnder, nullBuild, realServices, shellLocal } from './test-support.ts';

function planOf(folder: string, builds: readonly Build[]): Plan {
  const origin = { file: join(folder, 't.json'), folder, dialect: 'packer' };
  return { kind: 'plan', origin, builds, machines: [], secrets: [] };
}

test('real null and file builds leave the same files as the same template in Packer', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'kiln-real-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const [ours, theirs] = [join(root, 'ours'), join(root, 'theirs')];
  for (const folder of [ours, theirs]) await mkdir(join(folder, 'out'), { recursive: true });

  const write = 'echo "$PACKER_BUILD_NAME $PACKER_BUILDER_TYPE" > "$PACKER_BUILD_NAME-$WHEN"';
  const steps = [shellLocal([write], { environment: [['WHEN', 'step']] })];
  const {
    pauseBefore: _p,
    timeout: _t,
    maxRetries: _r,
    ...local
  } = shellLocal([write], { environment: [['WHEN', 'end']] });
  const outputs: Build['outputs'] = [
    [
      { kind: 'checksum', types: ['sha256'], output: { kind: 'template', source: checksumOutputDefault } },
      { kind: 'manifest', output: 'manifest.json', stripPath: false, stripTime: true, customData: {} },
    ],
    [local],
  ];
  const builds = [
    fileBuild('one', join(ours, 'out/one.txt'), 'hello\n', { steps, outputs }),
    nullBuild('n', { steps, outputs }),
  ];
  const services = realServices(join(root, 'home'));
  const result = await runPlan(planOf(ours, builds), { emit: () => {}, parallel: 1 }, services);
  assert.equal(result.outcome, 'succeeded', result.builds.flatMap((build) => build.errors).join());
  const files = [
    'manifest.json',
    'n-end',
    'n-step',
    'one-end',
    'one-step',
    'out/one.txt',
    'packer_one_file_sha256.checksum',
  ];
  assert.deepEqual(await filesUnder(ours), files);
  assert.deepEqual(
    (await filesUnder(join(root, 'home'))).filter((file) => !file.startsWith('logs/')),
    [],
  );

  const script = (when: string) => ({
    type: 'shell-local',
    inline: [write],
    environment_vars: [`WHEN=${when}`],
  });
  await writeFile(
    join(theirs, 't.json'),
    JSON.stringify({
      builders: [
        { type: 'file', name: 'one', content: 'hello\n', target: 'out/one.txt' },
        { type: 'null', name: 'n', communicator: 'none' },
      ],
      provisioners: [script('step')],
      'post-processors': [
        [
          { type: 'checksum', checksum_types: ['sha256'] },
          { type: 'manifest', output: 'manifest.json', strip_time: true },
        ],
        script('end'),
      ],
    }),
  );
  if ((await buildWithPacker(theirs, 't.json')) === undefined) return;
  await rm(join(theirs, 't.json'));
  assert.deepEqual(await filesUnder(theirs), files);
  for (const file of files) {
    const [a, b] = await Promise.all([ours, theirs].map((folder) => readFile(join(folder, file), 'utf8')));
    assert.equal(comparable(file, a!), comparable(file, b!), file);
  }
});

/** A manifest without ids, its builds in the order of their names: Packer's builds race each other for theirs. */
function comparable(file: string, text: string): string {
  if (file !== 'manifest.json') return text;
  const manifest = JSON.parse(text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UUID')) as {
    builds: { name: string }[];
  };
  return JSON.stringify({
    ...manifest,
    builds: manifest.builds.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  });
}

test('a check finds the mistakes of all builds at once, before anything is made', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'kiln-check-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const copy = {
    kind: 'file',
    target: join(root, 'x'),
    from: { kind: 'copy', path: join(root, 'gone') },
  } as const;
  const scripts = shellLocal([], { script: { kind: 'files', paths: ['a.sh', 'there.sh', 'b.sh'] } });
  await writeFile(join(root, 'there.sh'), '');
  const plan = planOf(root, [
    fileBuild('copy', join(root, 'x'), '', { source: copy }),
    nullBuild('scripts', { steps: [scripts] }),
    nullBuild('fine'),
  ]);
  const services = realServices(join(root, 'home'));
  const problems = await checkPlan(plan, services);
  assert.deepEqual(
    problems.map(({ build, message }) => `${build}: ${/gone|a\.sh|b\.sh/.exec(message)?.[0]}`),
    ['copy: gone', 'scripts: a.sh', 'scripts: b.sh'],
  );
  assert.deepEqual(await filesUnder(root), ['there.sh']);
});
